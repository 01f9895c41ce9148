// Convolution in bfloat16 against the plain way in double on the same rounded factors, with every unit that this
// processor has.
#include "convolution_passes.hpp"

using namespace ugatit;
using namespace ugatit::testing;

namespace {

Convolution rounded_convolution(Random& random, const Conv2dGeometry& geometry, const Extent& in) {
  Convolution c{geometry, in, geometry.out(in), {}, {}, {}, {}};
  c.fill(random, [&](Index size) { return short_numbers(random, size); });
  return c;
}

// The padded image's gradient starts as NaN, too.
template <class Pass>
void fold_back(Cpu<float>& dev, const PadGeometry& pad, View<float> dx, const Pass& pass) {
  View<float> padded{nullptr, dx.batch, dx.channels, dx.height + pad.both(), dx.width + pad.both()};
  std::vector<float> memory(static_cast<std::size_t>(padded.size()), std::numeric_limits<float>::quiet_NaN());
  padded.data = memory.data();
  pass(padded);
  pad_backward<float>(dev, pad, padded, dx);
}

Results by_tiles(const Convolution& c, tiles::Unit unit, int threads) {
  Cpu<float> dev(threads);
  const Conv2dGeometry& g = c.geometry;
  return c.run<float>([&](auto xs, const float* ws, const float* bs, auto dys, auto ys, auto dxs, float* dws) {
    tiles::forward(dev, unit, g, xs, ws, bs, ys);
    fold_back(dev, g.pad, dxs, [&](View<float> padded) { tiles::backward_input(dev, unit, g, dys, ws, padded); });
    tiles::backward_weight(dev, unit, g, xs, dys, dws);
  });
}

Results by_columns(const Convolution& c, tiles::Unit unit, int threads) {
  Cpu<float> dev(threads);
  const Conv2dGeometry& g = c.geometry;
  return c.run<float>([&](auto xs, const float* ws, const float* bs, auto dys, auto ys, auto dxs, float* dws) {
    const Padded<float> padded(dev, g.pad, xs);
    tiles::forward_by_columns(dev, unit, g, padded.view(), ws, bs, ys);
    fold_back(dev, g.pad, dxs, [&](View<float> wide) { tiles::input_by_columns(dev, unit, g, dys, ws, wide); });
    tiles::weight_by_columns(dev, unit, g, padded.view(), dys, dws);
  });
}

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
    const Convolution c = rounded_convolution(
        random, g,
        {1 + random.below(3), std::max<Index>(kernel, 5) + random.below(10), std::max<Index>(kernel, 5) + some(40)});
    INFO("seed " << seed << ", trial " << trial << ": " << g.in_channels << " to " << g.out_channels << " channels, "
                 << kernel << "x" << kernel << ", stride " << stride << ", " << describe(c.in));
    const Results plain = c.by_operations<double>(2);
    const Results squares = squared(c).by_operations<double>(2);
    for (const tiles::Unit unit : units_of_this_processor()) {
      for (const auto& way : {by_tiles, by_columns}) {
        INFO("unit " << static_cast<int>(unit) << ", " << (way == by_tiles ? "tiles" : "columns"));
        const Results single = way(c, unit, 1);
        require_near(single, plain, squares, 1e-6);
        require_same(way(c, unit, 3), single);
      }
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
