// ops/set_norm.hpp as kernels: moments of each channel of each sample, joined to those of its set.
#pragma once

#include <ugatit/cuda/norm.hpp>
#include <ugatit/ops/set_norm.hpp>

namespace ugatit {

namespace norm_kernels {

/// The channels of samples that make up one set, numbered from 0.
struct SetMembers {
  Index samples, channels, first_sample, first_channel, all;

  UGATIT_KERNEL SetMembers(const SetNormGeometry& g, Index set, Index all_channels)
      : samples(g.samples),
        channels(g.channels),
        first_sample(set / (all_channels / g.channels) * g.samples),
        first_channel(set % (all_channels / g.channels) * g.channels),
        all(all_channels) {}

  UGATIT_KERNEL Index count() const { return samples * channels; }
  UGATIT_KERNEL Index channel(Index k) const { return first_channel + k % channels; }
  UGATIT_KERNEL Index plane(Index k) const { return (first_sample + k / channels) * all + channel(k); }
};

/// 1/√(σ² + eps)
template <class T>
UGATIT_KERNEL double rstd_of(T variance, double epsilon) {
  return 1 / std::sqrt(static_cast<double>(variance) + epsilon);
}

}  // namespace norm_kernels

template <LaunchesKernels D>
void set_statistics(D& dev, const SetNormGeometry& geometry, View<const typename D::Scalar> x, typename D::Scalar* mean,
                    typename D::Scalar* variance) {
  using T = typename D::Scalar;
  const SetNormGeometry g = geometry;
  const auto memory = norm_kernels::plane_moments(dev, x);
  const norm_kernels::Moments* const moments = memory.data();
  for_each_team(dev, g.sets(x.batch, x.channels), g.samples * g.channels, [=] UGATIT_KERNEL(Team team, Index set) {
    const norm_kernels::SetMembers members(g, set, x.channels);
    const norm_kernels::Moments m = norm_kernels::moments_together(team, members.count(), x.area(),
                                                                   [=](Index k) { return moments[members.plane(k)]; });
    if (team.rank() == 0) {
      mean[set] = static_cast<T>(m.mean);
      variance[set] = static_cast<T>(m.squares / static_cast<double>(members.count() * x.area()));
    }
  });
}

template <LaunchesKernels D>
void set_norm_forward(D& dev, const SetNormGeometry& geometry, View<const typename D::Scalar> x,
                      const typename D::Scalar* mean, const typename D::Scalar* variance,
                      const typename D::Scalar* gamma, const typename D::Scalar* beta, View<typename D::Scalar> y) {
  using T = typename D::Scalar;
  const SetNormGeometry g = geometry;
  for_each_team(dev, x.batch * x.channels, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const Index c = plane % x.channels;
    const Index set = g.set(plane / x.channels, c, x.channels);
    const T* const from = x.data + plane * x.area();
    T* const to = y.data + plane * x.area();
    const T scale = gamma[c] * static_cast<T>(norm_kernels::rstd_of(variance[set], g.epsilon));
    team.each(x.area(), [=](Index i) { to[i] = (from[i] - mean[set]) * scale + beta[c]; });
  });
}

template <LaunchesKernels D>
void set_norm_backward(D& dev, const SetNormGeometry& geometry, View<const typename D::Scalar> dy,
                       View<const typename D::Scalar> x, const typename D::Scalar* mean,
                       const typename D::Scalar* variance, const typename D::Scalar* gamma, View<typename D::Scalar> dx,
                       typename D::Scalar* dgamma, typename D::Scalar* dbeta) {
  using T = typename D::Scalar;
  const SetNormGeometry g = geometry;
  const Index planes = x.batch * x.channels;
  const Index sets = g.sets(x.batch, x.channels);
  const BufferOf<double, D> memory(dev.arena(), 2 * (planes + sets));
  double* const total = memory.data();         // Σ dy of each channel of each sample
  double* const product = total + planes;      // Σ dy x̂
  double* const set_total = product + planes;  // Σ γ dy of each set
  double* const set_product = set_total + sets;

  for_each_team(dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const Index set = g.set(plane / x.channels, plane % x.channels, x.channels);
    const norm_kernels::GradientSums sums = norm_kernels::gradient_sums(
        team, dy.data + plane * x.area(), x.data + plane * x.area(), static_cast<double>(mean[set]), x.area(),
        norm_kernels::Gate<T, norm_kernels::NoKink>{});
    if (team.rank() == 0) {
      total[plane] = sums.total;
      product[plane] = sums.centred * norm_kernels::rstd_of(variance[set], g.epsilon);
    }
  });

  for_each(dev, x.channels, [=] UGATIT_KERNEL(Index c) {
    for (Index n = 0; n < x.batch; ++n) {
      if (dgamma != nullptr) dgamma[c] += static_cast<T>(product[n * x.channels + c]);
      if (dbeta != nullptr) dbeta[c] += static_cast<T>(total[n * x.channels + c]);
    }
  });

  for_each_team(dev, sets, g.samples * g.channels, [=] UGATIT_KERNEL(Team team, Index set) {
    const norm_kernels::SetMembers members(g, set, x.channels);
    const double through = g.constants ? 0 : 1;
    const auto weight = [=](Index k) { return through * static_cast<double>(gamma[members.channel(k)]); };
    const double all = team.sum(members.count(), [=](Index k) { return weight(k) * total[members.plane(k)]; });
    const double products = team.sum(members.count(), [=](Index k) { return weight(k) * product[members.plane(k)]; });
    if (team.rank() == 0) {
      set_total[set] = all;
      set_product[set] = products;
    }
  });

  for_each_team(dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const Index set = g.set(plane / x.channels, plane % x.channels, x.channels);
    const T* const from = x.data + plane * x.area();
    const T* const gradient = dy.data + plane * x.area();
    T* const to = dx.data + plane * x.area();
    const double count = static_cast<double>(g.samples * g.channels * x.area());
    const double r = norm_kernels::rstd_of(variance[set], g.epsilon);
    const T a = static_cast<T>(static_cast<double>(gamma[plane % x.channels]) * r);
    const T b = static_cast<T>(r * r * set_product[set] / count);
    const T e = static_cast<T>(r * set_total[set] / count);
    team.each(x.area(), [=](Index i) { to[i] = a * gradient[i] - b * (from[i] - mean[set]) - e; });
  });
}

template <LaunchesKernels D>
void advance_running(D& dev, const RunningGeometry& geometry, const typename D::Scalar* value,
                     typename D::Scalar* running) {
  using T = typename D::Scalar;
  const RunningGeometry g = geometry;
  for_each(dev, g.size, [=] UGATIT_KERNEL(Index i) {
    running[i] +=
        static_cast<T>(g.momentum * (g.scale * static_cast<double>(value[i]) - static_cast<double>(running[i])));
  });
}

}  // namespace ugatit
