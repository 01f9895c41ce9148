// Every layer and every combinator passes the gradient checker.
#include "check_layer.hpp"

#include <ugatit/ugatit.hpp>

using namespace ugatit;

namespace {

constexpr Extent odd{2, 7, 9};
constexpr Extent even{2, 8, 6};
constexpr Extent one{1, 5, 5};

}  // namespace

TEST_CASE("convolutions have right gradients", "[gradient]") {
  CHECK_GRADIENTS(odd, Conv2d<5, 3>, Map<3>);
  CHECK_GRADIENTS(odd, Conv2d<5, 3, 1, Bias::yes, 1>, Map<3>);
  CHECK_GRADIENTS(odd, Conv2d<4, 3, 1, Bias::yes, 1, Border::zero>, Map<3>);
  CHECK_GRADIENTS(odd, Conv2d<4, 3, 1, Bias::no, 2, Border::replicate>, Map<3>);
  CHECK_GRADIENTS(odd, PadConv<4, 7>, Map<2>);
  CHECK_GRADIENTS(odd, PadConv<4, 3, 2>, Map<3>);
  CHECK_GRADIENTS(odd, PadConv<5, 4, 2, Bias::yes>, Map<3>);
  CHECK_GRADIENTS(even, PadConv<5, 4, 2, Bias::yes>, Map<3>);
  CHECK_GRADIENTS(odd, PadConv<1, 4>, Map<3>);
  CHECK_GRADIENTS(odd, Conv2d<5, 4, 1, Bias::yes, 1, Border::reflect, 1>, Map<3>);
  CHECK_GRADIENTS(odd, Conv2d<2, 3, 1, Bias::yes, 0, Border::replicate, 2>, Map<3>);
  CHECK_GRADIENTS(odd, Conv2d<2, 4, 2, Bias::no, 1, Border::zero, 1>, Map<3>);
  CHECK_GRADIENTS(odd, Conv2d<6, 1, 1, Bias::yes>, Map<5>);
  CHECK_GRADIENTS((Extent{3, 20, 23}), PadConv<17, 3>, Map<19>);
  CHECK_GRADIENTS((Extent{3, 21, 22}), PadConv<17, 4, 2>, Map<19>);
}

TEST_CASE("linear layers have right gradients", "[gradient]") {
  CHECK_GRADIENTS((Extent{3, 1, 1}), Linear<4>, Vector<5>);
  CHECK_GRADIENTS((Extent{3, 1, 1}), Linear<4, Bias::yes>, Vector<5>);
  CHECK_GRADIENTS(odd, Then<Flatten, Linear<4, Bias::yes>>, Map<3>);
}

TEST_CASE("norms have right gradients", "[gradient]") {
  CHECK_GRADIENTS(odd, InstanceNorm, Map<3>);
  CHECK_GRADIENTS(odd, InstanceNorm2d<Affine::yes>, Map<3>);
  CHECK_GRADIENTS(odd, ILN, Map<3>);
  CHECK_GRADIENTS((Pair<Extent, Pair<Extent, Extent>>{odd, {{2, 1, 1}, {2, 1, 1}}}), AdaLIN, Both<Map<3>, Style<3>>);
}

TEST_CASE("activations have right gradients", "[gradient]") {
  CHECK_GRADIENTS(odd, Relu, Map<3>);
  CHECK_GRADIENTS(odd, LeakyRelu<20>, Map<3>);
  CHECK_GRADIENTS(odd, Tanh, Map<3>);
  CHECK_GRADIENTS(odd, Sigmoid, Map<3>);
  CHECK_GRADIENTS((Extent{3, 1, 1}), Relu, Vector<4>);
}

TEST_CASE("pooling and resampling have right gradients", "[gradient]") {
  CHECK_GRADIENTS(odd, GlobalAveragePool, Map<3>);
  CHECK_GRADIENTS(odd, GlobalMaxPool, Map<3>);
  CHECK_GRADIENTS(odd, AveragePool<2>, Map<3>);
  CHECK_GRADIENTS(odd, MaxPool<3, 2, 1>, Map<3>);
  CHECK_GRADIENTS(odd, AveragePool<3, 2, 1>, Map<3>);
  CHECK_GRADIENTS(odd, MaxPool<2>, Map<3>);
  CHECK_GRADIENTS(odd, Upsample<2>, Map<3>);
  CHECK_GRADIENTS(odd, Upsample<3>, Map<2>);
  CHECK_GRADIENTS(odd, Pad<3>, Map<2>);
  CHECK_GRADIENTS(odd, Pad<2, Border::zero>, Map<2>);
  CHECK_GRADIENTS(odd, Pad<2, Border::replicate>, Map<2>);
}

TEST_CASE("spectral normalisation has right gradients", "[gradient]") {
  CHECK_GRADIENTS(odd, SpectralNorm<PadConv<5, 4, 2, Bias::yes>>, Map<3>);
  CHECK_GRADIENTS(odd, SpectralNorm<PadConv<1, 4>>, Map<3>);
  CHECK_GRADIENTS((Extent{3, 1, 1}), SpectralNorm<Linear<4, Bias::yes>>, Vector<5>);
  CHECK_GRADIENTS(odd, Then<SpectralNorm<PadConv<5, 4, 2, Bias::yes>>, LeakyRelu<20>>, Map<3>);
}

TEST_CASE("attention has right gradients", "[gradient]") {
  CHECK_GRADIENTS(odd, Cam<TwoClassifiers<Linear<1>>, Relu>, Map<6>);
  CHECK_GRADIENTS(odd, Cam<TwoClassifiers<SpectralNorm<Linear<1>>>, LeakyRelu<20>>, Map<6>);
}

TEST_CASE("combinators have right gradients", "[gradient]") {
  using Convolution = PadConv<3, 3>;
  CHECK_GRADIENTS(one, Identity, Map<2>);
  CHECK_GRADIENTS(one, Then<PadConv<4, 3>, Tanh>, Map<2>);
  CHECK_GRADIENTS(one, Fork<Convolution, Tanh>, Map<3>);
  CHECK_GRADIENTS(one, Fork<Identity, Fork<Identity, Convolution>>, Map<3>);
  CHECK_GRADIENTS((Pair<Extent, Extent>{one, odd}), Parallel<Convolution, InstanceNorm>, Both<Map<2>, Map<3>>);
  CHECK_GRADIENTS((Pair<Extent, Extent>{one, one}), Add, Both<Map<2>, Map<2>>);
  CHECK_GRADIENTS((Pair<Extent, Extent>{one, odd}), First, Both<Map<2>, Map<3>>);
  CHECK_GRADIENTS((Pair<Extent, Extent>{one, odd}), Second, Both<Map<2>, Map<3>>);
  CHECK_GRADIENTS((Pair<Extent, Extent>{one, odd}), Carry<Second>, Both<Map<2>, Map<3>>);
  CHECK_GRADIENTS(one, Repeat<3, Then<Convolution, Tanh>>, Map<3>);
  CHECK_GRADIENTS(one, Residual<Convolution, Tanh>, Map<3>);
  CHECK_GRADIENTS(one, Recompute<Residual<Convolution, InstanceNorm, Relu, Convolution>>, Map<3>);
}

TEST_CASE("blocks of the networks have right gradients", "[gradient]") {
  const Pair<Extent, Pair<Extent, Extent>> styled{odd, {{2, 1, 1}, {2, 1, 1}}};
  CHECK_GRADIENTS(odd, ConvBlock<4, 3, 2>, Map<3>);
  CHECK_GRADIENTS(odd, ResBlock<3>, Map<3>);
  CHECK_GRADIENTS(styled, AdaLINBlock<3>, Both<Map<3>, Style<3>>);
  CHECK_GRADIENTS(styled, Repeat<2, Carry<AdaLINBlock<3>>>, Both<Map<3>, Style<3>>);
  CHECK_GRADIENTS(one, UpBlock<2>, Map<3>);
  CHECK_GRADIENTS(odd, Sequential<Upsample<2>, PadConv<2, 3, 1, Bias::yes>>, Map<3>);
  CHECK_GRADIENTS(one, StyleNetwork<4, StyleFrom::average>, Map<3>);
  CHECK_GRADIENTS(one, StyleNetwork<4, StyleFrom::whole_map>, Map<3>);
  CHECK_GRADIENTS(even, JudgeBlock<4, 2>, Map<3>);
}
