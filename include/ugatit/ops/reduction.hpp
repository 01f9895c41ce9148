// The sum of squares of many numbers: norms of gradients, and whether all of them are finite.
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// The sum is made in double precision and goes to the device's memory. It is finite exactly where all numbers are (in
/// double precision: where their squares are too).
template <class D>
concept SumsSquares = requires(D& dev, Index size, const typename D::Scalar* x, double* sum) {
  square_sum(dev, size, x, sum);  // *sum = Σ x²
};

}  // namespace ugatit
