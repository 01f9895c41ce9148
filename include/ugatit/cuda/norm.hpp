// ops/norm.hpp as kernels: a team for each channel of each sample. Statistics and sums are made in double precision.
#pragma once

#include <ugatit/cuda/map.hpp>
#include <ugatit/ops/norm.hpp>

namespace ugatit {

namespace norm_kernels {

/// Mean, and sum of squared distances from it, of what a team looks at together.
struct Moments {
  double mean;
  double squares;

  UGATIT_KERNEL double rstd(const NormGeometry& g, double count) const {
    return 1 / std::sqrt(squares / (g.unbiased ? count - 1 : count) + g.epsilon);
  }
};

template <class T>
UGATIT_KERNEL Moments moments_of(const Team& team, const T* x, Index size) {
  // One pass, around a number that is near the mean, so that little cancels.
  const double near = static_cast<double>(x[0]);
  const TwoSums sums = team.sums(size, [=](Index i) {
    const double distance = static_cast<double>(x[i]) - near;
    return TwoSums{distance, distance * distance};
  });
  const double shift = sums.first / static_cast<double>(size);
  const double squares = sums.second - sums.first * shift;
  return {near + shift, squares > 0 ? squares : 0};
}

/// The moments of several channels, equally large, together; `of(k)` is the moments of the k-th.
template <class F>
UGATIT_KERNEL Moments moments_together(const Team& team, Index channels, Index area, const F& of) {
  const double mean = team.sum(channels, [&](Index k) { return of(k).mean; }) / static_cast<double>(channels);
  const double squares = team.sum(channels, [&](Index k) {
    const Moments m = of(k);
    return m.squares + static_cast<double>(area) * (m.mean - mean) * (m.mean - mean);
  });
  return {mean, squares};
}

/// Moments of each channel of each sample.
template <class D>
BufferOf<Moments, D> plane_moments(D& dev, View<const typename D::Scalar> x) {
  BufferOf<Moments, D> moments(dev.arena(), x.batch * x.channels);
  Moments* const to = moments.data();
  for_each_team(dev, x.batch * x.channels, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const Moments m = moments_of(team, x.data + plane * x.area(), x.area());
    if (team.rank() == 0) to[plane] = m;
  });
  return moments;
}

/// Σ dy and Σ dy (x − mean) of a team's channel.
struct GradientSums {
  double total;
  double centred;
};

template <class T>
UGATIT_KERNEL GradientSums gradient_sums(const Team& team, const T* dy, const T* x, double mean, Index size) {
  const TwoSums sums = team.sums(size, [=](Index i) {
    const double gradient = static_cast<double>(dy[i]);
    return TwoSums{gradient, gradient * (static_cast<double>(x[i]) - mean)};
  });
  return {sums.first, sums.second};
}

}  // namespace norm_kernels

template <LaunchesKernels D>
void instance_norm_forward(D& dev, const NormGeometry& geometry, View<const typename D::Scalar> x,
                           const typename D::Scalar* gamma, const typename D::Scalar* beta, View<typename D::Scalar> y,
                           NormStatistics<typename D::Scalar> s) {
  using T = typename D::Scalar;
  const NormGeometry g = geometry;
  for_each_team(dev, x.batch * x.channels, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const Index c = plane % x.channels;
    const T* const from = x.data + plane * x.area();
    T* const to = y.data + plane * x.area();
    const norm_kernels::Moments m = norm_kernels::moments_of(team, from, x.area());
    const T mean = static_cast<T>(m.mean);
    const T rstd = static_cast<T>(m.rstd(g, static_cast<double>(x.area())));
    if (s.mean != nullptr && team.rank() == 0) {
      s.mean[plane] = mean;
      s.rstd[plane] = rstd;
    }
    const T scale = gamma == nullptr ? rstd : gamma[c] * rstd;
    const T shift = beta == nullptr ? T(0) : beta[c];
    map(team, x.area(), to, [=](Index i) { return (from[i] - mean) * scale + shift; });
  });
}

template <LaunchesKernels D>
void instance_norm_backward(D& dev, const NormGeometry& geometry, View<const typename D::Scalar> dy,
                            View<const typename D::Scalar> x, const typename D::Scalar* gamma,
                            NormStatistics<typename D::Scalar> s, View<typename D::Scalar> dx,
                            typename D::Scalar* dgamma, typename D::Scalar* dbeta) {
  using T = typename D::Scalar;
  const NormGeometry g = geometry;
  // Where nothing is summed over samples each has teams of its own.
  const Index groups = dgamma == nullptr && dbeta == nullptr ? x.batch : 1;
  for_each_team(dev, groups * x.channels, x.area(), [=] UGATIT_KERNEL(Team team, Index t) {
    const auto [group, c] = Cell(x.channels, t);
    const double count = static_cast<double>(x.area());
    const double divisor = g.unbiased ? count - 1 : count;
    for (Index n = group; n < x.batch; n += groups) {
      const Index plane = n * x.channels + c;
      const T* const from = x.data + plane * x.area();
      const T* const gradient = dy.data + plane * x.area();
      T* const to = dx.data + plane * x.area();
      const double mean = static_cast<double>(s.mean[plane]);
      const double rstd = static_cast<double>(s.rstd[plane]);
      const norm_kernels::GradientSums sums = norm_kernels::gradient_sums(team, gradient, from, mean, x.area());
      const double product = sums.centred * rstd;  // Σ dy x̂
      if (team.rank() == 0) {
        if (dgamma != nullptr) dgamma[c] += static_cast<T>(product);
        if (dbeta != nullptr) dbeta[c] += static_cast<T>(sums.total);
      }
      const double scale = (gamma == nullptr ? 1 : static_cast<double>(gamma[c])) * rstd;
      const T a = static_cast<T>(scale);
      const T b = static_cast<T>(scale * rstd * product / divisor);
      const T average = static_cast<T>(sums.total / count);
      map(team, x.area(), to, [=](Index i) { return a * (gradient[i] - average) - b * (from[i] - s.mean[plane]); });
    }
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
  for_each_team(dev, x.batch * x.channels, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const Index n = plane / x.channels;
    const Index c = plane % x.channels;
    const Index p = g.per_sample ? plane : c;
    const T* const from = x.data + plane * x.area();
    T* const to = y.data + plane * x.area();
    const T mean = static_cast<T>(moments[plane].mean);
    const T rstd = static_cast<T>(moments[plane].rstd(g, static_cast<double>(x.area())));
    if (team.rank() == 0) {
      s.mean[plane] = mean;
      s.rstd[plane] = rstd;
    }
    // y = γ (ρ (x − μ) r + (1 − ρ)(x − μ_L) r_L) + β, written around the channel's own mean
    const T layer_part = (T(1) - rho[c]) * s.layer_rstd[n];
    const T scale = gamma[p] * (rho[c] * rstd + layer_part);
    const T shift = gamma[p] * layer_part * (mean - s.layer_mean[n]) + beta[p];
    map(team, x.area(), to, [=](Index i) { return (from[i] - mean) * scale + shift; });
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

  for_each_team(dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const Index n = plane / x.channels;
    const double mean = static_cast<double>(s.mean[plane]);
    const norm_kernels::GradientSums of =
        norm_kernels::gradient_sums(team, dy.data + plane * x.area(), x.data + plane * x.area(), mean, x.area());
    const double shift = mean - static_cast<double>(s.layer_mean[n]);
    if (team.rank() == 0) {
      sums[plane] = {of.total, of.centred * static_cast<double>(s.rstd[plane]),
                     (of.centred + shift * of.total) * static_cast<double>(s.layer_rstd[n])};
    }
  });

  for_each(dev, x.channels, [=] UGATIT_KERNEL(Index c) {
    for (Index n = 0; n < x.batch; ++n) {
      const Index plane = n * x.channels + c;
      const Index p = g.per_sample ? plane : c;
      const double r = static_cast<double>(rho[c]);
      const double mixed = r * sums[plane].instance + (1 - r) * sums[plane].layer;
      if (g.per_sample) {
        dgamma[p] = static_cast<T>(mixed);
        dbeta[p] = static_cast<T>(sums[plane].total);
      } else {
        if (dgamma != nullptr) dgamma[p] += static_cast<T>(mixed);
        if (dbeta != nullptr) dbeta[p] += static_cast<T>(sums[plane].total);
      }
      if (drho != nullptr) {
        drho[c] += static_cast<T>(static_cast<double>(gamma[p]) * (sums[plane].instance - sums[plane].layer));
      }
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

  for_each_team(dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const Index n = plane / x.channels;
    const Index c = plane % x.channels;
    const T* const from = x.data + plane * x.area();
    const T* const gradient = dy.data + plane * x.area();
    T* const to = dx.data + plane * x.area();
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
    map(team, x.area(), to, [=](Index i) { return a * gradient[i] + b * (from[i] - s.mean[plane]) + e; });
  });
}

}  // namespace ugatit
