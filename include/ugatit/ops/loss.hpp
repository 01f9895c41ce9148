// Losses: means over all elements, with their gradients.
//
// Each writes its value (not weighted, in double precision) to a slot in the device's memory and its weighted gradient
// to dx, so that nothing waits for the host.
//   least squares: mean (x − t)²,   weight · 2 (x − t) / N
//   L1:            mean |x − y|,    weight · sign(x − y) / N
//   BCE with logits: mean max(x, 0) − x t + log(1 + exp(−|x|)),   weight · (sigmoid(x) − t) / N
//   linear (Wasserstein): mean s x,           weight · s / N
//   hinge:         mean max(0, 1 − s x),      −weight · s / N where 1 − s x > 0
//
// The gradient penalty of Gulrajani et al. 2017 (arXiv 1704.00028, eq. 3), or one-sided of Petzka et al. 2018 (arXiv
// 1709.08894): for g_n the gradient of a critic at the image n,
//   factor · mean over n of (‖g_n‖ − 1)², or max(0, ‖g_n‖ − 1)²
//   v_n = weight · factor · 2 (‖g_n‖ − 1) g_n / (‖g_n‖ N), or 0
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// How many numbers, and how much they count.
struct LossGeometry {
  Index size = 1;     ///< numbers that the mean is over
  double weight = 1;  ///< of the gradient; the value itself is not weighted
};

/// Of a gradient penalty.
struct PenaltyGeometry {
  Index batch = 1;         ///< images, which the mean is over
  Index size = 1;          ///< numbers of each image's gradient
  double factor = 10;      ///< of the penalty, in its value and in v
  double weight = 1;       ///< of v; the value is not weighted
  bool one_sided = false;  ///< only lengths above 1 count
};

/// `loss` points to a double in the device's memory; dx may be null.
template <class D>
concept MeasuresLosses = requires(D& dev, LossGeometry g, double target, double* loss, const typename D::Scalar* in,
                                  typename D::Scalar* out) {
  least_squares(dev, g, in, target, loss, out);
  l1(dev, g, in, in, loss, out);
  bce_with_logits(dev, g, in, target, loss, out);
  linear_loss(dev, g, in, target, loss, out);               // target: s
  hinge_loss(dev, g, in, target, loss, out);                // likewise
  gradient_penalty(dev, PenaltyGeometry{}, in, loss, out);  // g -> v
};

}  // namespace ugatit
