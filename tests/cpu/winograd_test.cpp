// Winograd's way against the plain one: the same numbers but for rounding, forward and back, whatever the size.
#include "convolution_passes.hpp"

#include <algorithm>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

// Both gradients at once, or each alone.
template <class T>
Results by_winograd(const Convolution& c, int threads, bool at_once = true) {
  Cpu<T> dev(threads);
  return c.run<T>([&](auto xs, const T* ws, const T* bs, auto dys, auto ys, auto dxs, T* dws) {
    conv::forward_by_winograd<T>(dev, c.geometry, xs, ws, bs, ys);
    if (at_once) return conv::backward_by_winograd<T>(dev, c.geometry, xs, dys, ws, dws, dxs);
    conv::backward_by_winograd<T>(dev, c.geometry, {}, dys, ws, nullptr, dxs);
    conv::backward_by_winograd<T>(dev, c.geometry, xs, dys, nullptr, dws, {});
  });
}

}  // namespace

TEST_CASE("Winograd's way gives what the plain way gives", "[conv][winograd]") {
  const std::uint64_t seed = fresh_seed();
  Random random(seed);
  for (int trial = 0; trial < 60; ++trial) {
    const Index kernel = 3 + random.below(2);
    const Index stride = kernel == 3 ? 1 : 1 + random.below(2);
    // Some cases have more tiles than a stretch.
    const Index side = trial % 6 == 0 ? 60 * stride : 1 + random.below(20);
    const PadGeometry pad{random.below(3), static_cast<Border>(random.below(3)), random.below(2)};
    const Index least = pad.both() + 2;  // so that the border can be reflected
    const auto some = [&] { return std::max({side, least, kernel - pad.both()}) + random.below(8); };
    const Convolution c = normal_convolution(random, {1 + random.below(40), 1 + random.below(40), kernel, stride, pad},
                                             {1 + random.below(3), some(), some()});
    INFO("seed " << seed << ", trial " << trial << ": " << kernel << "x" << kernel << " of stride " << stride << ", "
                 << c.geometry.in_channels << " to " << c.geometry.out_channels << " channels, " << describe(c.out)
                 << ", border " << pad.before() << " and " << pad.after() << " of kind "
                 << static_cast<int>(pad.border));
    REQUIRE(conv::allows(conv::Way::winograd, c.geometry));
    const Results plain = c.by_operations<double>(2);  // double goes the plain way
    require_near(by_winograd<double>(c, 2), plain, 1e-13);
    const Results single = by_winograd<float>(c, 1);
    require_near(single, plain, 1e-5);
    require_same(by_winograd<float>(c, 3), single);
    require_same(by_winograd<float>(c, 2, false), single);
  }
}
