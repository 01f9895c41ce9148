// The packed convolution against the plain sum, on odd sizes; results do not depend on the number of threads.
#include "catch.hpp"
#include "values.hpp"

#include <ugatit/ugatit.hpp>

#include <cmath>
#include <limits>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

struct Case {
  Conv2dGeometry geometry;
  Extent in;
};

Case random_case(Random& random) {
  const Index kernel = 1 + random.below(5);
  const Index padding = random.below(kernel);
  const auto border = static_cast<Border>(random.below(3));
  // Some with few output channels, some wide enough for every way.
  const Index widest = random.below(3) == 0 ? 5 : 48;
  Case c{{1 + random.below(48), 1 + random.below(widest), kernel, 1 + random.below(3), {padding, border}},
         {1 + random.below(3), 6 + random.below(40), 6 + random.below(40)}};
  return c;
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

template <class T>
struct Results {
  std::vector<double> y, dx, dw;
};

template <class T>
Results<T> run(const Case& c, const std::vector<double>& x, const std::vector<double>& w, const std::vector<double>& dy,
               int threads) {
  Cpu<T> dev(threads);
  const auto cast = [](const std::vector<double>& from) { return std::vector<T>(from.begin(), from.end()); };
  std::vector<T> xs = cast(x);
  std::vector<T> ws = cast(w);
  std::vector<T> dys = cast(dy);
  const Extent out = c.geometry.out(c.in);
  const View<T> xv{xs.data(), c.in.batch, c.geometry.in_channels, c.in.height, c.in.width};
  const View<T> dyv{dys.data(), out.batch, c.geometry.out_channels, out.height, out.width};
  // What is overwritten starts as NaN, what is added to as one.
  std::vector<T> y(dys.size(), std::numeric_limits<T>::quiet_NaN());
  std::vector<T> dx(xs.size(), std::numeric_limits<T>::quiet_NaN());
  std::vector<T> dw(ws.size(), T(1));
  View<T> yv = dyv;
  yv.data = y.data();
  View<T> dxv = xv;
  dxv.data = dx.data();
  conv2d_forward(dev, c.geometry, View<const T>(xv), static_cast<const T*>(ws.data()), static_cast<const T*>(nullptr),
                 yv);
  conv2d_backward_input(dev, c.geometry, View<const T>(dyv), static_cast<const T*>(ws.data()), dxv);
  conv2d_backward_weight(dev, c.geometry, View<const T>(xv), View<const T>(dyv), dw.data());
  return {{y.begin(), y.end()}, {dx.begin(), dx.end()}, {dw.begin(), dw.end()}};
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
    const Case c = random_case(random);
    const Extent out = c.geometry.out(c.in);
    INFO("seed " << seed << ", trial " << trial << ", kernel " << c.geometry.kernel << ", stride "
                 << c.geometry.stride);
    std::vector<double> x = normal_numbers(random, c.in.batch * c.geometry.in_channels * c.in.area());
    const std::vector<double> w = normal_numbers(random, c.geometry.out_channels * c.geometry.taps());
    const std::vector<double> dy = normal_numbers(random, out.batch * c.geometry.out_channels * out.area());

    const Results<double> result = run<double>(c, x, w, dy, 1);
    const View<const double> xv{x.data(), c.in.batch, c.geometry.in_channels, c.in.height, c.in.width};
    REQUIRE(relative_l2(result.y, plain_convolution(c.geometry, xv, w)) < 1e-13);
    // Backward is the adjoint of forward: <y, dy> = <x, dx> = <w, dw>.
    const double reference = product(result.y, dy);
    const double scale = 1 + std::sqrt(product(result.y, result.y) * product(dy, dy));
    REQUIRE(std::abs(product(x, result.dx) - reference) < 1e-12 * scale);
    std::vector<double> dw = result.dw;
    for (double& d : dw) d -= 1;
    REQUIRE(std::abs(product(w, dw) - reference) < 1e-12 * scale);

    const Results<float> single = run<float>(c, x, w, dy, 1);
    REQUIRE(relative_l2(single.y, result.y) < 1e-5);
    REQUIRE(relative_l2(single.dx, result.dx) < 1e-5);
    REQUIRE(relative_l2(single.dw, result.dw) < 1e-5);
    const Results<float> threaded = run<float>(c, x, w, dy, 3);
    REQUIRE(threaded.y == single.y);
    REQUIRE(threaded.dx == single.dx);
    REQUIRE(threaded.dw == single.dw);
  }
}
