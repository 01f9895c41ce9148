// Convolution in bfloat16 against the plain way in double on the same rounded factors, with every unit that this
// processor has.
#include "catch.hpp"
#include "values.hpp"

#include <ugatit/ugatit.hpp>

#include <limits>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

struct Results {
  std::vector<double> y, dx, dw;
};

// A convolution; what is overwritten starts as NaN, what is added to as one.
struct Case {
  Conv2dGeometry geometry;
  Index batch, height, width;
  std::vector<double> x, w, dy, b;

  Case(Random& random, const Conv2dGeometry& g, Index n, Index h, Index wide)
      : geometry(g), batch(n), height(h), width(wide) {
    const auto rounded = [&](Index size) {
      std::vector<double> values = normal_numbers(random, size);
      for (double& value : values) value = static_cast<double>(to_float(to_bfloat16(static_cast<float>(value))));
      return values;
    };
    x = rounded(n * g.in_channels * h * wide);
    w = rounded(g.out_channels * g.taps());
    dy = rounded(n * g.out_channels * out().area());
    b = normal_numbers(random, g.out_channels);
  }

  Extent out() const { return geometry.out({batch, height, width}); }

  template <class T>
  View<T> image(std::vector<T>& data) const {
    return {data.data(), batch, geometry.in_channels, height, width};
  }
  template <class T>
  View<T> result(std::vector<T>& data) const {
    return {data.data(), batch, geometry.out_channels, out().height, out().width};
  }

  template <class T, class Passes>
  Results run(const Passes& passes) const {
    std::vector<T> xs(x.begin(), x.end()), ws(w.begin(), w.end()), dys(dy.begin(), dy.end()), bs(b.begin(), b.end());
    std::vector<T> y(dys.size(), std::numeric_limits<T>::quiet_NaN());
    std::vector<T> dx(xs.size(), std::numeric_limits<T>::quiet_NaN());
    std::vector<T> dw(ws.size(), T(1));
    passes(image(xs), ws.data(), bs.data(), result(dys), result(y), image(dx), dw.data());
    return {{y.begin(), y.end()}, {dx.begin(), dx.end()}, {dw.begin(), dw.end()}};
  }

  Results plain() const {
    Cpu<double> dev(2);
    return run<double>([&](auto xs, auto* ws, auto* bs, auto dys, auto ys, auto dxs, auto* dws) {
      conv2d_forward<double>(dev, geometry, xs, ws, bs, ys);
      conv2d_backward_input<double>(dev, geometry, dys, ws, dxs);
      conv2d_backward_weight<double>(dev, geometry, xs, dys, dws);
    });
  }

  Results by_tiles(tiles::Unit unit, int threads) const {
    Cpu<float> dev(threads);
    return run<float>([&](auto xs, auto* ws, auto* bs, auto dys, auto ys, auto dxs, auto* dws) {
      tiles::forward(dev, unit, geometry, xs, ws, bs, ys);
      back(dev, dxs, [&](View<float> padded) { tiles::backward_input(dev, unit, geometry, dys, ws, padded); });
      tiles::backward_weight(dev, unit, geometry, xs, dys, dws);
    });
  }

  Results by_columns(tiles::Unit unit, int threads) const {
    Cpu<float> dev(threads);
    return run<float>([&](auto xs, auto* ws, auto* bs, auto dys, auto ys, auto dxs, auto* dws) {
      const Padded<float> padded(dev, geometry.pad, xs);
      tiles::forward_by_columns(dev, unit, geometry, padded.view(), ws, bs, ys);
      back(dev, dxs, [&](View<float> wide) { tiles::input_by_columns(dev, unit, geometry, dys, ws, wide); });
      tiles::weight_by_columns(dev, unit, geometry, padded.view(), dys, dws);
    });
  }

  // The padded image's gradient starts as NaN, too.
  template <class Pass>
  void back(Cpu<float>& dev, View<float> dx, const Pass& pass) const {
    const Index both = geometry.pad.both();
    View<float> padded{nullptr, dx.batch, dx.channels, dx.height + both, dx.width + both};
    std::vector<float> memory(static_cast<std::size_t>(padded.size()), std::numeric_limits<float>::quiet_NaN());
    padded.data = memory.data();
    pass(padded);
    pad_backward<float>(dev, geometry.pad, padded, dx);
  }
};

std::vector<tiles::Unit> units_of_this_processor() {
  std::vector<tiles::Unit> units{tiles::Unit::portable};
  if (tiles::best_unit() >= tiles::Unit::avx512) units.push_back(tiles::Unit::avx512);
  if (tiles::best_unit() == tiles::Unit::amx) units.push_back(tiles::Unit::amx);
  return units;
}

}  // namespace

TEST_CASE("bfloat16 is the nearest number of its kind, ties to even", "[bfloat16]") {
  CHECK(to_bfloat16(1.0F).bits == 0x3f80);
  CHECK(to_bfloat16(1.00390625F).bits == 0x3f80);  // half way, and its neighbour below is even
  CHECK(to_bfloat16(1.01171875F).bits == 0x3f82);
  CHECK(to_bfloat16(1.004F).bits == 0x3f81);
  CHECK(to_bfloat16(-0.0F).bits == 0x8000);
  CHECK(to_bfloat16(std::numeric_limits<float>::infinity()).bits == 0x7f80);
  CHECK(to_bfloat16(std::numeric_limits<float>::max()).bits == 0x7f80);
  CHECK(std::isnan(to_float(to_bfloat16(std::numeric_limits<float>::quiet_NaN()))));
  CHECK(std::isnan(to_float(to_bfloat16(std::bit_cast<float>(0x7f800001U)))));
}

TEST_CASE("Tiles give what the plain way gives for rounded factors", "[conv][bfloat16]") {
  const std::uint64_t seed = fresh_seed();
  Random random(seed);
  for (int trial = 0; trial < 40; ++trial) {
    const Index kernel = std::array<Index, 5>{1, 3, 3, 4, 7}[static_cast<std::size_t>(random.below(5))];
    const Index stride = 1 + random.below(2);
    // Few and many channels, beside and beyond whole tiles; pixels likewise.
    const auto some = [&](Index most) { return 1 + random.below(random.below(2) == 0 ? 5 : most); };
    const auto border =
        std::array{Border::zero, Border::reflect, Border::replicate}[static_cast<std::size_t>(random.below(3))];
    const Conv2dGeometry g{some(70), some(70), kernel, stride, {random.below(4), border, random.below(2)}};
    const Case c(random, g, 1 + random.below(3), std::max<Index>(kernel, 5) + random.below(10),
                 std::max<Index>(kernel, 5) + some(40));
    INFO("seed " << seed << ", trial " << trial << ": " << g.in_channels << " to " << g.out_channels << " channels, "
                 << kernel << "x" << kernel << ", stride " << stride << ", "
                 << describe(Extent{c.batch, c.height, c.width}));
    const Results plain = c.plain();
    for (const tiles::Unit unit : units_of_this_processor()) {
      INFO("unit " << static_cast<int>(unit));
      const auto check = [&](const auto& way) {
        const Results single = (c.*way)(unit, 1);
        REQUIRE(relative_l2(single.y, plain.y) < 1e-6);
        REQUIRE(relative_l2(single.dx, plain.dx) < 1e-6);
        REQUIRE(relative_l2(single.dw, plain.dw) < 1e-6);
        const Results threaded = (c.*way)(unit, 3);
        REQUIRE(threaded.y == single.y);
        REQUIRE(threaded.dx == single.dx);
        REQUIRE(threaded.dw == single.dw);
      };
      check(&Case::by_tiles);
      check(&Case::by_columns);
    }
  }
}

TEST_CASE("A generator in bfloat16 is near the exact one, forward and back", "[bfloat16]") {
  const std::uint64_t seed = fresh_seed();
  INFO("seed " << seed);
  using Model = Generator<16, 2, StyleFrom::average>;
  const Extent extent{1, 32, 40};
  const auto gradients = [&](auto& dev) {
    using D = std::remove_reference_t<decltype(dev)>;
    using Net = On<Model, Map<3>, D>;
    Random random(seed);
    auto w = Net::parameters(extent);
    allocate(dev, w);
    initialise(dev, w, random);
    auto dw = zeros_like(dev, w);
    const auto x = random_value<Map<3>>(dev, extent, random);
    typename Net::Tape tape;
    const auto y = Net::forward(dev, w, x, tape);
    auto dy = random_value<typename Net::Out>(dev, extent_of(y), random);
    const auto dx = Net::backward(dev, w, tape, dy, dw);
    return std::pair{flatten(y.first), flatten(dx)};
  };
  Cpu<double> exact;
  Cpu<float> mixed;
  mixed.products = Products::bfloat16;
  const auto [y, dx] = gradients(exact);
  const auto [near_y, near_dx] = gradients(mixed);
  CHECK(relative_l2(near_y, y) < 0.03);
  // Rounding moves numbers over the kinks of ReLUs and the place of a maximum, where a gradient jumps.
  CHECK(relative_l2(near_dx, dx) < 0.4);
}
