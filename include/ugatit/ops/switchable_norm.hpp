// Switchable norm (Luo et al., ICLR 2019, "Differentiable learning-to-normalize via switchable normalization", eq. 3
// to 5): instance, layer and batch statistics, mixed by learned weights.
//
//   μ = Σ_k w_k μ_k,   σ² = Σ_k w'_k σ²_k,   k in {instance, layer, batch},   w = softmax(λ),  w' = softmax(λ')
//   y = γ x̂ + β,   x̂ = (x − μ) r,   r = 1/√(σ² + eps)
//
// All variances are biased. μ and σ² differ from channel to channel of each sample, so with sums over height and width
//   dμ = −γ r Σ dy,   dσ² = −½ γ r² Σ dy x̂
// and each statistic passes its share on to the N_k numbers that it was taken of:
//   dx = γ r dy + Σ_k (w_k Σ dμ + 2 w'_k Σ dσ² (x − μ_k)) / N_k,   sums over the channels and samples of k
//   dλ_k = w_k (Σ dμ μ_k − Σ_j w_j Σ dμ μ_j),   dλ'_k likewise
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// What is mixed. Backward needs all of it.
template <class Scalar>
struct SwitchableStatistics {
  Scalar* mean = nullptr;            ///< of each channel of each sample [batch, channels]
  Scalar* variance = nullptr;        ///< likewise
  Scalar* layer_mean = nullptr;      ///< of each sample [batch]
  Scalar* layer_variance = nullptr;  ///< likewise
  Scalar* batch_mean = nullptr;      ///< of each channel [channels]
  Scalar* batch_variance = nullptr;  ///< likewise
};

/// How the mixture is taken.
struct SwitchableGeometry {
  double epsilon = 1e-5;        ///< added to the variance
  bool constant_batch = false;  ///< batch statistics are given, not of x: nothing goes back through them
};

/// A device that mixes statistics. λ and λ' are [3]: instance, layer, batch. Gradients of parameters are added to and
/// may be null.
template <class D>
concept SwitchesNorms = requires(D& dev, SwitchableGeometry g, View<const typename D::Scalar> in,
                                 View<typename D::Scalar> out, const typename D::Scalar* p, typename D::Scalar* dp,
                                 SwitchableStatistics<typename D::Scalar> s) {
  switchable_statistics(dev, g, in, s);                                       // x -> s
  switchable_norm_forward(dev, g, in, s, p, p, p, p, out);                    // x, s, λ, λ', γ, β -> y
  switchable_norm_backward(dev, g, in, in, s, p, p, p, out, dp, dp, dp, dp);  // dy, x, s, λ, λ', γ -> dx, dλ, …, dβ
};

}  // namespace ugatit
