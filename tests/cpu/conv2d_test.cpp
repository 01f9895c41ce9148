// The packed convolution against the plain sum, on odd sizes; results do not depend on the number of threads.
#include "convolution_passes.hpp"

#include <cmath>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

Convolution random_convolution(Random& random) {
  const Index kernel = 1 + random.below(5);
  const Index padding = random.below(kernel);
  const auto border = static_cast<Border>(random.below(3));
  // Some with few output channels, some wide enough for every way.
  const Index widest = random.below(3) == 0 ? 5 : 48;
  return normal_convolution(
      random, {1 + random.below(48), 1 + random.below(widest), kernel, 1 + random.below(3), {padding, border}},
      {1 + random.below(3), 6 + random.below(40), 6 + random.below(40)});
}

double at(View<const double> x, const PadGeometry& pad, Index n, Index c, Index i, Index j) {
  const Index row = border_source(pad.border, i - pad.padding, x.height);
  const Index column = border_source(pad.border, j - pad.padding, x.width);
  return row < 0 || column < 0 ? 0 : x.data[((n * x.channels + c) * x.height + row) * x.width + column];
}

std::vector<double> plain_convolution(const Conv2dGeometry& g, View<const double> x, const std::vector<double>& w) {
  const Extent out = g.out({x.batch, x.height, x.width});
  std::vector<double> y;
  for (Index n = 0; n < x.batch; ++n) {
    for (Index o = 0; o < g.out_channels; ++o) {
      for (Index i = 0; i < out.height; ++i) {
        for (Index j = 0; j < out.width; ++j) {
          double sum = 0;
          for (Index t = 0; t < g.taps(); ++t) {
            const Index k = t / g.kernel % g.kernel;
            const Index l = t % g.kernel;
            sum += w[static_cast<std::size_t>(o * g.taps() + t)] *
                   at(x, g.pad, n, t / (g.kernel * g.kernel), g.stride * i + k, g.stride * j + l);
          }
          y.push_back(sum);
        }
      }
    }
  }
  return y;
}

std::vector<double> plus_bias(const Convolution& c, std::vector<double> y) {
  const auto area = static_cast<std::size_t>(c.out.area());
  for (std::size_t i = 0; i < y.size(); ++i) y[i] += c.b[i / area % c.b.size()];
  return y;
}

double product(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

TEST_CASE("convolutions are right for every geometry, scalar and number of threads", "[conv]") {
  const std::uint64_t seed = fresh_seed();
  Random random(seed);
  for (int trial = 0; trial < 60; ++trial) {
    const Convolution c = random_convolution(random);
    INFO("seed " << seed << ", trial " << trial << ", kernel " << c.geometry.kernel << ", stride "
                 << c.geometry.stride);
    const Results result = c.by_operations<double>(1);
    const View<const double> x{c.x.data(), c.in.batch, c.geometry.in_channels, c.in.height, c.in.width};
    const std::vector<double> plain = plain_convolution(c.geometry, x, c.w);
    REQUIRE(relative_l2(result.y, plus_bias(c, plain)) < 1e-13);
    // Backward is the adjoint of forward: <y − b, dy> = <x, dx> = <w, dw>.
    std::vector<double> dw = result.dw;
    for (double& d : dw) d -= 1;
    const double reference = product(c.x, result.dx);
    const double scale = 1 + std::sqrt(product(result.y, result.y) * product(c.dy, c.dy));
    REQUIRE(std::abs(product(plain, c.dy) - reference) < 1e-12 * scale);
    REQUIRE(std::abs(product(c.w, dw) - reference) < 1e-12 * scale);

    const Results single = c.by_operations<float>(1);
    require_near(single, result, 1e-5);
    require_same(c.by_operations<float>(3), single);
  }
}
