// Adam for a matrix whose gradient is a sum of outer products, which is formed where it is used and never stored
// (performance rewrite, exact).
//
//   dw[o,i] = Σ_k dy[k,o] x[k,i];   Σ dw² = Σ_{k,l} (dy_k · dy_l)(x_k · x_l)
//
// The full model's first linear layer has a million weights for each output and sees one vector a pass: storing its
// gradient would take as much memory as the weights, and most of the time of that layer.
#pragma once

#include <ugatit/ops/adam.hpp>

namespace ugatit {

/// Sizes of the sum.
struct OuterGeometry {
  Index rows = 1;     ///< of the matrix: outputs
  Index columns = 1;  ///< inputs
  Index count = 1;    ///< products
};

/// dy is [count, rows], x is [count, columns]; the sum of squares is a double in the device's memory. The parameter has
/// no gradient of its own.
template <class D>
concept StepsOuterAdam = requires(D& dev, AdamStep<typename D::Scalar> step, OuterGeometry g,
                                  const typename D::Scalar* in, const AdamParameter<typename D::Scalar>& parameter,
                                  double* sum) {
  outer_square_sum(dev, g, in, in, sum);             // dy, x -> Σ dw²
  outer_adam_step(dev, step, g, in, in, parameter);  // dy, x
};

}  // namespace ugatit
