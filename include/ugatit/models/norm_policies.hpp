// Generators with other norms than the published ones (models/presets.hpp says what a policy has).
#pragma once

#include <ugatit/models/presets.hpp>

namespace ugatit {

/// The paper's ablation (its analysis of AdaLIN): one norm in all of the decoder, which does not ask the style. The
/// style network stays, and nothing is learned there.
template <class Norm>
struct DecoderNorm : preset::pytorch {
  using AdaptiveNorm = Then<First, Norm>;  ///< of the features alone
  using AfterUpConv = Then<Norm, Relu>;    ///< the same norm
};

}  // namespace ugatit
