// Adam (Kingma and Ba, arXiv 1412.6980) with weight decay added to the gradient, as PyTorch's `Adam(weight_decay=…)`:
//
//   g = dw + decay · w;   m = β1 m + (1 − β1) g;   v = β2 v + (1 − β2) g²
//   w −= lr / (1 − β1^t) · m / (√v / √(1 − β2^t) + eps)
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// Everything of a step but the numbers.
struct AdamGeometry {
  double learning_rate = 1e-4;  ///< of this step
  double beta1 = 0.5;           ///< decay of the mean of gradients
  double beta2 = 0.999;         ///< decay of the mean of squares
  double epsilon = 1e-8;        ///< added to the root of the mean square
  double weight_decay = 1e-4;   ///< added to the gradient, times the weight
  Index step = 1;               ///< t, counted from 1
  bool clamp = false;           ///< keep the result inside [0, 1] (ρ)
};

/// Takes the step and leaves the gradient at zero for the next iteration.
template <class D>
concept StepsAdam = requires(D& dev, const AdamGeometry& g, Index size, typename D::Scalar* p) {
  adam_step(dev, g, size, p, p, p, p);  // w, dw, m, v
};

}  // namespace ugatit
