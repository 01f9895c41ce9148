// Spectral normalisation (Miyato et al. 2018, arXiv 1802.05957) without ever forming W/σ.
//
// W is read as a [rows, columns] matrix. One power iteration: v = Wᵀu / ‖Wᵀu‖, u = Wv / ‖Wv‖; then σ = uᵀWv.
// A layer that is linear in W is run with W itself and its result is scaled, y = f(L(x; W)/σ + b), where f is nothing
// or the leaky ReLU after it: f'(y) is 1, or the slope where y is not positive. With u, v held constant,
//   db = Σ f'(y) dy
//   dW = (gradient of L for f'(y) dy/σ) − (Σ dy·(y − f'(y) b)) / σ · u vᵀ
// since f'(y) times f⁻¹(y) is y.
//
// A batch may be of several passes, of equally many samples, each with a σ, u and v of its own: [passes],
// [passes, rows] and [passes, columns].
#pragma once

#include <ugatit/ops/border.hpp>
#include <ugatit/ops/elementwise.hpp>

#include <span>

namespace ugatit {

/// A weight as a matrix.
struct SpectralGeometry {
  Index rows = 1;          ///< outputs
  Index columns = 1;       ///< all the rest
  double epsilon = 1e-12;  ///< smallest length that a vector is divided by
};

/// What a result of W itself becomes.
struct SpectralScale {
  Index passes = 1;  ///< that a batch is of, of equally many samples each
  double slope = 1;  ///< of f, for what is not positive: above 0, and 1 where f is nothing
  /// What stands around y then, and around dy: on devices that lay borders, of reflections.
  PadGeometry border = no_border;
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

/// A device that estimates singular values and divides by them. Devices that keep gradients in parts
/// (ops/convolved_adam.hpp) also have `spectral_backward_factors`, which in place of W's gradient gives the first
/// factors of what is added to it: du [passes, rows], where dW += the sum over passes of du vᵀ. b, dw and db may be
/// null; dx may be the memory of dy, y that of x, where there is no border.
template <class D>
concept NormalisesSpectra = requires(D& dev, SpectralGeometry g, bool iterate, SpectralScale s,
                                     const typename D::Scalar* in, typename D::Scalar* out,
                                     View<const typename D::Scalar> x, View<typename D::Scalar> y) {
  spectral_sigma(dev, g, iterate, in, out, out, out);  // W -> u, v (advanced if `iterate`), σ
  spectral_scale(dev, s, x, in, in, y);                // x, σ, b -> f(x/σ + b)
  spectral_scale_backward(dev, s, x, x, in, y);        // dy, y, σ -> dx = f'(y) dy/σ
  // dy, y, b, σ, u, v -> dW −= the sum over passes of Σ dy (y − f'(y) b) / σ · u vᵀ, db += Σ f'(y) dy
  spectral_backward(dev, g, s, x, x, in, in, in, in, out, out);
};

}  // namespace ugatit
