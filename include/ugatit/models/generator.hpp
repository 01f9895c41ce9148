// The generator (figure 1 of the paper): image → (image, (CAM logits, heat map)).
//
// Encoder, attention, style, decoder; `P` is the published code that it does as (models/presets.hpp), or one with other
// norms (models/norm_policies.hpp). Sides must be multiples of 4. The full model reads its style from the whole feature
// map and works at the one size it was made for; the light one pools and works at any.
#pragma once

#include <ugatit/models/parameter_names.hpp>
#include <ugatit/models/presets.hpp>
#include <ugatit/nn/field_names.hpp>

#include <string>
#include <vector>

namespace ugatit {

/// Convolution with a reflected border, instance norm (or what the policy says), ReLU.
template <Index C, Index K, Index S = 1, class P = preset::pytorch>
using ConvBlock = Sequential<PadConv<C, K, S, P::bias>, typename P::EncoderNorm, Relu>;

/// Residual block of the encoder: x + IN(conv(ReLU(IN(conv(x))))), with 3×3 convolutions.
template <Index C, class P = preset::pytorch>
using ResBlock = Residual<ConvBlock<C, 3, 1, P>, PadConv<C, 3, 1, P::bias>, typename P::EncoderNorm>;

/// Image → features: [N, 3, S, S] → [N, 4·Ch, S/4, S/4].
template <Index Ch, Index Blocks, class P = preset::pytorch>
using Encoder = Sequential<ConvBlock<Ch, 7, 1, P>, ConvBlock<2 * Ch, 3, 2, P>, ConvBlock<4 * Ch, 3, 2, P>,
                           Repeat<Blocks, ResBlock<4 * Ch, P>>>;

/// How the style network reads the features.
enum class StyleFrom {
  whole_map,  ///< the full model: all of [4·Ch, S/4, S/4]
  average     ///< the light model: the global average
};

/// Features → (γ, β) of every AdaLIN in the decoder.
template <Index C, StyleFrom From, class P = preset::pytorch>
using StyleNetwork =
    Sequential<std::conditional_t<From == StyleFrom::average, GlobalAveragePool, Flatten>, Linear<C, P::bias>, Relu,
               Linear<C, P::bias>, Relu, Fork<Linear<C, P::bias>, Linear<C, P::bias>>>;

/// (x, style) ↦ x + AdaLIN(conv(ReLU(AdaLIN(conv(x), style))), style)
template <Index C, class P = preset::pytorch>
using AdaLINBlock =
    Then<Fork<Sequential<OnFirst<PadConv<C, 3, 1, P::bias>>, Carry<Then<typename P::AdaptiveNorm, Relu>>,
                         OnFirst<PadConv<C, 3, 1, P::bias>>, typename P::AdaptiveNorm>,
              First>,
         Add>;

/// Twice the size: nearest neighbour, 3×3 convolution, ILN and ReLU (or what the policy says).
template <Index C, class P = preset::pytorch>
using UpBlock = Sequential<Upsample<2>, PadConv<C, 3, 1, P::bias>, typename P::AfterUpConv>;

/// Features → image.
template <Index Ch, Index Blocks, StyleFrom From, class P = preset::pytorch>
using Decoder = Sequential<Fork<Identity, StyleNetwork<4 * Ch, From, P>>, Repeat<Blocks, Carry<AdaLINBlock<4 * Ch, P>>>,
                           First, UpBlock<2 * Ch, P>, UpBlock<Ch, P>, PadConv<3, 7, 1, P::bias>, Tanh>;

/// Image → (image, attention).
template <Index Ch, Index Blocks, StyleFrom From, class P>
using GeneratorLayers =
    Sequential<Encoder<Ch, Blocks, P>, Cam<typename P::GeneratorCam, Relu>, OnFirst<Decoder<Ch, Blocks, From, P>>>;

/// Map<3> [N, 3, S, S] in [-1, 1] → Both<Map<3>, Attention>: the translation, CAM logits [N, 2], heat map [N, 1, S/4,
/// S/4].
template <Index Ch = 64, Index Blocks = 4, StyleFrom From = StyleFrom::average, class P = preset::pytorch>
struct Generator : Starting<typename P::StartingValues, GeneratorLayers<Ch, Blocks, From, P>> {
  static constexpr Index out_channels = 3;  ///< red, green, blue

  /// Throws where the decoder could not give back the size that went in.
  static void check(const Extent& extent) {
    if (extent.height % 4 == 0 && extent.width % 4 == 0 && extent.area() > 0) return;
    throw Error("the generator needs sides that are multiples of 4, given " + describe(extent) +
                "; use another --img_size");
  }

  /// The parameters' names in the published checkpoints, in the order in which `each` visits them.
  static std::vector<std::string> names() {
    ParameterNames names;
    const auto add_block = [&](const std::string& conv, const std::string& norm,
                               const std::vector<std::string>& fields) {
      names.add(conv, P::bias);
      names.add(norm, fields);
    };
    constexpr Index wide = 4 * Ch;
    add_block("DownBlock.1", "DownBlock.2", field_names<typename P::EncoderNorm, Map<Ch>>());
    add_block("DownBlock.5", "DownBlock.6", field_names<typename P::EncoderNorm, Map<2 * Ch>>());
    const std::vector<std::string> encoder = field_names<typename P::EncoderNorm, Map<wide>>();
    add_block("DownBlock.9", "DownBlock.10", encoder);
    for (Index block = 0; block < Blocks; ++block) {
      const std::string prefix = "DownBlock." + std::to_string(12 + block) + ".conv_block.";
      add_block(prefix + "1", prefix + "2", encoder);
      add_block(prefix + "5", prefix + "6", encoder);
    }
    for (const char* classifier : P::GeneratorCam::names) names.add(classifier, P::bias);
    names.add("conv1x1", Bias::yes);
    for (const char* layer : {"FC.0", "FC.2", "gamma", "beta"}) names.add(layer, P::bias);
    const std::vector<std::string> adaptive = field_names<typename P::AdaptiveNorm, Both<Map<wide>, Style<wide>>>();
    for (Index block = 1; block <= Blocks; ++block) {
      const std::string prefix = "UpBlock1_" + std::to_string(block) + ".";
      add_block(prefix + "conv1", prefix + "norm1", adaptive);
      add_block(prefix + "conv2", prefix + "norm2", adaptive);
    }
    add_block("UpBlock2.2", "UpBlock2.3", field_names<typename P::AfterUpConv, Map<2 * Ch>>());
    add_block("UpBlock2.7", "UpBlock2.8", field_names<typename P::AfterUpConv, Map<Ch>>());
    names.add("UpBlock2.11", P::bias);
    return names.take();
  }
};

}  // namespace ugatit
