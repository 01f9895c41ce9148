// How many weights a convolution has, as kernels that only copy them see it.
#pragma once

#include <ugatit/ops/conv2d.hpp>

namespace ugatit {

/// Of [O, I, K, K].
struct WeightSizes {
  Index outputs = 0;  ///< O
  Index inputs = 0;   ///< I
  Index window = 0;   ///< K · K

  /// Of a convolution.
  static constexpr WeightSizes of(const Conv2dGeometry& g) {
    return {g.out_channels, g.in_channels, g.kernel * g.kernel};
  }

  constexpr Index size() const { return outputs * inputs * window; }  ///< of all of them
};

}  // namespace ugatit
