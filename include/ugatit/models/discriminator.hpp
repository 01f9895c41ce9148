// The discriminator (figure 1 of the paper): image → (patch logits, (CAM logits, heat map)).
//
// `Layers` counts as the published code does: Layers − 2 convolutions of stride 2, one of stride 1, and the last one to
// a single channel. The global discriminator has 7 and sees the whole face, the local one has 5.
#pragma once

#include <ugatit/nn/nn.hpp>

#include <string>
#include <vector>

namespace ugatit {

/// Spectrally normalised 4×4 convolution with bias and a reflected border, leaky ReLU of slope 0.2.
template <Index C, Index S>
using JudgeBlock = Sequential<SpectralNorm<PadConv<C, 4, S, Bias::yes>>, LeakyRelu<20>>;

namespace halving {

// `Halvings` blocks of stride 2, each with twice the channels of the one before.
template <Index C, Index Halvings>
struct Halve {
  using type = Then<JudgeBlock<C, 2>, typename Halve<2 * C, Halvings - 1>::type>;
};

template <Index C>
struct Halve<C, 1> {
  using type = JudgeBlock<C, 2>;
};

}  // namespace halving

/// Map<3> [N, 3, S, S] → Both<Map<1>, Attention>: patch logits, CAM logits [N, 2], heat map.
template <Index Ch = 64, Index Layers = 7>
struct Discriminator : Sequential<typename halving::Halve<Ch, Layers - 2>::type, JudgeBlock<(Ch << (Layers - 2)), 1>,
                                  Cam<SpectralNorm<Linear<1>>, LeakyRelu<20>>, OnFirst<SpectralNorm<PadConv<1, 4>>>> {
  static_assert(Layers >= 3, "a discriminator has at least 3 layers");
  static constexpr Index out_channels = 1;  ///< patch logits

  /// Any size that the convolutions accept will do; they say so themselves.
  static void check(const Extent&) {}

  /// The parameters' names in the published checkpoints, in the order in which `each` visits them.
  static std::vector<std::string> names() {
    std::vector<std::string> names;
    for (Index layer = 0; layer < Layers - 1; ++layer) {
      const std::string prefix = "model." + std::to_string(1 + 3 * layer) + ".";
      names.insert(names.end(), {prefix + "weight_orig", prefix + "bias", prefix + "weight_u", prefix + "weight_v"});
    }
    for (const std::string classifier : {"gap_fc", "gmp_fc"}) {
      names.insert(names.end(), {classifier + ".weight_orig", classifier + ".weight_u", classifier + ".weight_v"});
    }
    names.insert(names.end(), {"conv1x1.weight", "conv1x1.bias", "conv.weight_orig", "conv.weight_u", "conv.weight_v"});
    return names;
  }
};

}  // namespace ugatit
