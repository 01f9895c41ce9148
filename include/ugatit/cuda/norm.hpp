// ops/norm.hpp as kernels. Statistics and sums are those of cuda/moments.hpp, for either order of an image's numbers.
#pragma once

#include <ugatit/cuda/moments.hpp>
#include <ugatit/ops/norm.hpp>

namespace ugatit {

namespace norm_kernels {

/// What a channel becomes by an instance norm.
template <class S>
struct InstanceMaps {
  Index channels;
  const S* gamma;
  const S* beta;
  NormStatistics<S> s;

  UGATIT_KERNEL AffineMap<S> operator()(Index plane) const {
    const Index c = Cell(channels, plane).column;
    const S rstd = s.rstd[plane];
    return {s.mean[plane], gamma == nullptr ? rstd : gamma[c] * rstd, beta == nullptr ? S(0) : beta[c]};
  }
};

/// And by a layer-instance norm: y = γ (ρ (x − μ) r + (1 − ρ)(x − μ_L) r_L) + β, around the channel's own mean.
template <class S>
struct LayerInstanceMaps {
  Index channels;
  bool per_sample;
  const S* rho;
  const S* gamma;
  const S* beta;
  NormStatistics<S> s;

  UGATIT_KERNEL AffineMap<S> operator()(Index plane) const {
    const auto [n, c] = Cell(channels, plane);
    const Index p = per_sample ? plane : c;
    const S mean = s.mean[plane];
    const S layer_part = (S(1) - rho[c]) * s.layer_rstd[n];
    return {mean, gamma[p] * (rho[c] * s.rstd[plane] + layer_part),
            gamma[p] * layer_part * (mean - s.layer_mean[n]) + beta[p]};
  }
};

}  // namespace norm_kernels

template <LaunchesKernels D, class T>
void instance_norm_forward(D& dev, const NormGeometry& geometry, View<const T> x, const typename D::Scalar* gamma,
                           const typename D::Scalar* beta, const T* z, View<T> y,
                           NormStatistics<typename D::Scalar> s) {
  using S = typename D::Scalar;
  using norm_kernels::Moments;
  const NormGeometry g = geometry;
  norm_kernels::plane_moments(dev, x, [=] UGATIT_KERNEL(Index plane, const Moments& m) {
    s.mean[plane] = static_cast<S>(m.mean);
    s.rstd[plane] = static_cast<S>(m.rstd(g, static_cast<double>(x.area())));
  });
  norm_kernels::apply(dev, g, x, z, y, norm_kernels::InstanceMaps<S>{x.channels, gamma, beta, s});
}

template <LaunchesKernels D, class T>
void instance_norm_backward(D& dev, const NormGeometry& geometry, View<const T> dy, View<const T> x,
                            const typename D::Scalar* gamma, const typename D::Scalar* beta,
                            NormStatistics<typename D::Scalar> s, View<T> dx, typename D::Scalar* dgamma,
                            typename D::Scalar* dbeta) {
  using S = typename D::Scalar;
  using norm_kernels::GradientMap;
  using norm_kernels::GradientSums;
  const NormGeometry g = geometry;
  const Index planes = x.batch * x.channels;
  const BufferOf<GradientSums, D> sums_memory(dev.arena(), planes);
  const BufferOf<GradientMap<S>, D> maps_memory(dev.arena(), planes);
  GradientSums* const all = sums_memory.data();
  GradientMap<S>* const maps = maps_memory.data();
  const S* const mean = s.mean;
  const norm_kernels::InstanceMaps<S> forward{x.channels, gamma, beta, s};
  const auto store = [=] UGATIT_KERNEL(Index plane, const GradientSums& sums) {
    const double count = static_cast<double>(x.area());
    const double divisor = g.unbiased ? count - 1 : count;
    const double rstd = static_cast<double>(s.rstd[plane]);
    const Index c = Cell(x.channels, plane).column;
    const double scale = (gamma == nullptr ? 1 : static_cast<double>(gamma[c])) * rstd;
    all[plane] = sums;
    // dx = a (dy − average) − b (x − μ)
    maps[plane] = {mean[plane], static_cast<S>(scale), static_cast<S>(-scale * rstd * rstd * sums.centred / divisor),
                   static_cast<S>(-scale * sums.total / count)};
  };
  norm_kernels::way_back(g, dy, x, forward, [&](const auto& upstream, const auto& kink) {
    norm_kernels::plane_gradient_sums(dev, upstream, x, mean, kink, store);
  });
  if (dgamma != nullptr || dbeta != nullptr) {
    for_each(dev, x.channels, [=] UGATIT_KERNEL(Index c) {
      double product = 0;  // Σ dy x̂
      double total = 0;
      for (Index n = 0; n < x.batch; ++n) {
        const Index plane = n * x.channels + c;
        product += all[plane].centred * static_cast<double>(s.rstd[plane]);
        total += all[plane].total;
      }
      if (dgamma != nullptr) dgamma[c] += static_cast<S>(product);
      if (dbeta != nullptr) dbeta[c] += static_cast<S>(total);
    });
  }
  const auto map_of = [=] UGATIT_KERNEL(Index plane) { return maps[plane]; };
  norm_kernels::way_back(g, dy, x, forward, [&](const auto& upstream, const auto& kink) {
    norm_kernels::apply_back(dev, upstream, x, dx, kink, map_of);
  });
}

template <LaunchesKernels D, class T>
void layer_instance_norm_forward(D& dev, const NormGeometry& geometry, View<const T> x, const typename D::Scalar* rho,
                                 const typename D::Scalar* gamma, const typename D::Scalar* beta, const T* z, View<T> y,
                                 NormStatistics<typename D::Scalar> s) {
  using S = typename D::Scalar;
  using norm_kernels::Moments;
  const NormGeometry g = geometry;
  const BufferOf<Moments, D> memory(dev.arena(), x.batch * x.channels);
  Moments* const moments = memory.data();
  norm_kernels::plane_moments(dev, x, [=] UGATIT_KERNEL(Index plane, const Moments& m) {
    moments[plane] = m;
    s.mean[plane] = static_cast<S>(m.mean);
    s.rstd[plane] = static_cast<S>(m.rstd(g, static_cast<double>(x.area())));
  });
  for_each_team(dev, x.batch, x.channels, [=] UGATIT_KERNEL(Team team, Index n) {
    const Moments layer = norm_kernels::moments_together(team, x.channels, x.area(),
                                                         [=](Index c) { return moments[n * x.channels + c]; });
    if (team.rank() == 0) {
      s.layer_mean[n] = static_cast<S>(layer.mean);
      s.layer_rstd[n] = static_cast<S>(layer.rstd(g, static_cast<double>(x.image())));
    }
  });
  norm_kernels::apply(dev, g, x, z, y,
                      norm_kernels::LayerInstanceMaps<S>{x.channels, g.per_sample, rho, gamma, beta, s});
}

namespace norm_kernels {

/// What backward sums over a channel of a sample.
struct LayerInstanceSums {
  double total;     ///< Σ dy
  double instance;  ///< Σ dy x_I
  double layer;     ///< Σ dy x_L
};

}  // namespace norm_kernels

template <LaunchesKernels D, class T>
void layer_instance_norm_backward(D& dev, const NormGeometry& geometry, View<const T> dy, View<const T> x,
                                  const typename D::Scalar* rho, const typename D::Scalar* gamma,
                                  const typename D::Scalar* beta, NormStatistics<typename D::Scalar> s, View<T> dx,
                                  typename D::Scalar* drho, typename D::Scalar* dgamma, typename D::Scalar* dbeta) {
  using S = typename D::Scalar;
  using norm_kernels::GradientMap;
  using norm_kernels::GradientSums;
  using norm_kernels::LayerInstanceSums;
  const NormGeometry g = geometry;
  const Index planes = x.batch * x.channels;
  const BufferOf<LayerInstanceSums, D> sums_memory(dev.arena(), planes);
  const BufferOf<GradientMap<S>, D> maps_memory(dev.arena(), planes);
  LayerInstanceSums* const sums = sums_memory.data();
  GradientMap<S>* const maps = maps_memory.data();
  const S* const mean = s.mean;

  const norm_kernels::LayerInstanceMaps<S> forward{x.channels, g.per_sample, rho, gamma, beta, s};
  const auto store = [=] UGATIT_KERNEL(Index plane, const GradientSums& of) {
    const Index n = Cell(x.channels, plane).row;
    const double shift = static_cast<double>(mean[plane]) - static_cast<double>(s.layer_mean[n]);
    sums[plane] = {of.total, of.centred * static_cast<double>(s.rstd[plane]),
                   (of.centred + shift * of.total) * static_cast<double>(s.layer_rstd[n])};
  };
  norm_kernels::way_back(g, dy, x, forward, [&](const auto& upstream, const auto& kink) {
    norm_kernels::plane_gradient_sums(dev, upstream, x, mean, kink, store);
  });
  const auto learn = [=] UGATIT_KERNEL(Index c) {
    for (Index n = 0; n < x.batch; ++n) {
      const Index plane = n * x.channels + c;
      const LayerInstanceSums sum = sums[plane];
      const Index p = g.per_sample ? plane : c;
      const double r = static_cast<double>(rho[c]);
      const double mixed = r * sum.instance + (1 - r) * sum.layer;
      if (g.per_sample) {
        dgamma[p] = static_cast<S>(mixed);
        dbeta[p] = static_cast<S>(sum.total);
      } else {
        if (dgamma != nullptr) dgamma[p] += static_cast<S>(mixed);
        if (dbeta != nullptr) dbeta[p] += static_cast<S>(sum.total);
      }
      if (drho != nullptr) drho[c] += static_cast<S>(static_cast<double>(gamma[p]) * (sum.instance - sum.layer));
    }
  };
  // A team for each sample's maps, and one for what is learned.
  for_each_team(dev, x.batch + 1, x.channels, [=] UGATIT_KERNEL(Team team, Index n) {
    if (n == x.batch) return team.each(x.channels, learn);
    const auto weight = [=](Index c) { return static_cast<double>(gamma[g.per_sample ? n * x.channels + c : c]); };
    const auto to_layer = [=](Index c) { return weight(c) * (1 - static_cast<double>(rho[c])); };
    // Of the gradient that reaches x_L: its sum, and that of it times x_L.
    const TwoSums of_layer = team.sums(x.channels, [=](Index c) {
      const LayerInstanceSums sum = sums[n * x.channels + c];
      return TwoSums{to_layer(c) * sum.total, to_layer(c) * sum.layer};
    });
    const double count = static_cast<double>(x.area());
    const double layer_count = static_cast<double>(x.image());
    const double divisor = g.unbiased ? count - 1 : count;
    const double layer_divisor = g.unbiased ? layer_count - 1 : layer_count;
    const double layer_rstd = static_cast<double>(s.layer_rstd[n]);
    const double layer_slope = layer_rstd * layer_rstd * of_layer.second / layer_divisor;
    // dx = a dy + b (x − μ) + e: the rule of ops/norm.hpp for x_I and for x_L, collected
    team.each(x.channels, [=](Index c) {
      const Index plane = n * x.channels + c;
      const double instance = weight(c) * static_cast<double>(rho[c]);
      const double rstd = static_cast<double>(s.rstd[plane]);
      const double shift = static_cast<double>(mean[plane]) - static_cast<double>(s.layer_mean[n]);
      maps[plane] = {mean[plane], static_cast<S>(instance * rstd + to_layer(c) * layer_rstd),
                     static_cast<S>(-instance * rstd * rstd * sums[plane].instance / divisor - layer_slope),
                     static_cast<S>(-instance * rstd * sums[plane].total / count -
                                    layer_rstd * of_layer.first / layer_count - layer_slope * shift)};
    });
  });
  const auto map_of = [=] UGATIT_KERNEL(Index plane) { return maps[plane]; };
  norm_kernels::way_back(g, dy, x, forward, [&](const auto& upstream, const auto& kink) {
    norm_kernels::apply_back(dev, upstream, x, dx, kink, map_of);
  });
}

}  // namespace ugatit
