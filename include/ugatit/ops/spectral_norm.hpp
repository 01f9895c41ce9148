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
#include <ugatit/ops/elementwise.hpp>

#include <span>

namespace ugatit {

/// A weight as a matrix.
struct SpectralGeometry {
  Index rows = 1;          ///< outputs
  Index columns = 1;       ///< all the rest
  double epsilon = 1e-12;  ///< smallest length that a vector is divided by
};

/// A weight whose singular value a batch divides by, and what is kept of its estimates, one for each pass.
template <class Scalar>
struct SpectralEstimate {
  SpectralGeometry g;  ///< of w
  const Scalar* w;     ///< [rows, columns]
  Scalar* u;           ///< [rows], advanced
  Scalar* v;           ///< [columns], advanced
  Scalar* sigmas;      ///< [passes]
  Scalar* us;          ///< [passes, rows]
  Scalar* vs;          ///< [passes, columns]
};

/// Estimates each of them, once for each pass. A device may have its own.
template <class D>
void spectral_estimates(D& dev, Index passes, std::span<const SpectralEstimate<typename D::Scalar>> all) {
  using Scalar = typename D::Scalar;
  for (const SpectralEstimate<Scalar>& one : all) {
    for (Index pass = 0; pass < passes; ++pass) {
      spectral_sigma(dev, one.g, true, one.w, one.u, one.v, one.sigmas + pass);
      copy(dev, one.g.rows, static_cast<const Scalar*>(one.u), one.us + pass * one.g.rows);
      copy(dev, one.g.columns, static_cast<const Scalar*>(one.v), one.vs + pass * one.g.columns);
    }
  }
}

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
