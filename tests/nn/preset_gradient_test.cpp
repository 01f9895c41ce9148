// What presets put in the place of PyTorch's layers passes the gradient checker.
#include "check_layer.hpp"

#include <ugatit/ugatit.hpp>

using namespace ugatit;

namespace {

constexpr Extent odd{2, 7, 9};
constexpr Extent one{1, 5, 5};
const Pair<Extent, Pair<Extent, Extent>> styled{odd, {{2, 1, 1}, {2, 1, 1}}};

}  // namespace

TEST_CASE("norms of the presets have right gradients", "[gradient]") {
  CHECK_GRADIENTS(odd, ILNWith<Variance::biased>, Map<3>);
  CHECK_GRADIENTS(styled, AdaLINWith<Variance::biased, LearnedRho>, Both<Map<3>, Style<3>>);
  CHECK_GRADIENTS(styled, AdaLINWith<Variance::biased, SmoothedRho>, Both<Map<3>, Style<3>>);
  CHECK_GRADIENTS(styled, AdaLINWith<Variance::unbiased, SmoothedRho>, Both<Map<3>, Style<3>>);
}

TEST_CASE("a smoothed rho that is cut off has no gradient", "[gradient]") {
  using D = Cpu<double>;
  using Node = On<preset::tensorflow::AdaptiveNorm, Both<Map<2>, Style<2>>, D>;
  const ExtentOf<Both<Map<2>, Style<2>>> extent{one, {{1, 1, 1}, {1, 1, 1}}};
  D dev(1);
  Random random(testing::fresh_seed());
  Node::Params w = Node::parameters(extent);
  allocate(dev, w);
  w.rho.data()[0] = 0.05;
  w.rho.data()[1] = 0.5;
  Node::Params dw = zeros_like(dev, w);
  Node::Tape tape;
  const auto y = Node::forward(dev, w, testing::random_value<Both<Map<2>, Style<2>>>(dev, extent, random), tape);
  Node::backward(dev, w, tape, testing::random_value<Map<2>>(dev, y.extent(), random), dw);
  CHECK(dw.rho.data()[0] == 0);
  CHECK(dw.rho.data()[1] != 0);
}

TEST_CASE("attention of the presets has right gradients", "[gradient]") {
  CHECK_GRADIENTS(odd, Cam<preset::tensorflow::GeneratorCam, Relu>, Map<6>);
  CHECK_GRADIENTS(odd, Cam<preset::tensorflow::JudgeCam, LeakyRelu<20>>, Map<6>);
  CHECK_GRADIENTS(odd, Cam<preset::paddle::GeneratorCam, Relu>, Map<6>);
  CHECK_GRADIENTS(odd, Cam<preset::paddle::JudgeCam, LeakyRelu<20>>, Map<6>);
}

TEST_CASE("spectral normalisation from u has right gradients where u has settled", "[gradient]") {
  // Each pass iterates, so that u must stand still by itself for the gradient that holds it constant.
  constexpr Index looks = 60, passes = 4000;
  const std::uint64_t seed = testing::fresh_seed();
  INFO("seed " << seed);
  CHECK(testing::check_layer<JudgeConv<3, 2, Bias::yes, preset::tensorflow>, Map<3>>(odd, seed, looks, passes).worst <=
        1e-6);
  CHECK(testing::check_layer<JudgeConv<1, 1, Bias::yes, preset::tensorflow>, Map<3>>(odd, seed, looks, passes).worst <=
        1e-6);
}

TEMPLATE_TEST_CASE("blocks of the presets have right gradients", "[gradient]", preset::tensorflow, preset::paddle) {
  CHECK_GRADIENTS(odd, ConvBlock<4, 3, 2, TestType>, Map<3>);
  CHECK_GRADIENTS(odd, ResBlock<3, TestType>, Map<3>);
  CHECK_GRADIENTS(styled, AdaLINBlock<3, TestType>, Both<Map<3>, Style<3>>);
  CHECK_GRADIENTS(one, UpBlock<2, TestType>, Map<3>);
  CHECK_GRADIENTS(one, StyleNetwork<4, StyleFrom::average, TestType>, Map<3>);
  CHECK_GRADIENTS(one, StyleNetwork<4, StyleFrom::whole_map, TestType>, Map<3>);
}
