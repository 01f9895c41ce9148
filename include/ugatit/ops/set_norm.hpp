// Norms whose statistics several channels or samples share, with biased variance over all numbers of a set:
//   batch norm   the channel c of all samples                N = batch·H·W    (Ioffe and Szegedy 2015)
//   group norm   C/G channels of a sample                    N = C/G·H·W      (Wu and He 2018)
//   layer norm   all channels of a sample, G = 1             N = C·H·W        (Ba, Kiros and Hinton 2016)
//
//   y = γ x̂ + β,   x̂ = (x − μ) r,   r = 1/√(σ² + eps),   γ and β of each channel
//
// Backward, with g = γ dy and means over a set: dx = r (g − mean(g) − x̂ mean(g x̂)), or r g where μ and σ² are given
// (batch norm after training); dγ = Σ dy x̂, dβ = Σ dy.
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// Which channels of which samples share their statistics.
struct SetNormGeometry {
  Index samples = 1;       ///< of a set: all, or one
  Index channels = 1;      ///< of a set, a divisor of all
  double epsilon = 1e-5;   ///< added to the variance
  bool constants = false;  ///< μ and σ² are given, not of x: nothing goes back through them

  /// Number of the set that a channel of a sample belongs to, out of `all` channels.
  constexpr Index set(Index sample, Index channel, Index all) const {
    return sample / samples * (all / channels) + channel / channels;
  }
  /// How many sets a value has.
  constexpr Index sets(Index batch, Index all) const { return batch / samples * (all / channels); }
};

/// Running statistics of batch norm: running += momentum · (scale · value − running), with scale N/(N − 1) for
/// variances, as PyTorch has it.
struct RunningGeometry {
  Index size = 1;         ///< numbers
  double momentum = 0.1;  ///< weight of the newest value
  double scale = 1;       ///< of the newest value
};

/// A device that normalises sets of channels. γ, β and their gradients are [channels] and the latter may be null.
template <class D>
concept NormalisesSets = requires(D& dev, SetNormGeometry g, RunningGeometry r, View<const typename D::Scalar> in,
                                  View<typename D::Scalar> out, const typename D::Scalar* p, typename D::Scalar* dp) {
  set_statistics(dev, g, in, dp, dp);                       // x -> μ, σ² of each set
  set_norm_forward(dev, g, in, p, p, p, p, out);            // x, μ, σ², γ, β -> y
  set_norm_backward(dev, g, in, in, p, p, p, out, dp, dp);  // dy, x, μ, σ², γ -> dx, dγ +=, dβ +=
  advance_running(dev, r, p, dp);                           // value, running
};

}  // namespace ugatit
