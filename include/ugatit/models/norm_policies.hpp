// Which norms a generator has, as types that it is made with.
//
//   EncoderNorm   after every convolution of the encoder: Map → Map
//   AdaptiveNorm  in the decoder's residual blocks: (features, style) → features
//   AfterUpConv   after the convolutions of the decoder's enlargements: Map → Map
#pragma once

#include <ugatit/nn/nn.hpp>

namespace ugatit {

/// As published: instance norm in the encoder, AdaLIN and ILN in the decoder.
struct PublishedNorms {
  using EncoderNorm = InstanceNorm;     ///< without parameters
  using AdaptiveNorm = AdaLIN;          ///< takes γ and β from the style
  using AfterUpConv = Then<ILN, Relu>;  ///< with γ and β of its own
};

/// The paper's ablation (its analysis of AdaLIN): one norm in all of the decoder, which does not ask the style. The
/// style network stays, and nothing is learned there.
template <class Norm>
struct DecoderNorm : PublishedNorms {
  using AdaptiveNorm = Then<First, Norm>;  ///< of the features alone
  using AfterUpConv = Then<Norm, Relu>;    ///< the same norm
};

}  // namespace ugatit
