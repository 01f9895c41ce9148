// ops/norm.hpp as kernels. Statistics and sums are made in double precision (cuda/moments.hpp).
#pragma once

#include <ugatit/cuda/moments.hpp>
#include <ugatit/ops/norm.hpp>

namespace ugatit {

template <LaunchesKernels D>
void instance_norm_forward(D& dev, const NormGeometry& geometry, View<const typename D::Scalar> x,
                           const typename D::Scalar* gamma, const typename D::Scalar* beta, View<typename D::Scalar> y,
                           NormStatistics<typename D::Scalar> s) {
  using T = typename D::Scalar;
  const NormGeometry g = geometry;
  const Index planes = x.batch * x.channels;
  // What a channel becomes, once its moments are known.
  const auto apply = [=] UGATIT_KERNEL(Team team, Index plane, const norm_kernels::Moments& m, Index begin,
                                       Index size) {
    const Index c = Cell(x.channels, plane).column;
    const T* const from = x.data + plane * x.area() + begin;
    const T mean = static_cast<T>(m.mean);
    const T rstd = static_cast<T>(m.rstd(g, static_cast<double>(x.area())));
    if (s.mean != nullptr && team.rank() == 0 && begin == 0) {
      s.mean[plane] = mean;
      s.rstd[plane] = rstd;
    }
    const T scale = gamma == nullptr ? rstd : gamma[c] * rstd;
    const T shift = beta == nullptr ? T(0) : beta[c];
    map(team, size, y.data + plane * x.area() + begin, [=](Index i) { return (from[i] - mean) * scale + shift; });
  };
  if (norm_kernels::PlaneCut(x.area()).pieces == 1) {
    return for_each_team(dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
      apply(team, plane, norm_kernels::moments_of(team, x.data + plane * x.area(), x.area()), 0, x.area());
    });
  }
  const auto memory = norm_kernels::plane_moments(dev, x);
  const norm_kernels::Moments* const moments = memory.data();
  norm_kernels::for_each_plane_piece(dev, planes, x.area(),
                                     [=] UGATIT_KERNEL(Team team, Index plane, Index begin, Index size) {
                                       apply(team, plane, moments[plane], begin, size);
                                     });
}

template <LaunchesKernels D>
void instance_norm_backward(D& dev, const NormGeometry& geometry, View<const typename D::Scalar> dy,
                            View<const typename D::Scalar> x, const typename D::Scalar* gamma,
                            NormStatistics<typename D::Scalar> s, View<typename D::Scalar> dx,
                            typename D::Scalar* dgamma, typename D::Scalar* dbeta) {
  using T = typename D::Scalar;
  const NormGeometry g = geometry;
  const Index planes = x.batch * x.channels;
  const norm_kernels::PlaneCut cut(x.area());
  // What flows back through a channel, once its sums are known.
  const auto apply = [=] UGATIT_KERNEL(Team team, Index plane, const norm_kernels::GradientSums& sums, Index begin,
                                       Index size) {
    const Index c = Cell(x.channels, plane).column;
    const double count = static_cast<double>(x.area());
    const double divisor = g.unbiased ? count - 1 : count;
    const T* const from = x.data + plane * x.area() + begin;
    const T* const gradient = dy.data + plane * x.area() + begin;
    const T mean = s.mean[plane];
    const double rstd = static_cast<double>(s.rstd[plane]);
    const double scale = (gamma == nullptr ? 1 : static_cast<double>(gamma[c])) * rstd;
    const T a = static_cast<T>(scale);
    const T b = static_cast<T>(scale * rstd * rstd * sums.centred / divisor);
    const T average = static_cast<T>(sums.total / count);
    map(team, size, dx.data + plane * x.area() + begin,
        [=](Index i) { return a * (gradient[i] - average) - b * (from[i] - mean); });
  };
  if (cut.pieces == 1 && dgamma == nullptr && dbeta == nullptr) {
    return for_each_team(dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
      const norm_kernels::GradientSums sums = norm_kernels::gradient_sums(
          team, dy.data + plane * x.area(), x.data + plane * x.area(), static_cast<double>(s.mean[plane]), x.area());
      apply(team, plane, sums, 0, x.area());
    });
  }
  const auto memory = norm_kernels::piece_gradient_sums(dev, dy, x, static_cast<const T*>(s.mean));
  const norm_kernels::GradientSums* const pieces = memory.data();
  if (dgamma != nullptr || dbeta != nullptr) {
    for_each(dev, x.channels, [=] UGATIT_KERNEL(Index c) {
      double product = 0;  // Σ dy x̂
      double total = 0;
      for (Index n = 0; n < x.batch; ++n) {
        const Index plane = n * x.channels + c;
        const norm_kernels::GradientSums sums = norm_kernels::joined(pieces + plane * cut.pieces, cut.pieces);
        product += sums.centred * static_cast<double>(s.rstd[plane]);
        total += sums.total;
      }
      if (dgamma != nullptr) dgamma[c] += static_cast<T>(product);
      if (dbeta != nullptr) dbeta[c] += static_cast<T>(total);
    });
  }
  norm_kernels::for_each_plane_piece(
      dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane, Index begin, Index size) {
        apply(team, plane, norm_kernels::joined(pieces + plane * cut.pieces, cut.pieces), begin, size);
      });
}

template <LaunchesKernels D>
void layer_instance_norm_forward(D& dev, const NormGeometry& geometry, View<const typename D::Scalar> x,
                                 const typename D::Scalar* rho, const typename D::Scalar* gamma,
                                 const typename D::Scalar* beta, View<typename D::Scalar> y,
                                 NormStatistics<typename D::Scalar> s) {
  using T = typename D::Scalar;
  const NormGeometry g = geometry;
  const auto memory = norm_kernels::plane_moments(dev, x);
  const norm_kernels::Moments* const moments = memory.data();
  for_each_team(dev, x.batch, x.channels, [=] UGATIT_KERNEL(Team team, Index n) {
    const norm_kernels::Moments layer = norm_kernels::moments_together(
        team, x.channels, x.area(), [=](Index c) { return moments[n * x.channels + c]; });
    if (team.rank() == 0) {
      s.layer_mean[n] = static_cast<T>(layer.mean);
      s.layer_rstd[n] = static_cast<T>(layer.rstd(g, static_cast<double>(x.image())));
    }
  });
  norm_kernels::for_each_plane_piece(
      dev, x.batch * x.channels, x.area(), [=] UGATIT_KERNEL(Team team, Index plane, Index begin, Index size) {
        const auto [n, c] = Cell(x.channels, plane);
        const Index p = g.per_sample ? plane : c;
        const T* const from = x.data + plane * x.area() + begin;
        const T mean = static_cast<T>(moments[plane].mean);
        const T rstd = static_cast<T>(moments[plane].rstd(g, static_cast<double>(x.area())));
        if (team.rank() == 0 && begin == 0) {
          s.mean[plane] = mean;
          s.rstd[plane] = rstd;
        }
        // y = γ (ρ (x − μ) r + (1 − ρ)(x − μ_L) r_L) + β, written around the channel's own mean
        const T layer_part = (T(1) - rho[c]) * s.layer_rstd[n];
        const T scale = gamma[p] * (rho[c] * rstd + layer_part);
        const T shift = gamma[p] * layer_part * (mean - s.layer_mean[n]) + beta[p];
        map(team, size, y.data + plane * x.area() + begin, [=](Index i) { return (from[i] - mean) * scale + shift; });
      });
}

namespace norm_kernels {

/// What backward sums over a channel of a sample.
struct LayerInstanceSums {
  double total;     ///< Σ dy
  double instance;  ///< Σ dy x_I
  double layer;     ///< Σ dy x_L
};

/// And over a sample: of the gradient that reaches x_L.
struct LayerSums {
  double total;    ///< Σ
  double product;  ///< Σ of it times x_L
};

}  // namespace norm_kernels

template <LaunchesKernels D>
void layer_instance_norm_backward(D& dev, const NormGeometry& geometry, View<const typename D::Scalar> dy,
                                  View<const typename D::Scalar> x, const typename D::Scalar* rho,
                                  const typename D::Scalar* gamma, NormStatistics<typename D::Scalar> s,
                                  View<typename D::Scalar> dx, typename D::Scalar* drho, typename D::Scalar* dgamma,
                                  typename D::Scalar* dbeta) {
  using T = typename D::Scalar;
  const NormGeometry g = geometry;
  const Index planes = x.batch * x.channels;
  const BufferOf<double, D> memory(dev.arena(), 3 * planes + 2 * x.batch);
  auto* const sums = reinterpret_cast<norm_kernels::LayerInstanceSums*>(memory.data());
  auto* const layers = reinterpret_cast<norm_kernels::LayerSums*>(memory.data() + 3 * planes);

  const norm_kernels::PlaneCut cut(x.area());
  const auto gradient_memory = norm_kernels::piece_gradient_sums(dev, dy, x, static_cast<const T*>(s.mean));
  const norm_kernels::GradientSums* const pieces = gradient_memory.data();
  for_each(dev, x.channels, [=] UGATIT_KERNEL(Index c) {
    for (Index n = 0; n < x.batch; ++n) {
      const Index plane = n * x.channels + c;
      const norm_kernels::GradientSums of = norm_kernels::joined(pieces + plane * cut.pieces, cut.pieces);
      const double shift = static_cast<double>(s.mean[plane]) - static_cast<double>(s.layer_mean[n]);
      const norm_kernels::LayerInstanceSums sum{of.total, of.centred * static_cast<double>(s.rstd[plane]),
                                                (of.centred + shift * of.total) * static_cast<double>(s.layer_rstd[n])};
      sums[plane] = sum;
      const Index p = g.per_sample ? plane : c;
      const double r = static_cast<double>(rho[c]);
      const double mixed = r * sum.instance + (1 - r) * sum.layer;
      if (g.per_sample) {
        dgamma[p] = static_cast<T>(mixed);
        dbeta[p] = static_cast<T>(sum.total);
      } else {
        if (dgamma != nullptr) dgamma[p] += static_cast<T>(mixed);
        if (dbeta != nullptr) dbeta[p] += static_cast<T>(sum.total);
      }
      if (drho != nullptr) drho[c] += static_cast<T>(static_cast<double>(gamma[p]) * (sum.instance - sum.layer));
    }
  });

  for_each_team(dev, x.batch, x.channels, [=] UGATIT_KERNEL(Team team, Index n) {
    const auto weight = [=](Index c) {
      const Index p = g.per_sample ? n * x.channels + c : c;
      return static_cast<double>(gamma[p]) * (1 - static_cast<double>(rho[c]));
    };
    const double total = team.sum(x.channels, [=](Index c) { return weight(c) * sums[n * x.channels + c].total; });
    const double product = team.sum(x.channels, [=](Index c) { return weight(c) * sums[n * x.channels + c].layer; });
    if (team.rank() == 0) layers[n] = {total, product};
  });

  norm_kernels::for_each_plane_piece(
      dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane, Index begin, Index size) {
        const auto [n, c] = Cell(x.channels, plane);
        const T* const from = x.data + plane * x.area() + begin;
        const T* const gradient = dy.data + plane * x.area() + begin;
        T* const to = dx.data + plane * x.area() + begin;
        const T mean = s.mean[plane];
        const double count = static_cast<double>(x.area());
        const double layer_count = static_cast<double>(x.image());
        const double divisor = g.unbiased ? count - 1 : count;
        const double layer_divisor = g.unbiased ? layer_count - 1 : layer_count;
        const double weight = static_cast<double>(gamma[g.per_sample ? plane : c]);
        const double instance = weight * static_cast<double>(rho[c]);
        const double layer = weight * (1 - static_cast<double>(rho[c]));
        const double rstd = static_cast<double>(s.rstd[plane]);
        const double layer_rstd = static_cast<double>(s.layer_rstd[n]);
        const double shift = static_cast<double>(s.mean[plane]) - static_cast<double>(s.layer_mean[n]);
        // dx = a dy + b (x − μ) + e: the rule of ops/norm.hpp for x_I and for x_L, collected
        const double layer_slope = layer_rstd * layer_rstd * layers[n].product / layer_divisor;
        const T a = static_cast<T>(instance * rstd + layer * layer_rstd);
        const T b = static_cast<T>(-instance * rstd * rstd * sums[plane].instance / divisor - layer_slope);
        const T e = static_cast<T>(-instance * rstd * sums[plane].total / count -
                                   layer_rstd * layers[n].total / layer_count - layer_slope * shift);
        map(team, size, to, [=](Index i) { return a * gradient[i] + b * (from[i] - mean) + e; });
      });
}

}  // namespace ugatit
