// Branches that are brought together again, windows as channels, and averages of what lies inside the image.
#include "check_layer.hpp"

#include <ugatit/ugatit.hpp>

using namespace ugatit;

namespace {

constexpr Extent odd{2, 7, 9};
constexpr Extent one{1, 5, 5};

}  // namespace

TEST_CASE("rectangular convolutions have right gradients", "[gradient]") {
  CHECK_GRADIENTS(odd, RectangularConv<4, 1, 7>, Map<3>);
  CHECK_GRADIENTS(odd, RectangularConv<4, 7, 1, Bias::yes>, Map<3>);
  CHECK_GRADIENTS((Extent{2, 1, 2}), RectangularConv<4, 3, 5>, Map<3>);
}

TEST_CASE("branches have right gradients", "[gradient]") {
  CHECK_GRADIENTS((Pair<Extent, Extent>{odd, odd}), Concatenate, Both<Map<2>, Map<3>>);
  CHECK_GRADIENTS(one, Branches<PadConv<3, 3>, Identity, Tanh>, Map<3>);
  CHECK_GRADIENTS(odd, AveragePoolInside<3, 1, 1>, Map<3>);
}

TEST_CASE("branches of different sizes cannot be brought together", "[layers]") {
  using Uneven = On<Branches<Identity, AveragePool<2>>, Map<3>, Cpu<float>>;
  CHECK_THROWS_AS(Uneven::out(one), Error);
}

TEST_CASE("a rectangular convolution is the square one whose other weights are zero", "[layers]") {
  using D = Cpu<double>;
  using Rectangular = On<RectangularConv<4, 1, 3, Bias::yes>, Map<3>, D>;
  using Square = On<Conv2d<4, 3, 1, Bias::yes, 1, Border::zero>, Map<3>, D>;
  D dev(2);
  Random random(3);
  Rectangular::Params narrow = Rectangular::parameters(odd);
  Square::Params square = Square::parameters(odd);
  allocate(dev, narrow);
  allocate(dev, square);
  initialise(dev, narrow, random);
  std::fill_n(square.weight.data(), square.weight.size(), 0.0);
  for (Index i = 0; i < square.weight.dims[0] * square.weight.dims[1]; ++i) {
    std::copy_n(narrow.second.weight.data() + 3 * i, 3, square.weight.data() + 9 * i + 3);
  }
  std::copy_n(narrow.second.bias.data(), 4, square.bias.data());
  const auto x = testing::random_value<Map<3>>(dev, odd, random);
  Rectangular::Tape tape;
  Square::Tape square_tape;
  const auto y = Rectangular::forward(dev, narrow, x, tape);
  const auto expected = Square::forward(dev, square, x, square_tape);
  double worst = 0;
  for (Index i = 0; i < y.size(); ++i) worst = std::max(worst, std::abs(y.data()[i] - expected.data()[i]));
  CHECK(worst < 1e-14);
}

TEST_CASE("averages of what lies inside leave the border out", "[layers]") {
  using D = Cpu<float>;
  using Pooling = On<AveragePoolInside<3, 1, 1>, Map<1>, D>;
  D dev(1);
  const Value<Map<1>, D> x(dev, {1, 3, 3});
  for (Index i = 0; i < 9; ++i) x.data()[i] = static_cast<float>(-1 - i);
  Pooling::Tape tape;
  const auto y = Pooling::forward(dev, {}, x, tape);
  CHECK(std::vector<float>(y.data(), y.data() + 9) == std::vector<float>{-3, -3.5, -4, -4.5, -5, -5.5, -6, -6.5, -7});
}
