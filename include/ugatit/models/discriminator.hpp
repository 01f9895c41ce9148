// The discriminator (figure 1 of the paper): image → (patch logits, (CAM logits, heat map)).
//
// `Layers` counts as the published code does: Layers − 2 convolutions of stride 2, one of stride 1, and the last one to
// a single channel. The global discriminator has 7 and sees the whole face, the local one has 5.
#pragma once

#include <ugatit/models/parameter_names.hpp>
#include <ugatit/models/presets.hpp>

#include <string>
#include <vector>

namespace ugatit {

/// Spectrally normalised 4×4 convolution with a reflected border.
template <Index C, Index S, Bias B, class P = preset::pytorch>
using JudgeConv = SpectralNorm<typename P::template JudgeConv<C, S, B>, P::power_iteration>;

/// The same with bias, and leaky ReLU of slope 0.2.
template <Index C, Index S, class P = preset::pytorch>
using JudgeBlock = Sequential<JudgeConv<C, S, Bias::yes, P>, LeakyRelu<20>>;

namespace halving {

// `Halvings` blocks of stride 2, each with twice the channels of the one before.
template <Index C, Index Halvings, class P>
struct Halve {
  using type = Then<JudgeBlock<C, 2, P>, typename Halve<2 * C, Halvings - 1, P>::type>;
};

template <Index C, class P>
struct Halve<C, 1, P> {
  using type = JudgeBlock<C, 2, P>;
};

}  // namespace halving

/// Image → (patch logits, attention).
template <Index Ch, Index Layers, class P>
using DiscriminatorLayers =
    Sequential<typename halving::Halve<Ch, Layers - 2, P>::type, JudgeBlock<(Ch << (Layers - 2)), 1, P>,
               Cam<typename P::JudgeCam, LeakyRelu<20>>, OnFirst<JudgeConv<1, 1, P::bias, P>>>;

/// Map<3> [N, 3, S, S] → Both<Map<1>, Attention>: patch logits, CAM logits [N, 2], heat map.
template <Index Ch = 64, Index Layers = 7, class P = preset::pytorch>
struct Discriminator : Starting<typename P::StartingValues, DiscriminatorLayers<Ch, Layers, P>> {
  static_assert(Layers >= 3, "a discriminator has at least 3 layers");
  static constexpr Index out_channels = 1;  ///< patch logits

  /// Any size that the convolutions accept will do; they say so themselves.
  static void check(const Extent&) {}

  /// The parameters' names in the published checkpoints, in the order in which `each` visits them.
  static std::vector<std::string> names() {
    ParameterNames names;
    for (Index layer = 0; layer < Layers - 1; ++layer) {
      names.add("model." + std::to_string(1 + 3 * layer), Bias::yes, P::power_iteration);
    }
    for (const char* classifier : P::JudgeCam::names) names.add(classifier, P::bias, P::power_iteration);
    names.add("conv1x1", Bias::yes);
    names.add("conv", P::bias, P::power_iteration);
    return names.take();
  }
};

}  // namespace ugatit
