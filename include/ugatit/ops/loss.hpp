// Losses: means over all elements, with their gradients.
//
// Each writes its value (not weighted, in double precision) to a slot in the device's memory and its weighted gradient
// to dx, so that nothing waits for the host.
//   least squares: mean (x − t)²,   weight · 2 (x − t) / N
//   L1:            mean |x − y|,    weight · sign(x − y) / N
//   BCE with logits: mean max(x, 0) − x t + log(1 + exp(−|x|)),   weight · (sigmoid(x) − t) / N
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// How many numbers, and how much they count.
struct LossGeometry {
  Index size = 1;     ///< numbers that the mean is over
  double weight = 1;  ///< of the gradient; the value itself is not weighted
};

/// `loss` points to a double in the device's memory; dx may be null.
template <class D>
concept MeasuresLosses = requires(D& dev, LossGeometry g, double target, double* loss, const typename D::Scalar* in,
                                  typename D::Scalar* out) {
  least_squares(dev, g, in, target, loss, out);
  l1(dev, g, in, in, loss, out);
  bce_with_logits(dev, g, in, target, loss, out);
};

}  // namespace ugatit
