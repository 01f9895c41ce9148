// Winograd's way against the plain one: the same numbers but for rounding, forward and back, whatever the size.
#include "catch.hpp"
#include "values.hpp"

#include <ugatit/ugatit.hpp>

#include <limits>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

struct Case {
  Conv2dGeometry geometry;
  Extent out;
};

struct Results {
  std::vector<double> y, dx, dw;
};

// On a padded image; what is overwritten starts as NaN, what is added to as one.
template <class T>
struct Arrays {
  std::vector<T> x, w, dy, b, y, dx, dw;
  Cpu<T> dev;
  Case c;

  Arrays(const Case& of, const std::vector<double>& xs, const std::vector<double>& ws, const std::vector<double>& dys,
         const std::vector<double>& bs, int threads)
      : x(xs.begin(), xs.end()),
        w(ws.begin(), ws.end()),
        dy(dys.begin(), dys.end()),
        b(bs.begin(), bs.end()),
        y(dys.size(), std::numeric_limits<T>::quiet_NaN()),
        dx(xs.size(), std::numeric_limits<T>::quiet_NaN()),
        dw(ws.size(), T(1)),
        dev(threads),
        c(of) {}

  View<T> image(std::vector<T>& data) {
    return {data.data(), c.out.batch, c.geometry.in_channels, c.out.height + 2, c.out.width + 2};
  }
  View<T> result(std::vector<T>& data) {
    return {data.data(), c.out.batch, c.geometry.out_channels, c.out.height, c.out.width};
  }
  Results results() const { return {{y.begin(), y.end()}, {dx.begin(), dx.end()}, {dw.begin(), dw.end()}}; }

  Results by_winograd() {
    winograd::forward<T>(dev, c.geometry, image(x), w.data(), b.data(), result(y));
    winograd::backward_input<T>(dev, c.geometry, result(dy), w.data(), image(dx));
    winograd::backward_weight<T>(dev, c.geometry, image(x), result(dy), dw.data());
    return results();
  }

  Results by_products() {
    static_assert(std::is_same_v<T, double>, "double goes the plain way");
    conv2d_forward<T>(dev, c.geometry, image(x), w.data(), b.data(), result(y));
    conv2d_backward_input<T>(dev, c.geometry, result(dy), w.data(), image(dx));
    conv2d_backward_weight<T>(dev, c.geometry, image(x), result(dy), dw.data());
    return results();
  }
};

}  // namespace

TEST_CASE("Winograd's way gives what the plain way gives", "[conv][winograd]") {
  const std::uint64_t seed = fresh_seed();
  Random random(seed);
  for (int trial = 0; trial < 30; ++trial) {
    // Every third case has more tiles than a stretch.
    const Index side = trial % 3 == 0 ? 60 : 1 + random.below(20);
    const Case c{{1 + random.below(40), 1 + random.below(40), 3, 1, {0, Border::zero}},
                 {1 + random.below(3), side + random.below(8), side + random.below(8)}};
    INFO("seed " << seed << ", trial " << trial << ": " << c.geometry.in_channels << " to " << c.geometry.out_channels
                 << " channels, " << describe(c.out));
    const std::vector<double> x =
        normal_numbers(random, c.out.batch * c.geometry.in_channels * (c.out.height + 2) * (c.out.width + 2));
    const std::vector<double> w = normal_numbers(random, c.geometry.out_channels * c.geometry.taps());
    const std::vector<double> dy = normal_numbers(random, c.out.batch * c.geometry.out_channels * c.out.area());
    const std::vector<double> b = normal_numbers(random, c.geometry.out_channels);

    const Results plain = Arrays<double>(c, x, w, dy, b, 2).by_products();
    const Results exact = Arrays<double>(c, x, w, dy, b, 2).by_winograd();
    REQUIRE(relative_l2(exact.y, plain.y) < 1e-13);
    REQUIRE(relative_l2(exact.dx, plain.dx) < 1e-13);
    REQUIRE(relative_l2(exact.dw, plain.dw) < 1e-13);

    const Results single = Arrays<float>(c, x, w, dy, b, 1).by_winograd();
    REQUIRE(relative_l2(single.y, plain.y) < 1e-5);
    REQUIRE(relative_l2(single.dx, plain.dx) < 1e-5);
    REQUIRE(relative_l2(single.dw, plain.dw) < 1e-5);
    const Results threaded = Arrays<float>(c, x, w, dy, b, 3).by_winograd();
    REQUIRE(threaded.y == single.y);
    REQUIRE(threaded.dx == single.dx);
    REQUIRE(threaded.dw == single.dw);
  }
}
