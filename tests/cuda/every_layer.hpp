// Every layer that uses an operation, on odd sizes, batches of 1 to 3: what each device is put through.
#pragma once

#include "compare_devices.hpp"

namespace ugatit::testing {

template <class D>
void compare_convolutions(D& dev, double bound) {
  const Extent odd{2, 7, 9};
  CHECK_DEVICE(dev, bound, odd, Conv2d<5, 3>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Conv2d<5, 3, 1, Bias::yes, 1>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Conv2d<4, 3, 1, Bias::yes, 1, Border::zero>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Conv2d<4, 3, 1, Bias::no, 2, Border::replicate>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, PadConv<4, 7>, Map<2>);
  CHECK_DEVICE(dev, bound, odd, PadConv<4, 3, 2>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, PadConv<5, 4, 2, Bias::yes>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Conv2d<5, 4, 1, Bias::yes, 1, Border::reflect, 1>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Conv2d<2, 4, 2, Bias::no, 1, Border::zero, 1>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Conv2d<6, 1, 1, Bias::yes>, Map<5>);
  CHECK_DEVICE(dev, bound, odd, RectangularConv<4, 1, 7>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Branches<Identity, Tanh, PadConv<4, 3>>, Map<3>);
  CHECK_DEVICE(dev, bound, (Extent{3, 20, 23}), PadConv<16, 3>, Map<24>);
  CHECK_DEVICE(dev, bound, (Extent{1, 21, 22}), PadConv<16, 4, 2>, Map<8>);
}

template <class D>
void compare_small_layers(D& dev, double bound) {
  const Extent odd{2, 7, 9};
  const Extent wide{3, 37, 41};
  CHECK_DEVICE(dev, bound, (Extent{3, 1, 1}), Linear<4>, Vector<5>);
  CHECK_DEVICE(dev, bound, (Extent{3, 1, 1}), Linear<4, Bias::yes>, Vector<5>);
  CHECK_DEVICE(dev, bound, wide, Then<Flatten, Linear<4, Bias::yes>>, Map<3>);
  CHECK_DEVICE(dev, bound, wide, Then<Flatten, Linear<9, Bias::yes>>, Map<29>);  // many inputs, in pieces
  CHECK_DEVICE(dev, bound, odd, Relu, Map<3>);
  CHECK_DEVICE(dev, bound, odd, LeakyRelu<20>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Tanh, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Sigmoid, Map<3>);
  CHECK_DEVICE(dev, bound, wide, GlobalAveragePool, Map<3>);
  CHECK_DEVICE(dev, bound, wide, GlobalMaxPool, Map<3>);
  CHECK_DEVICE(dev, bound, odd, AveragePool<2>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, MaxPool<3, 2, 1>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, MaxPool<3, 1, 1>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, AveragePool<3, 2, 1>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, AveragePoolInside<3, 2, 1>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Upsample<2>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Upsample<3>, Map<2>);
  CHECK_DEVICE(dev, bound, odd, Pad<3>, Map<2>);
  CHECK_DEVICE(dev, bound, odd, Pad<2, Border::zero>, Map<2>);
  CHECK_DEVICE(dev, bound, odd, Pad<2, Border::replicate>, Map<2>);
}

template <class D>
void compare_norms(D& dev, double bound) {
  const Extent odd{2, 7, 9};
  const Extent wide{3, 37, 41};
  const Pair<Extent, Pair<Extent, Extent>> styled{wide, {{3, 1, 1}, {3, 1, 1}}};
  CHECK_DEVICE(dev, bound, wide, InstanceNorm, Map<3>);
  CHECK_DEVICE(dev, bound, odd, InstanceNorm2d<Affine::yes>, Map<3>);
  CHECK_DEVICE(dev, bound, wide, ILN, Map<6>);
  CHECK_DEVICE(dev, bound, styled, AdaLIN, Both<Map<6>, Style<6>>);
  CHECK_DEVICE(dev, bound, (Extent{1, 130, 131}), InstanceNorm, Map<2>);  // channels in pieces
  CHECK_DEVICE(dev, bound, (Extent{1, 130, 131}), Then<InstanceNorm2d<Affine::yes>, Relu>, Map<2>);
  CHECK_DEVICE(dev, bound, wide, Then<InstanceNorm, Relu>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Then<InstanceNorm2d<Affine::yes>, Relu>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Then<ILN, Relu>, Map<6>);
  CHECK_DEVICE(dev, bound, styled, Then<AdaLIN, Relu>, Both<Map<6>, Style<6>>);
  CHECK_DEVICE(dev, bound, odd, BatchNorm, Map<6>);
  CHECK_DEVICE(dev, bound, odd, LayerNorm, Map<6>);
  CHECK_DEVICE(dev, bound, odd, GroupNorm<3>, Map<6>);
  CHECK_DEVICE(dev, bound, odd, SwitchableNorm, Map<6>);
}

template <class D>
void compare_blocks(D& dev, double bound) {
  const Extent odd{2, 7, 9};
  CHECK_DEVICE(dev, bound, odd, SpectralNorm<PadConv<5, 4, 2, Bias::yes>>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, SpectralNorm<PadConv<1, 4>>, Map<3>);
  CHECK_DEVICE(dev, bound, (Extent{3, 1, 1}), SpectralNorm<Linear<4, Bias::yes>>, Vector<5>);
  CHECK_DEVICE(dev, bound, odd, Then<SpectralNorm<PadConv<5, 4, 2, Bias::yes>>, LeakyRelu<20>>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Cam<TwoClassifiers<Linear<1>>, Relu>, Map<6>);
  CHECK_DEVICE(dev, bound, odd, Cam<TwoClassifiers<SpectralNorm<Linear<1>>>, LeakyRelu<20>>, Map<6>);
  CHECK_DEVICE(dev, bound, odd, Residual<PadConv<3, 3>, Tanh>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Residual<PadConv<3, 3>, ILN>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Recompute<Residual<PadConv<3, 3>, InstanceNorm, Tanh, PadConv<3, 3>>>, Map<3>);
}

/// Maps whose channels are a multiple of eight, which devices may keep in bfloat16, and the way from and to others.
template <class D>
void compare_wide_layers(D& dev, double bound) {
  const Extent odd{2, 7, 9};
  const Extent wide{3, 37, 41};
  CHECK_DEVICE(dev, bound, odd, PadConv<16, 3, 1, Bias::yes>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, PadConv<16, 7>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, PadConv<3, 7>, Map<16>);
  CHECK_DEVICE(dev, bound, odd, PadConv<1, 4, 1, Bias::yes>, Map<24>);
  CHECK_DEVICE(dev, bound, odd, PadConv<5, 4, 2>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Conv2d<8, 3, 1, Bias::no, 1, Border::zero>, Map<16>);
  CHECK_DEVICE(dev, bound, odd, Conv2d<8, 3, 1, Bias::no, 1, Border::replicate>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, Conv2d<8, 4, 2, Bias::yes, 1, Border::replicate>, Map<16>);
  CHECK_DEVICE(dev, bound, odd, Conv2d<8, 4, 1, Bias::yes, 1, Border::reflect, 1>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, Conv2d<6, 1, 1, Bias::yes>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, Then<Flatten, Linear<4, Bias::yes>>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, Then<PadConv<8, 3>, Then<Flatten, Linear<4>>>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, Relu, Map<8>);
  CHECK_DEVICE(dev, bound, odd, LeakyRelu<20>, Map<24>);
  CHECK_DEVICE(dev, bound, odd, Tanh, Map<8>);
  CHECK_DEVICE(dev, bound, odd, Sigmoid, Map<8>);
  CHECK_DEVICE(dev, bound, wide, GlobalAveragePool, Map<24>);
  CHECK_DEVICE(dev, bound, wide, GlobalMaxPool, Map<24>);
  CHECK_DEVICE(dev, bound, odd, GlobalMaxPool, Map<272>);
  CHECK_DEVICE(dev, bound, odd, AveragePool<2>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, MaxPool<3, 2, 1>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, Upsample<2>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, Upsample<3>, Map<16>);
  CHECK_DEVICE(dev, bound, odd, Pad<3>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, Pad<2, Border::zero>, Map<16>);
  CHECK_DEVICE(dev, bound, odd, Pad<2, Border::replicate>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, RectangularConv<8, 1, 7>, Map<3>);
  CHECK_DEVICE(dev, bound, odd, RectangularConv<8, 3, 1>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, Branches<Identity, Tanh, PadConv<8, 3>>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, Branches<Identity, PadConv<3, 3>>, Map<8>);
  const auto styled = [](const Extent& extent) {
    return Pair<Extent, Pair<Extent, Extent>>{extent, {{extent.batch, 1, 1}, {extent.batch, 1, 1}}};
  };
  CHECK_DEVICE(dev, bound, wide, InstanceNorm, Map<8>);
  CHECK_DEVICE(dev, bound, odd, InstanceNorm, Map<264>);
  CHECK_DEVICE(dev, bound, odd, InstanceNorm2d<Affine::yes>, Map<24>);
  CHECK_DEVICE(dev, bound, wide, ILN, Map<16>);
  CHECK_DEVICE(dev, bound, styled(wide), AdaLIN, Both<Map<8>, Style<8>>);
  CHECK_DEVICE(dev, bound, styled(odd), AdaLIN, Both<Map<264>, Style<264>>);
  CHECK_DEVICE(dev, bound, wide, Then<InstanceNorm, Relu>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, Then<InstanceNorm2d<Affine::yes>, Relu>, Map<24>);
  CHECK_DEVICE(dev, bound, wide, Then<ILN, Relu>, Map<16>);
  CHECK_DEVICE(dev, bound, styled(wide), Then<AdaLIN, Relu>, Both<Map<8>, Style<8>>);
  CHECK_DEVICE(dev, bound, odd, BatchNorm, Map<8>);
  CHECK_DEVICE(dev, bound, odd, GroupNorm<4>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, SwitchableNorm, Map<8>);
  CHECK_DEVICE(dev, bound, odd, SpectralNorm<PadConv<8, 4, 2, Bias::yes>>, Map<3>);
  CHECK_DEVICE(dev, bound, wide, SpectralNorm<PadConv<16, 3, 1, Bias::yes>>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, SpectralNorm<PadConv<1, 4>>, Map<8>);
  // A weak kink: which side of it a rounded number is on is chance.
  CHECK_DEVICE(dev, bound, odd, Then<SpectralNorm<PadConv<8, 4, 2, Bias::yes>>, LeakyRelu<95>>, Map<3>);
  CHECK_DEVICE(dev, bound, wide, Then<SpectralNorm<PadConv<24, 4>>, LeakyRelu<95>>, Map<8>);
  // And with a function that has none.
  CHECK_DEVICE(dev, bound, odd, Cam<TwoClassifiers<Linear<1>>, Tanh>, Map<32>);
  CHECK_DEVICE(dev, bound, odd, Cam<TwoClassifiers<SpectralNorm<Linear<1>>>, Tanh>, Map<16>);
  CHECK_DEVICE(dev, bound, odd, Residual<PadConv<8, 3>, Tanh>, Map<8>);
  CHECK_DEVICE(dev, bound, wide, Residual<PadConv<8, 3>, InstanceNorm>, Map<8>);
  // Borders laid by the layer before.
  CHECK_DEVICE(dev, bound, odd, Sequential<InstanceNorm, Relu, PadConv<16, 3>>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, Sequential<InstanceNorm2d<Affine::yes>, Relu, PadConv<8, 3, 2>, Upsample<2>>, Map<24>);
  CHECK_DEVICE(dev, bound, odd, Then<Sequential<ILN, Relu>, PadConv<3, 7>>, Map<16>);
  CHECK_DEVICE(dev, bound, odd, Sequential<ILN, Relu, Conv2d<8, 4, 1, Bias::yes, 1, Border::zero, 1>>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, Sequential<ILN, Relu, Conv2d<8, 3, 1, Bias::no, 1, Border::replicate>>, Map<32>);
  using JudgeConv = SpectralNorm<PadConv<16, 4, 2, Bias::yes>>;
  CHECK_DEVICE(dev, bound, wide, Sequential<JudgeConv, LeakyRelu<95>, SpectralNorm<PadConv<8, 4>>>, Map<3>);
  using JudgeBlock = Sequential<JudgeConv, LeakyRelu<95>>;
  // With one channel at the end, all biases would learn multiples of one sum, which now and then is nearly nothing.
  using LastConv = Conv2d<64, 4, 1, Bias::no, 1, Border::reflect, 1>;
  CHECK_DEVICE(dev, bound, wide, Sequential<JudgeBlock, JudgeBlock, LastConv>, Map<8>);
  CHECK_DEVICE(dev, bound, odd, Sequential<JudgeConv, LeakyRelu<95>, Conv2d<8, 3, 1, Bias::no, 1, Border::zero>>,
               Map<8>);
  using AdaLINThenConv = Sequential<Carry<Then<AdaLIN, Relu>>, OnFirst<PadConv<8, 3>>, First>;
  CHECK_DEVICE(dev, bound, styled(odd), AdaLINThenConv, Both<Map<8>, Style<8>>);
  using AdaLINPlus = Then<Fork<Sequential<OnFirst<PadConv<32, 3>>, AdaLIN>, First>, Add>;
  CHECK_DEVICE(dev, bound, styled(odd), AdaLINPlus, Both<Map<32>, Style<32>>);
}

/// Whole networks: their kinks and norms of small maps turn rounding into more, so they have a bound of their own.
template <class D>
void compare_networks(D& dev, double bound) {
  CHECK_DEVICE(dev, bound, (Extent{2, 16, 12}), Generator<3, 2, StyleFrom::average>, Map<3>);
  CHECK_DEVICE(dev, bound, (Extent{1, 16, 16}), Generator<3, 2, StyleFrom::whole_map>, Map<3>);
  CHECK_DEVICE(dev, bound, (Extent{2, 16, 12}), Generator<3, 2, StyleFrom::average, preset::tensorflow>, Map<3>);
  CHECK_DEVICE(dev, bound, (Extent{2, 16, 12}), Generator<3, 2, StyleFrom::average, preset::paddle>, Map<3>);
  CHECK_DEVICE(dev, bound, (Extent{2, 32, 40}), Discriminator<2, 5>, Map<3>);
  CHECK_DEVICE(dev, bound, (Extent{2, 32, 40}), Discriminator<2, 5, preset::tensorflow>, Map<3>);
  CHECK_DEVICE(dev, bound, (Extent{2, 32, 40}), Discriminator<2, 5, preset::paddle>, Map<3>);
}

}  // namespace ugatit::testing
