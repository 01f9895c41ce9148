// How many weights a convolution has, as kernels that only copy them see it.
#pragma once

#include <ugatit/core/shape.hpp>

namespace ugatit {

/// Of [O, I, K, K].
struct WeightSizes {
  Index outputs = 0;  ///< O
  Index inputs = 0;   ///< I
  Index window = 0;   ///< K · K

  constexpr Index size() const { return outputs * inputs * window; }  ///< of all of them
};

}  // namespace ugatit
