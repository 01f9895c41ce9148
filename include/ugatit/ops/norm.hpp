// Normalisation of feature maps.
//
// Instance norm, over height and width of each channel, N = H·W, biased variance:
//   x̂ = (x − μ) r,  r = 1/√(σ² + eps),   y = γ x̂ + β
//
// Layer-instance norm (AdaLIN and ILN, section 2 of the paper): x_I over (H,W), x_L over (C,H,W), variances divided by
// N − 1 in the published PyTorch code and by N in the others:
//   y = γ (ρ x_I + (1 − ρ) x_L) + β
//
// All of them are an affine map of each channel once the statistics are known, y = s x + t, and so are their gradients:
// for x̂ = (x − μ) r over N values with divisor D (N or N − 1) and an incoming gradient g,
//   dx = r (g − mean(g) − x̂ · Σ(g x̂) / D)
#pragma once

#include <ugatit/ops/border.hpp>

namespace ugatit {

/// How variances are taken.
struct NormGeometry {
  double epsilon = 1e-5;    ///< added to the variance
  bool unbiased = false;    ///< divide the sum of squares by N − 1 instead of N
  bool per_sample = false;  ///< γ, β are [batch, channels] (AdaLIN's style) instead of [channels]
  bool relu = false;        ///< y is cut off at zero, in the same pass over the image
  /// What stands around y then, and around dy: on devices that lay borders, of reflections or zeros, with `relu`.
  PadGeometry border = no_border;
};

/// Statistics that backward needs: of each channel [batch, channels], and of each whole sample [batch].
template <class Scalar>
struct NormStatistics {
  Scalar* mean = nullptr;        ///< of each channel
  Scalar* rstd = nullptr;        ///< 1/√(σ² + eps) of each channel
  Scalar* layer_mean = nullptr;  ///< layer-instance norm only
  Scalar* layer_rstd = nullptr;  ///< layer-instance norm only
};

/// z, of the size of x, is added to the result; null for nothing. γ, β and their gradients may be null too (no affine
/// map; gradient not wanted). Gradients of γ, β, ρ are added to for parameters; with `per_sample` those of γ and β are
/// activations and are overwritten.
template <class D>
concept Normalises = requires(D& dev, const NormGeometry& g, View<const typename D::Scalar> in,
                              View<typename D::Scalar> out, const typename D::Scalar* p, typename D::Scalar* dp,
                              NormStatistics<typename D::Scalar> s) {
  instance_norm_forward(dev, g, in, p, p, p, out, s);                         // x, γ, β, z -> y, s
  instance_norm_backward(dev, g, in, in, p, p, s, out, dp, dp);               // dy, x, γ, β, s -> dx, dγ, dβ
  layer_instance_norm_forward(dev, g, in, p, p, p, p, out, s);                // x, ρ, γ, β, z -> y, s
  layer_instance_norm_backward(dev, g, in, in, p, p, p, s, out, dp, dp, dp);  // dy, x, ρ, γ, β, s -> dx, dρ, dγ, dβ
};

}  // namespace ugatit
