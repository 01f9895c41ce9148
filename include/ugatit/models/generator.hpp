// The generator (figure 1 of the paper): image → (image, (CAM logits, heat map)).
//
// Encoder, attention, style, decoder, as in the published PyTorch code. Sides must be multiples of 4. The full model
// reads its style from the whole feature map and works at the one size it was made for; the light one pools and works
// at any.
#pragma once

#include <ugatit/nn/nn.hpp>

#include <string>
#include <vector>

namespace ugatit {

/// Convolution with a reflected border, instance norm, ReLU.
template <Index C, Index K, Index S = 1>
using ConvBlock = Sequential<PadConv<C, K, S>, InstanceNorm, Relu>;

/// Residual block of the encoder: x + IN(conv(ReLU(IN(conv(x))))), with 3×3 convolutions.
template <Index C>
using ResBlock = Residual<ConvBlock<C, 3>, PadConv<C, 3>, InstanceNorm>;

/// Image → features: [N, 3, S, S] → [N, 4·Ch, S/4, S/4].
template <Index Ch, Index Blocks>
using Encoder =
    Sequential<ConvBlock<Ch, 7>, ConvBlock<2 * Ch, 3, 2>, ConvBlock<4 * Ch, 3, 2>, Repeat<Blocks, ResBlock<4 * Ch>>>;

/// How the style network reads the features.
enum class StyleFrom {
  whole_map,  ///< the full model: all of [4·Ch, S/4, S/4]
  average     ///< the light model: the global average
};

/// Features → (γ, β) of every AdaLIN in the decoder.
template <Index C, StyleFrom From>
using StyleNetwork = Sequential<std::conditional_t<From == StyleFrom::average, GlobalAveragePool, Flatten>, Linear<C>,
                                Relu, Linear<C>, Relu, Fork<Linear<C>, Linear<C>>>;

/// (x, style) ↦ x + AdaLIN(conv(ReLU(AdaLIN(conv(x), style))), style)
template <Index C>
using AdaLINBlock =
    Then<Fork<Sequential<OnFirst<PadConv<C, 3>>, Carry<AdaLIN>, OnFirst<Then<Relu, PadConv<C, 3>>>, AdaLIN>, First>,
         Add>;

/// Twice the size: nearest neighbour, 3×3 convolution, ILN, ReLU.
template <Index C>
using UpBlock = Sequential<Upsample<2>, PadConv<C, 3>, ILN, Relu>;

/// Features → image.
template <Index Ch, Index Blocks, StyleFrom From>
using Decoder = Sequential<Fork<Identity, StyleNetwork<4 * Ch, From>>, Repeat<Blocks, Carry<AdaLINBlock<4 * Ch>>>,
                           First, UpBlock<2 * Ch>, UpBlock<Ch>, PadConv<3, 7>, Tanh>;

/// Map<3> [N, 3, S, S] in [-1, 1] → Both<Map<3>, Attention>: the translation, CAM logits [N, 2], heat map [N, 1, S/4,
/// S/4].
template <Index Ch = 64, Index Blocks = 4, StyleFrom From = StyleFrom::average>
struct Generator : Sequential<Encoder<Ch, Blocks>, Cam<Linear<1>, Relu>, OnFirst<Decoder<Ch, Blocks, From>>> {
  static constexpr Index out_channels = 3;  ///< red, green, blue

  /// Throws where the decoder could not give back the size that went in.
  static void check(const Extent& extent) {
    if (extent.height % 4 == 0 && extent.width % 4 == 0 && extent.area() > 0) return;
    throw Error("the generator needs sides that are multiples of 4, given " + describe(extent) +
                "; use another --img_size");
  }

  /// The parameters' names in the published checkpoints, in the order in which `each` visits them.
  static std::vector<std::string> names() {
    std::vector<std::string> names{"DownBlock.1.weight", "DownBlock.5.weight", "DownBlock.9.weight"};
    for (Index block = 0; block < Blocks; ++block) {
      const std::string prefix = "DownBlock." + std::to_string(12 + block) + ".conv_block.";
      names.insert(names.end(), {prefix + "1.weight", prefix + "5.weight"});
    }
    names.insert(names.end(), {"gap_fc.weight", "gmp_fc.weight", "conv1x1.weight", "conv1x1.bias", "FC.0.weight",
                               "FC.2.weight", "gamma.weight", "beta.weight"});
    for (Index block = 1; block <= Blocks; ++block) {
      const std::string prefix = "UpBlock1_" + std::to_string(block) + ".";
      names.insert(names.end(),
                   {prefix + "conv1.weight", prefix + "norm1.rho", prefix + "conv2.weight", prefix + "norm2.rho"});
    }
    names.insert(names.end(),
                 {"UpBlock2.2.weight", "UpBlock2.3.rho", "UpBlock2.3.gamma", "UpBlock2.3.beta", "UpBlock2.7.weight",
                  "UpBlock2.8.rho", "UpBlock2.8.gamma", "UpBlock2.8.beta", "UpBlock2.11.weight"});
    return names;
  }
};

}  // namespace ugatit
