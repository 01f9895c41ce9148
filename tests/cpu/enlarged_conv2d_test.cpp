// Enlargement and convolution in one pass against one after the other: the same numbers, forward and back, in every way
// there is.
#include "catch.hpp"
#include "values.hpp"

#include <ugatit/ugatit.hpp>

#include <array>
#include <limits>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

struct Results {
  std::vector<double> y, dx, dw;
};

// Of a small image; what is overwritten starts as NaN, what is added to as one.
struct Case {
  Conv2dGeometry geometry;
  Extent small;
  std::vector<double> x, w, dy, b;

  // Weights of few digits: sums of four of them have no more than bfloat16 has.
  Case(Random& random, Index in, Index out, const Extent& extent)
      : geometry{in, out, 3, 1, {1, Border::reflect}}, small(extent) {
    const auto numbers = [&](Index size, double unit) {
      std::vector<double> values(static_cast<std::size_t>(size));
      for (double& value : values) value = unit * static_cast<double>(random.below(31) - 15);
      return values;
    };
    x = numbers(small.batch * in * small.area(), 0.125);
    w = numbers(out * geometry.taps(), 0.0625);
    dy = numbers(large().batch * out * large().area(), 0.25);
    b = normal_numbers(random, out);
  }

  Extent large() const { return {small.batch, 2 * small.height, 2 * small.width}; }

  template <class T, class Passes>
  Results run(const Passes& passes) const {
    std::vector<T> xs(x.begin(), x.end()), ws(w.begin(), w.end()), dys(dy.begin(), dy.end()), bs(b.begin(), b.end());
    std::vector<T> y(dys.size(), std::numeric_limits<T>::quiet_NaN());
    std::vector<T> dx(xs.size(), std::numeric_limits<T>::quiet_NaN());
    std::vector<T> dw(ws.size(), T(1));
    const auto image = [&](std::vector<T>& data) {
      return View<T>{data.data(), small.batch, geometry.in_channels, small.height, small.width};
    };
    const auto result = [&](std::vector<T>& data) {
      return View<T>{data.data(), small.batch, geometry.out_channels, large().height, large().width};
    };
    passes(View<const T>(image(xs)), ws.data(), bs.data(), View<const T>(result(dys)), result(y), image(dx), dw.data());
    return {{y.begin(), y.end()}, {dx.begin(), dx.end()}, {dw.begin(), dw.end()}};
  }

  Results one_after_the_other() const {
    Cpu<double> dev(2);
    return run<double>([&](auto xs, auto* ws, auto* bs, auto dys, auto ys, auto dxs, auto* dws) {
      std::vector<double> enlarged(4 * x.size());
      const View<double> image{enlarged.data(), large().batch, geometry.in_channels, large().height, large().width};
      upsample_forward(dev, 2, xs, image);
      conv2d_forward<double>(dev, geometry, image, ws, bs, ys);
      conv2d_backward_weight<double>(dev, geometry, image, dys, dws);
      conv2d_backward_input<double>(dev, geometry, dys, ws, image);
      upsample_backward<double>(dev, 2, image, dxs);
    });
  }

  template <class T>
  Results by_winograd(int threads) const {
    Cpu<T> dev(threads);
    const Conv2dGeometry g = conv::with_border_of_small(geometry);
    return run<T>([&](auto xs, const T* ws, const T* bs, auto dys, auto ys, auto dxs, auto* dws) {
      winograd::forward<winograd::Enlarged>(dev, g, xs, ws, bs, ys);
      winograd::backward_input<winograd::Enlarged>(dev, g, dys, ws, dxs);
      winograd::backward_weight<winograd::Enlarged>(dev, g, xs, dys, dws);
    });
  }

  Results by_tiles(tiles::Unit unit, int threads) const {
    Cpu<float> dev(threads);
    return run<float>([&](auto xs, const float* ws, const float* bs, auto dys, auto ys, auto dxs, auto* dws) {
      tiles::forward_enlarged(dev, unit, geometry, xs, ws, bs, ys);
      tiles::backward_input_enlarged(dev, unit, geometry, dys, ws, dxs);
      tiles::backward_weight_enlarged(dev, unit, geometry, xs, dys, dws);
    });
  }

  template <class T>
  Results by_choice(Products products) const {
    Cpu<T> dev(2);
    dev.products = products;
    return run<T>([&](auto xs, const T* ws, const T* bs, auto dys, auto ys, auto dxs, auto* dws) {
      enlarged_conv2d_forward(dev, geometry, xs, ws, bs, ys);
      enlarged_conv2d_backward(dev, geometry, xs, dys, ws, dws, dxs);
    });
  }
};

void require_near(const Results& a, const Results& b, double bound) {
  REQUIRE(relative_l2(a.y, b.y) < bound);
  REQUIRE(relative_l2(a.dx, b.dx) < bound);
  REQUIRE(relative_l2(a.dw, b.dw) < bound);
}

void require_same(const Results& a, const Results& b) {
  REQUIRE(a.y == b.y);
  REQUIRE(a.dx == b.dx);
  REQUIRE(a.dw == b.dw);
}

}  // namespace

TEST_CASE("Enlargement and convolution in one pass give what they give one after the other", "[conv][enlarged]") {
  const std::uint64_t seed = fresh_seed();
  Random random(seed);
  for (int trial = 0; trial < 24; ++trial) {
    // Every fourth case has more tiles than a stretch; some have a row or column alone.
    const Index side = trial % 4 == 0 ? 36 : 1 + random.below(10);
    const Case c(random, 1 + random.below(48), 1 + random.below(48),
                 {1 + random.below(3), side + random.below(5), side + random.below(5)});
    INFO("seed " << seed << ", trial " << trial << ": " << c.geometry.in_channels << " to " << c.geometry.out_channels
                 << " channels, " << describe(c.small));
    const Results plain = c.one_after_the_other();
    require_near(c.by_winograd<double>(2), plain, 1e-12);
    const Results single = c.by_winograd<float>(1);
    require_near(single, plain, 1e-5);
    require_same(c.by_winograd<float>(3), single);
    for (const tiles::Unit unit : {tiles::Unit::portable, tiles::best_unit()}) {
      INFO("unit " << static_cast<int>(unit));
      const Results rounded = c.by_tiles(unit, 1);
      require_near(rounded, plain, 1e-6);
      require_same(c.by_tiles(unit, 3), rounded);
    }
    require_near(c.by_choice<double>(Products::own), plain, 1e-12);
    require_near(c.by_choice<float>(Products::own), plain, 1e-5);
    // Without a matrix unit it may be Winograd's way that is chosen.
    const bool by_winograd = conv::choose<float>(Products::bfloat16, c.geometry, c.large()) == conv::Way::winograd;
    require_near(c.by_choice<float>(Products::bfloat16), plain, by_winograd ? 1e-5 : 1e-6);
  }
}

TEST_CASE("An enlargement followed by a convolution keeps the small map alone", "[conv][enlarged]") {
  using Block = On<UpBlock<32>, Map<32>, Cpu<float>>;
  using Alone = On<Sequential<Upsample<2>, PadConv<32, 3>>, Map<32>, Cpu<float>>;
  Cpu<float> dev(1);
  Random random(1);
  const Extent extent{1, 8, 8};
  const auto x = random_value<Map<32>>(dev, extent, random);
  const auto kept = [&]<class Node>(std::type_identity<Node>) {
    auto w = Node::parameters(extent);
    allocate(dev, w);
    initialise(dev, w, random);
    typename Node::Tape tape;
    const auto y = Node::forward(dev, w, x, tape);
    REQUIRE(y.extent() == Extent{1, 16, 16});
    if constexpr (requires { tape.x; })
      return tape.x.take().extent();
    else
      return tape.first.x.take().extent();
  };
  CHECK(kept(std::type_identity<Block>{}) == extent);
  CHECK(kept(std::type_identity<Alone>{}) == extent);
}
