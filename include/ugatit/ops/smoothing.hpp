// Smoothing of ρ as the TensorFlow code does it: what AdaLIN mixes with is a tenth less than what is learned, so that
// it starts at 0.9 and never leaves layer norm out.
//
//   y = clip(ρ − 0.1, 0, 1),   dρ += dy where nothing was cut off
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

constexpr double smoothing_shift = 0.1;  ///< what is taken off ρ

template <class D>
concept SmoothsRho = requires(D& dev, Index size, const typename D::Scalar* in, typename D::Scalar* out) {
  smoothing_forward(dev, size, in, out);       // ρ -> y
  smoothing_backward(dev, size, in, in, out);  // dy, ρ -> dρ +=
};

}  // namespace ugatit
