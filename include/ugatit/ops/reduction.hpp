// The sum of squares of many numbers: norms of gradients, and whether all of them are finite.
#pragma once

#include <ugatit/core/tensor.hpp>

#include <span>

namespace ugatit {

/// One array, and where in the device's memory the sum of its squares goes.
template <class T>
struct SquareSum {
  const T* x = nullptr;   ///< the numbers
  Index size = 0;         ///< how many
  double* sum = nullptr;  ///< *sum = Σ x²
};

/// Sums are made in double precision. One is finite exactly where all its numbers are (in double precision: where their
/// squares are too). `allow_if_finite` writes 1 where all of x is finite and *before is not 0 (or `before` is null),
/// and 0 elsewhere; x, `before` and `allowed` are in the device's memory.
template <class D>
concept SumsSquares = requires(D& dev, std::span<const SquareSum<typename D::Scalar>> sums, Index count,
                               const double* x, const double* before, double* allowed) {
  square_sums(dev, sums);
  allow_if_finite(dev, count, x, before, allowed);
};

/// The same for one array.
template <class D>
void square_sum(D& dev, Index size, const typename D::Scalar* x, double* sum) {
  const SquareSum<typename D::Scalar> one{x, size, sum};
  square_sums(dev, std::span<const SquareSum<typename D::Scalar>>(&one, 1));
}

}  // namespace ugatit
