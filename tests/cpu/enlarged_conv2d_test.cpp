// Enlargement and convolution in one pass against one after the other: the same numbers, forward and back, in every way
// there is.
#include "convolution_passes.hpp"

using namespace ugatit;
using namespace ugatit::testing;

namespace {

Extent twice(const Extent& small) {
  return {small.batch, 2 * small.height, 2 * small.width};
}

// From a small image to a large one. Weights are of few digits: sums of four of them have no more than bfloat16 has.
Convolution enlarged_convolution(Random& random, Index in, Index out, const Extent& small) {
  Convolution c{{in, out, 3, 1, {1, Border::reflect}}, small, twice(small), {}, {}, {}, {}};
  c.fill(random, [&](Index size) {
    std::vector<double> values(static_cast<std::size_t>(size));
    for (double& value : values) value = 0.125 * static_cast<double>(random.below(31) - 15);
    return values;
  });
  return c;
}

Results one_after_the_other(const Convolution& c) {
  Cpu<double> dev(2);
  return c.run<double>([&](auto xs, const double* ws, const double* bs, auto dys, auto ys, auto dxs, double* dws) {
    std::vector<double> enlarged(4 * c.x.size());
    const View<double> image{enlarged.data(), c.out.batch, c.geometry.in_channels, c.out.height, c.out.width};
    upsample_forward(dev, 2, xs, image);
    conv2d_forward<double>(dev, c.geometry, image, ws, bs, ys);
    conv2d_backward_weight<double>(dev, c.geometry, image, dys, dws);
    conv2d_backward_input<double>(dev, c.geometry, dys, ws, image);
    upsample_backward<double>(dev, 2, image, dxs);
  });
}

template <class T>
Results by_winograd(const Convolution& c, int threads) {
  Cpu<T> dev(threads);
  const Conv2dGeometry g = conv::with_border_of_small(c.geometry);
  return c.run<T>([&](auto xs, const T* ws, const T* bs, auto dys, auto ys, auto dxs, T* dws) {
    winograd::forward<winograd::Enlarged>(dev, g, xs, ws, bs, ys);
    winograd::backward<winograd::Enlarged>(dev, g, xs, dys, ws, dws, dxs);
  });
}

Results by_tiles(const Convolution& c, tiles::Unit unit, int threads) {
  Cpu<float> dev(threads);
  return c.run<float>([&](auto xs, const float* ws, const float* bs, auto dys, auto ys, auto dxs, float* dws) {
    tiles::forward_enlarged(dev, unit, c.geometry, xs, ws, bs, ys);
    tiles::backward_input_enlarged(dev, unit, c.geometry, dys, ws, dxs);
    tiles::backward_weight_enlarged(dev, unit, c.geometry, xs, dys, dws);
  });
}

template <class T>
Results by_choice(const Convolution& c, Products products) {
  Cpu<T> dev(2);
  dev.products = products;
  return c.run<T>([&](auto xs, const T* ws, const T* bs, auto dys, auto ys, auto dxs, T* dws) {
    enlarged_conv2d_forward(dev, c.geometry, xs, ws, bs, ys);
    enlarged_conv2d_backward(dev, c.geometry, xs, dys, ws, dws, dxs);
  });
}

}  // namespace

TEST_CASE("Enlargement and convolution in one pass give what they give one after the other", "[conv][enlarged]") {
  const std::uint64_t seed = fresh_seed();
  Random random(seed);
  for (int trial = 0; trial < 24; ++trial) {
    // Every fourth case has more tiles than a stretch; some have a row or column alone.
    const Index side = trial % 4 == 0 ? 36 : 1 + random.below(10);
    const Convolution c = enlarged_convolution(random, 1 + random.below(48), 1 + random.below(48),
                                               {1 + random.below(3), side + random.below(5), side + random.below(5)});
    INFO("seed " << seed << ", trial " << trial << ": " << c.geometry.in_channels << " to " << c.geometry.out_channels
                 << " channels, " << describe(c.in));
    const Results plain = one_after_the_other(c);
    require_near(by_winograd<double>(c, 2), plain, 1e-12);
    const Results single = by_winograd<float>(c, 1);
    require_near(single, plain, 1e-5);
    require_same(by_winograd<float>(c, 3), single);
    for (const tiles::Unit unit : {tiles::Unit::portable, tiles::best_unit()}) {
      INFO("unit " << static_cast<int>(unit));
      const Results rounded = by_tiles(c, unit, 1);
      require_near(rounded, plain, 1e-6);
      require_same(by_tiles(c, unit, 3), rounded);
    }
    require_near(by_choice<double>(c, Products::own), plain, 1e-12);
    require_near(by_choice<float>(c, Products::own), plain, 1e-5);
    // Without a matrix unit it may be Winograd's way that is chosen.
    const bool tiled = conv::choose<float>(Products::bfloat16, c.geometry, c.out) != conv::Way::winograd;
    require_near(by_choice<float>(c, Products::bfloat16), plain, tiled ? 1e-6 : 1e-5);
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
