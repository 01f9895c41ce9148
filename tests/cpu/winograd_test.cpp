// Winograd's way against the plain one: the same numbers but for rounding, forward and back, whatever the size.
#include "catch.hpp"
#include "values.hpp"

#include <ugatit/ugatit.hpp>

#include <algorithm>
#include <limits>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

struct Case {
  Conv2dGeometry geometry;
  Extent out;

  Extent in() const {
    const Index more = 2 - geometry.pad.both();
    return {out.batch, out.height + more, out.width + more};
  }
};

struct Results {
  std::vector<double> y, dx, dw;
};

// What is overwritten starts as NaN, what is added to as one.
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
    const Extent in = c.in();
    return {data.data(), in.batch, c.geometry.in_channels, in.height, in.width};
  }
  View<T> result(std::vector<T>& data) {
    return {data.data(), c.out.batch, c.geometry.out_channels, c.out.height, c.out.width};
  }
  Results results() const { return {{y.begin(), y.end()}, {dx.begin(), dx.end()}, {dw.begin(), dw.end()}}; }

  Results by_winograd() {
    winograd::forward<winograd::Plain, T>(dev, c.geometry, image(x), w.data(), b.data(), result(y));
    winograd::backward_input<winograd::Plain, T>(dev, c.geometry, result(dy), w.data(), image(dx));
    winograd::backward_weight<winograd::Plain, T>(dev, c.geometry, image(x), result(dy), dw.data());
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
    const PadGeometry pad{random.below(3), static_cast<Border>(random.below(3)), random.below(2)};
    const Index least = pad.both() + 2;  // so that the border can be reflected
    const Case c{
        {1 + random.below(40), 1 + random.below(40), 3, 1, pad},
        {1 + random.below(3), std::max(side, least) + random.below(8), std::max(side, least) + random.below(8)}};
    INFO("seed " << seed << ", trial " << trial << ": " << c.geometry.in_channels << " to " << c.geometry.out_channels
                 << " channels, " << describe(c.out) << ", border " << pad.before() << " and " << pad.after()
                 << " of kind " << static_cast<int>(pad.border));
    const std::vector<double> x = normal_numbers(random, c.in().batch * c.geometry.in_channels * c.in().area());
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
