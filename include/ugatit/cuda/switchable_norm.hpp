// ops/switchable_norm.hpp as kernels.
#pragma once

#include <ugatit/cuda/norm.hpp>
#include <ugatit/ops/switchable_norm.hpp>

namespace ugatit {

namespace switchable_kernels {

/// Numbers of the instance, the layer and the batch statistic.
struct Three {
  double instance, layer, batch;

  UGATIT_KERNEL double dot(const Three& o) const { return instance * o.instance + layer * o.layer + batch * o.batch; }
};

template <class T>
UGATIT_KERNEL Three softmax_of(const T* logits) {
  const double a = static_cast<double>(logits[0]);
  const double b = static_cast<double>(logits[1]);
  const double c = static_cast<double>(logits[2]);
  const double most = a > b ? (a > c ? a : c) : (b > c ? b : c);
  const double x = std::exp(a - most);
  const double y = std::exp(b - most);
  const double z = std::exp(c - most);
  const double sum = x + y + z;
  return {x / sum, y / sum, z / sum};
}

/// Both weights, and what they mix for one channel of one sample.
template <class T>
struct Mixed {
  Three mean_weights;
  Three variance_weights;
  SwitchableStatistics<T> s;
  Index channels;
  double epsilon;

  UGATIT_KERNEL Mixed(const SwitchableGeometry& g, const T* mean_logits, const T* variance_logits,
                      const SwitchableStatistics<T>& of, Index all)
      : mean_weights(softmax_of(mean_logits)),
        variance_weights(softmax_of(variance_logits)),
        s(of),
        channels(all),
        epsilon(g.epsilon) {}

  UGATIT_KERNEL Three means(Index plane) const { return of(plane, s.mean, s.layer_mean, s.batch_mean); }
  UGATIT_KERNEL Three variances(Index plane) const { return of(plane, s.variance, s.layer_variance, s.batch_variance); }
  UGATIT_KERNEL double mean(Index plane) const { return mean_weights.dot(means(plane)); }
  UGATIT_KERNEL double rstd(Index plane) const {
    return 1 / std::sqrt(variance_weights.dot(variances(plane)) + epsilon);
  }

 private:
  UGATIT_KERNEL Three of(Index plane, const T* instance, const T* layer, const T* batch) const {
    return {static_cast<double>(instance[plane]), static_cast<double>(layer[plane / channels]),
            static_cast<double>(batch[plane % channels])};
  }
};

// dλ += w (d − Σ w d), for d the gradients of the weights.
template <class T>
UGATIT_KERNEL void softmax_gradient(const Three& w, const Three& d, T* dlogits) {
  if (dlogits == nullptr) return;
  const double mean = w.dot(d);
  dlogits[0] += static_cast<T>(w.instance * (d.instance - mean));
  dlogits[1] += static_cast<T>(w.layer * (d.layer - mean));
  dlogits[2] += static_cast<T>(w.batch * (d.batch - mean));
}

// dλ of the means, or of the variances, for d the gradients of what they mix.
template <class D>
void weights_backward(D& dev, const SwitchableGeometry& geometry, View<const typename D::Scalar> x,
                      SwitchableStatistics<typename D::Scalar> s, const typename D::Scalar* logits, const double* d,
                      bool of_variances, typename D::Scalar* dlogits) {
  if (dlogits == nullptr) return;
  const SwitchableGeometry g = geometry;
  const Index planes = x.batch * x.channels;
  for_each_team(dev, 1, planes, [=] UGATIT_KERNEL(Team team, Index) {
    const Mixed<typename D::Scalar> mixed(g, logits, logits, s, x.channels);
    const auto sum = [&](double Three::*part) {
      return team.sum(planes, [&](Index plane) {
        return d[plane] * (of_variances ? mixed.variances(plane) : mixed.means(plane)).*part;
      });
    };
    const Three gradients{sum(&Three::instance), sum(&Three::layer), sum(&Three::batch)};
    if (team.rank() == 0) softmax_gradient(mixed.mean_weights, gradients, dlogits);
  });
}

}  // namespace switchable_kernels

template <LaunchesKernels D>
void switchable_statistics(D& dev, const SwitchableGeometry& g, View<const typename D::Scalar> x,
                           SwitchableStatistics<typename D::Scalar> s) {
  using T = typename D::Scalar;
  const auto memory = norm_kernels::plane_moments(dev, x);
  const norm_kernels::Moments* const moments = memory.data();
  for_each(dev, x.batch * x.channels, [=] UGATIT_KERNEL(Index plane) {
    s.mean[plane] = static_cast<T>(moments[plane].mean);
    s.variance[plane] = static_cast<T>(moments[plane].squares / static_cast<double>(x.area()));
  });
  for_each_team(dev, x.batch, x.channels, [=] UGATIT_KERNEL(Team team, Index n) {
    const norm_kernels::Moments m = norm_kernels::moments_together(
        team, x.channels, x.area(), [=](Index c) { return moments[n * x.channels + c]; });
    if (team.rank() == 0) {
      s.layer_mean[n] = static_cast<T>(m.mean);
      s.layer_variance[n] = static_cast<T>(m.squares / static_cast<double>(x.image()));
    }
  });
  if (g.constant_batch) return;
  for_each_team(dev, x.channels, x.batch, [=] UGATIT_KERNEL(Team team, Index c) {
    const norm_kernels::Moments m =
        norm_kernels::moments_together(team, x.batch, x.area(), [=](Index n) { return moments[n * x.channels + c]; });
    if (team.rank() == 0) {
      s.batch_mean[c] = static_cast<T>(m.mean);
      s.batch_variance[c] = static_cast<T>(m.squares / static_cast<double>(x.batch * x.area()));
    }
  });
}

template <LaunchesKernels D>
void switchable_norm_forward(D& dev, const SwitchableGeometry& geometry, View<const typename D::Scalar> x,
                             SwitchableStatistics<typename D::Scalar> s, const typename D::Scalar* mean_logits,
                             const typename D::Scalar* variance_logits, const typename D::Scalar* gamma,
                             const typename D::Scalar* beta, View<typename D::Scalar> y) {
  using T = typename D::Scalar;
  const SwitchableGeometry g = geometry;
  for_each_team(dev, x.batch * x.channels, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const switchable_kernels::Mixed<T> mixed(g, mean_logits, variance_logits, s, x.channels);
    const Index c = plane % x.channels;
    const T* const from = x.data + plane * x.area();
    T* const to = y.data + plane * x.area();
    const T mean = static_cast<T>(mixed.mean(plane));
    const T scale = static_cast<T>(static_cast<double>(gamma[c]) * mixed.rstd(plane));
    team.each(x.area(), [=](Index i) { to[i] = (from[i] - mean) * scale + beta[c]; });
  });
}

template <LaunchesKernels D>
void switchable_norm_backward(D& dev, const SwitchableGeometry& geometry, View<const typename D::Scalar> dy,
                              View<const typename D::Scalar> x, SwitchableStatistics<typename D::Scalar> s,
                              const typename D::Scalar* mean_logits, const typename D::Scalar* variance_logits,
                              const typename D::Scalar* gamma, View<typename D::Scalar> dx,
                              typename D::Scalar* dmean_logits, typename D::Scalar* dvariance_logits,
                              typename D::Scalar* dgamma, typename D::Scalar* dbeta) {
  using T = typename D::Scalar;
  using switchable_kernels::Mixed;
  using switchable_kernels::Three;
  const SwitchableGeometry g = geometry;
  const Index planes = x.batch * x.channels;
  const BufferOf<double, D> memory(dev.arena(), 2 * (2 * planes + x.batch + x.channels));
  double* const total = memory.data();       // Σ dy of each channel of each sample
  double* const product = total + planes;    // Σ dy x̂
  double* const dmean = product + planes;    // of the mixed μ
  double* const dvariance = dmean + planes;  // of the mixed σ²
  double* const layer_dmean = dvariance + planes;
  double* const layer_dvariance = layer_dmean + x.batch;
  double* const batch_dmean = layer_dvariance + x.batch;
  double* const batch_dvariance = batch_dmean + x.channels;

  for_each_team(dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const Mixed<T> mixed(g, mean_logits, variance_logits, s, x.channels);
    const double r = mixed.rstd(plane);
    const double weight = static_cast<double>(gamma[plane % x.channels]) * r;
    const norm_kernels::GradientSums sums =
        norm_kernels::gradient_sums(team, dy.data + plane * x.area(), x.data + plane * x.area(), mixed.mean(plane),
                                    x.area(), norm_kernels::Gate<T, norm_kernels::NoKink>{});
    if (team.rank() == 0) {
      total[plane] = sums.total;
      product[plane] = sums.centred * r;
      dmean[plane] = -weight * sums.total;
      dvariance[plane] = -weight * r * product[plane] / 2;
    }
  });

  for_each_team(dev, x.batch, x.channels, [=] UGATIT_KERNEL(Team team, Index n) {
    const double mean = team.sum(x.channels, [=](Index c) { return dmean[n * x.channels + c]; });
    const double variance = team.sum(x.channels, [=](Index c) { return dvariance[n * x.channels + c]; });
    if (team.rank() == 0) {
      layer_dmean[n] = mean;
      layer_dvariance[n] = variance;
    }
  });
  for_each(dev, x.channels, [=] UGATIT_KERNEL(Index c) {
    batch_dmean[c] = 0;
    batch_dvariance[c] = 0;
    for (Index n = 0; n < x.batch; ++n) {
      const Index plane = n * x.channels + c;
      if (dgamma != nullptr) dgamma[c] += static_cast<T>(product[plane]);
      if (dbeta != nullptr) dbeta[c] += static_cast<T>(total[plane]);
      batch_dmean[c] += dmean[plane];
      batch_dvariance[c] += dvariance[plane];
    }
  });
  switchable_kernels::weights_backward(dev, g, x, s, mean_logits, dmean, false, dmean_logits);
  switchable_kernels::weights_backward(dev, g, x, s, variance_logits, dvariance, true, dvariance_logits);

  // dx = a dy + b (x − μ) + e, written around the channel's own mean
  const BufferOf<T, D> coefficients(dev.arena(), 3 * planes);
  T* const a = coefficients.data();
  T* const b = a + planes;
  T* const e = b + planes;
  for_each(dev, planes, [=] UGATIT_KERNEL(Index plane) {
    const Mixed<T> mixed(g, mean_logits, variance_logits, s, x.channels);
    const Cell p(x.channels, plane);
    const double area = static_cast<double>(x.area());
    const double through_batch = g.constant_batch ? 0 : 1;
    double slope = 0;
    double constant = 0;
    const auto pass_on = [&](double Three::*part, double d_mean, double d_variance, double count) {
      const double own_slope = 2 * mixed.variance_weights.*part * d_variance / count;
      slope += own_slope;
      constant += mixed.mean_weights.*part * d_mean / count +
                  own_slope * (static_cast<double>(s.mean[plane]) - mixed.means(plane).*part);
    };
    pass_on(&Three::instance, dmean[plane], dvariance[plane], area);
    pass_on(&Three::layer, layer_dmean[p.row], layer_dvariance[p.row], area * static_cast<double>(x.channels));
    pass_on(&Three::batch, through_batch * batch_dmean[p.column], through_batch * batch_dvariance[p.column],
            area * static_cast<double>(x.batch));
    a[plane] = static_cast<T>(static_cast<double>(gamma[p.column]) * mixed.rstd(plane));
    b[plane] = static_cast<T>(slope);
    e[plane] = static_cast<T>(constant);
  });
  for_each_team(dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const T* const from = x.data + plane * x.area();
    const T* const gradient = dy.data + plane * x.area();
    T* const to = dx.data + plane * x.area();
    const T mean = s.mean[plane];
    team.each(x.area(), [=](Index i) { to[i] = a[plane] * gradient[i] + b[plane] * (from[i] - mean) + e[plane]; });
  });
}

}  // namespace ugatit
