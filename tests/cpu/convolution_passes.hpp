// All passes of a convolution on given numbers, for tests that compare ways to compute it.
#pragma once

#include "catch.hpp"
#include "values.hpp"

#include <ugatit/ugatit.hpp>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace ugatit::testing {

/// What the passes compute.
struct Results {
  std::vector<double> y, dx, dw;
};

inline void require_near(const Results& a, const Results& b, double bound) {
  REQUIRE(relative_l2(a.y, b.y) < bound);
  REQUIRE(relative_l2(a.dx, b.dx) < bound);
  REQUIRE(relative_l2(a.dw, b.dw) < bound);
}

/// The same for results that may be a single sum: one whose terms cancel is measured by their length instead, of which
/// `squares` is the square.
inline void require_near(const Results& a, const Results& b, const Results& squares, double bound) {
  const auto distance = [](const std::vector<double>& ours, const std::vector<double>& right,
                           const std::vector<double>& terms) {
    return relative_l2(ours, right, std::sqrt(std::accumulate(terms.begin(), terms.end(), 0.0)));
  };
  REQUIRE(distance(a.y, b.y, squares.y) < bound);
  REQUIRE(distance(a.dx, b.dx, squares.dx) < bound);
  REQUIRE(distance(a.dw, b.dw, squares.dw) < bound);
}

inline void require_same(const Results& a, const Results& b) {
  REQUIRE(a.y == b.y);
  REQUIRE(a.dx == b.dx);
  REQUIRE(a.dw == b.dw);
}

/// A convolution, from images of extent `in` to some of extent `out`, and the numbers that it is given.
struct Convolution {
  Conv2dGeometry geometry;
  Extent in, out;
  std::vector<double> x, w, dy, b;

  /// x, w and dy as `draw` gives them, which is asked for so many numbers.
  template <class Draw>
  void fill(Random& random, const Draw& draw) {
    x = draw(in.batch * geometry.in_channels * in.area());
    w = draw(geometry.out_channels * geometry.taps());
    dy = draw(out.batch * geometry.out_channels * out.area());
    b = normal_numbers(random, geometry.out_channels);
  }

  /// Calls passes(x, w, b, dy, y, dx, dw). What is overwritten starts as NaN, what is added to as one.
  template <class T, class Passes>
  Results run(const Passes& passes) const {
    const std::vector<T> xs(x.begin(), x.end()), ws(w.begin(), w.end()), dys(dy.begin(), dy.end()),
        bs(b.begin(), b.end());
    std::vector<T> y(dys.size(), std::numeric_limits<T>::quiet_NaN());
    std::vector<T> dx(xs.size(), std::numeric_limits<T>::quiet_NaN());
    std::vector<T> dw(ws.size(), T(1));
    const auto image = [&](auto* data) {
      return View<std::remove_pointer_t<decltype(data)>>{data, in.batch, geometry.in_channels, in.height, in.width};
    };
    const auto result = [&](auto* data) {
      return View<std::remove_pointer_t<decltype(data)>>{data, out.batch, geometry.out_channels, out.height, out.width};
    };
    passes(image(xs.data()), ws.data(), bs.data(), result(dys.data()), result(y.data()), image(dx.data()), dw.data());
    return {{y.begin(), y.end()}, {dx.begin(), dx.end()}, {dw.begin(), dw.end()}};
  }

  /// By the operations of ops/conv2d.hpp.
  template <class T>
  Results by_operations(int threads) const {
    Cpu<T> dev(threads);
    return run<T>([&](auto xs, const T* ws, const T* bs, auto dys, auto ys, auto dxs, T* dws) {
      conv2d_forward(dev, geometry, xs, ws, bs, ys);
      conv2d_backward_input(dev, geometry, dys, ws, dxs);
      conv2d_backward_weight(dev, geometry, xs, dys, dws);
    });
  }
};

/// The same of the squares of all numbers: what it gives are sums of the squares of the terms.
inline Convolution squared(Convolution c) {
  for (std::vector<double>* const numbers : {&c.x, &c.w, &c.dy, &c.b}) {
    for (double& number : *numbers) number *= number;
  }
  return c;
}

/// One of images of extent `in`, of normal numbers.
inline Convolution normal_convolution(Random& random, const Conv2dGeometry& geometry, const Extent& in) {
  Convolution c{geometry, in, geometry.out(in), {}, {}, {}, {}};
  c.fill(random, [&](Index size) { return normal_numbers(random, size); });
  return c;
}

}  // namespace ugatit::testing
