// Winograd's way against the plain one: the same numbers but for rounding, forward and back, whatever the size.
#include "convolution_passes.hpp"

#include <algorithm>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

template <class T>
Results by_winograd(const Convolution& c, int threads) {
  Cpu<T> dev(threads);
  return c.run<T>([&](auto xs, const T* ws, const T* bs, auto dys, auto ys, auto dxs, T* dws) {
    winograd::forward<winograd::Plain>(dev, c.geometry, xs, ws, bs, ys);
    winograd::backward_input<winograd::Plain>(dev, c.geometry, dys, ws, dxs);
    winograd::backward_weight<winograd::Plain>(dev, c.geometry, xs, dys, dws);
  });
}

}  // namespace

TEST_CASE("Winograd's way gives what the plain way gives", "[conv][winograd]") {
  const std::uint64_t seed = fresh_seed();
  Random random(seed);
  for (int trial = 0; trial < 30; ++trial) {
    // Every third case has more tiles than a stretch.
    const Index side = trial % 3 == 0 ? 60 : 1 + random.below(20);
    const PadGeometry pad{random.below(3), static_cast<Border>(random.below(3)), random.below(2)};
    const Index least = pad.both() + 2;  // so that the border can be reflected
    const auto some = [&] { return std::max(side, least) + random.below(8) + 2 - pad.both(); };
    const Convolution c = normal_convolution(random, {1 + random.below(40), 1 + random.below(40), 3, 1, pad},
                                             {1 + random.below(3), some(), some()});
    INFO("seed " << seed << ", trial " << trial << ": " << c.geometry.in_channels << " to " << c.geometry.out_channels
                 << " channels, " << describe(c.out) << ", border " << pad.before() << " and " << pad.after()
                 << " of kind " << static_cast<int>(pad.border));
    const Results plain = c.by_operations<double>(2);  // double goes the plain way
    require_near(by_winograd<double>(c, 2), plain, 1e-13);
    const Results single = by_winograd<float>(c, 1);
    require_near(single, plain, 1e-5);
    require_same(by_winograd<float>(c, 3), single);
  }
}
