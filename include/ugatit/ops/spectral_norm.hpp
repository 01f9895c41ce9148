// Spectral normalisation (Miyato et al. 2018, arXiv 1802.05957) without ever forming W/σ.
//
// W is read as a [rows, columns] matrix. One power iteration: v = Wᵀu / ‖Wᵀu‖, u = Wv / ‖Wv‖; then σ = uᵀWv.
// A layer that is linear in W is run with W itself and its result is scaled, y = L(x; W)/σ + b. With u, v held
// constant,
//   dW = (gradient of L for dy/σ) − (Σ dy·(y − b)) / σ · u vᵀ
//
// A batch may be of several passes, of equally many samples, each with a σ, u and v of its own: [passes],
// [passes, rows] and [passes, columns].
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// A weight as a matrix.
struct SpectralGeometry {
  Index rows = 1;          ///< outputs
  Index columns = 1;       ///< all the rest
  double epsilon = 1e-12;  ///< smallest length that a vector is divided by
};

/// A device that estimates singular values and divides by them.
template <class D>
concept NormalisesSpectra = requires(D& dev, SpectralGeometry g, bool iterate, Index passes,
                                     const typename D::Scalar* in, typename D::Scalar* out,
                                     View<const typename D::Scalar> x, View<typename D::Scalar> y) {
  spectral_sigma(dev, g, iterate, in, out, out, out);  // W -> u, v (advanced if `iterate`), σ
  spectral_scale(dev, passes, x, in, in, y);           // x, σ, b (may be null) -> x/σ + b; x and y may be the same
  // dy, y, b, σ, u, v -> dW −= the sum over passes of Σ dy (y − b) / σ · u vᵀ
  spectral_backward(dev, g, passes, x, x, in, in, in, in, out);
};

}  // namespace ugatit
