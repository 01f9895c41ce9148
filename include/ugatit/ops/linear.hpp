// Linear map of a batch of vectors.
//
//   y[n,o] = b[o] + Σ_i w[o,i] x[n,i];   dx[n,i] = Σ_o w[o,i] dy[n,o];   dw[o,i] += Σ_n dy[n,o] x[n,i]
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// Sizes of a linear layer.
struct LinearGeometry {
  Index batch = 1;  ///< vectors
  Index in = 1;     ///< numbers of each
  Index out = 1;    ///< numbers of each result
};

/// A device that multiplies a batch of vectors with a matrix.
template <class D>
concept MultipliesVectors = requires(D& dev, LinearGeometry g, const typename D::Scalar* in, typename D::Scalar* out) {
  linear_forward(dev, g, in, in, in, out);      // x, w, b (may be null) -> y
  linear_backward_input(dev, g, in, in, out);   // dy, w -> dx
  linear_backward_weight(dev, g, in, in, out);  // x, dy -> dw +=
};

}  // namespace ugatit
