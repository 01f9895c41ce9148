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

/// Null gradients are not wanted. w_gap and w_gmp may be the same memory, and so may their gradients.
template <class D>
concept FoldsAttention = requires(D& dev, CamGeometry g, const typename D::Scalar* in, typename D::Scalar* out) {
  cam_fold_forward(dev, g, in, in, in, out);                 // W, w_gap, w_gmp -> F
  cam_fold_backward(dev, g, in, in, in, in, out, out, out);  // dF, W, w_gap, w_gmp -> dW, dw_gap, dw_gmp +=
};

/// What a classifier of one output adds for each channel alone, as the TensorFlow code scales its maps:
///   m[c] = w[c] + b or, with spectral normalisation, w[c] / ‖w‖ + b (a single row's largest singular value is its
///   length)
/// Backward: dw += dm, or (dm − (Σ dm w) / ‖w‖² · w) / ‖w‖;   db += Σ dm.
struct ClassifierMapGeometry {
  Index channels = 1;       ///< of the features
  bool normalised = false;  ///< whether the weight is normalised spectrally
};

template <class D>
concept ScalesByClassifier = requires(D& dev, ClassifierMapGeometry g, const typename D::Scalar* in,
                                      typename D::Scalar* out) {
  classifier_map_forward(dev, g, in, in, out);        // w, b -> m
  classifier_map_backward(dev, g, in, in, out, out);  // dm, w -> dw, db +=
};

}  // namespace ugatit
