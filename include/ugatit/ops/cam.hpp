// The attention of class activation maps as one small matrix (performance rewrite, exact).
//
// A 1×1 convolution of concat(x · w_gap, x · w_gmp) with W = [W1 W2] is the 1×1 convolution of x with
//   F[o,c] = W1[o,c] w_gap[c] + W2[o,c] w_gmp[c]
// so the concatenation is never formed. Backward, from dF:
//   dW1[o,c] += dF[o,c] w_gap[c],   dw_gap[c] += Σ_o dF[o,c] W1[o,c],   and likewise for W2 and w_gmp.
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// Sizes of an attention's 1×1 convolution.
struct CamGeometry {
  Index channels = 1;  ///< of the features, in and out; W is [channels, 2·channels]
};

/// Null gradients are not wanted.
template <class D>
concept FoldsAttention = requires(D& dev, CamGeometry g, const typename D::Scalar* in, typename D::Scalar* out) {
  cam_fold_forward(dev, g, in, in, in, out);                 // W, w_gap, w_gmp -> F
  cam_fold_backward(dev, g, in, in, in, in, out, out, out);  // dF, W, w_gap, w_gmp -> dW, dw_gap, dw_gmp +=
};

}  // namespace ugatit
