// The exponential moving average of numbers that change:
//   average = d · average + (1 − d) · x
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

template <class D>
concept AveragesNumbers = requires(D& dev, Index size, double decay, const typename D::Scalar* x,
                                   typename D::Scalar* average) {
  moving_average_step(dev, size, decay, x, average);
};

}  // namespace ugatit
