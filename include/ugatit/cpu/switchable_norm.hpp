// ops/switchable_norm.hpp on the CPU.
#pragma once

#include <ugatit/cpu/norm.hpp>
#include <ugatit/ops/switchable_norm.hpp>

#include <algorithm>
#include <array>

namespace ugatit {

namespace switchable {

/// Numbers of the instance, the layer and the batch statistic, in this order.
using Three = std::array<double, 3>;

template <class T>
Three softmax(const T* logits) {
  const double most = static_cast<double>(*std::max_element(logits, logits + 3));
  Three w{};
  for (std::size_t k = 0; k < 3; ++k) w[k] = std::exp(static_cast<double>(logits[k]) - most);
  const double sum = w[0] + w[1] + w[2];
  for (double& weight : w) weight /= sum;
  return w;
}

inline double dot(const Three& a, const Three& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/// Both weights, and what they mix for one channel of one sample.
template <class T>
struct Mixture {
  Three mean_weights;
  Three variance_weights;
  SwitchableStatistics<T> s;
  Index channels;
  double epsilon;

  Mixture(const SwitchableGeometry& g, const T* mean_logits, const T* variance_logits, SwitchableStatistics<T> of,
          Index all)
      : mean_weights(softmax(mean_logits)),
        variance_weights(softmax(variance_logits)),
        s(of),
        channels(all),
        epsilon(g.epsilon) {}

  Three means(Index plane) const { return of(plane, s.mean, s.layer_mean, s.batch_mean); }
  Three variances(Index plane) const { return of(plane, s.variance, s.layer_variance, s.batch_variance); }
  double mean(Index plane) const { return dot(mean_weights, means(plane)); }
  double rstd(Index plane) const { return 1 / std::sqrt(dot(variance_weights, variances(plane)) + epsilon); }

 private:
  Three of(Index plane, const T* instance, const T* layer, const T* batch) const {
    return {static_cast<double>(instance[plane]), static_cast<double>(layer[plane / channels]),
            static_cast<double>(batch[plane % channels])};
  }
};

/// dλ += w (d − Σ w d), for d the gradients of the weights.
template <class T>
void softmax_backward(const Three& w, const Three& d, T* dlogits) {
  if (dlogits == nullptr) return;
  const double mean = dot(w, d);
  for (std::size_t k = 0; k < 3; ++k) dlogits[k] += static_cast<T>(w[k] * (d[k] - mean));
}

}  // namespace switchable

template <class T>
void switchable_statistics(Cpu<T>& dev, const SwitchableGeometry& g, View<const T> x, SwitchableStatistics<T> s) {
  const norm::PlaneMoments plane(dev, x);
  const auto store = [](const norm::Moments& m, T& mean, T& variance) {
    mean = static_cast<T>(m.mean);
    variance = static_cast<T>(m.squares / m.count);
  };
  for (Index i = 0; i < x.batch * x.channels; ++i) store(plane[i], s.mean[i], s.variance[i]);
  for (Index n = 0; n < x.batch; ++n) {
    norm::Moments layer;
    for (Index c = 0; c < x.channels; ++c) layer.join(plane[n * x.channels + c]);
    store(layer, s.layer_mean[n], s.layer_variance[n]);
  }
  if (g.constant_batch) return;
  for (Index c = 0; c < x.channels; ++c) {
    norm::Moments batch;
    for (Index n = 0; n < x.batch; ++n) batch.join(plane[n * x.channels + c]);
    store(batch, s.batch_mean[c], s.batch_variance[c]);
  }
}

template <class T>
void switchable_norm_forward(Cpu<T>& dev, const SwitchableGeometry& g, View<const T> x, SwitchableStatistics<T> s,
                             const T* mean_logits, const T* variance_logits, const T* gamma, const T* beta, View<T> y) {
  const switchable::Mixture<T> mixture(g, mean_logits, variance_logits, s, x.channels);
  dev.pool().run(x.batch * x.channels, [&](Index plane, int) {
    const Index c = plane % x.channels;
    const T scale = static_cast<T>(static_cast<double>(gamma[c]) * mixture.rstd(plane));
    norm::PlaneOut<T>(y.data + plane * y.area(), y.area()) =
        (norm::Plane<T>(x.data + plane * x.area(), x.area()) - static_cast<T>(mixture.mean(plane))) * scale + beta[c];
  });
}

template <class T>
void switchable_norm_backward(Cpu<T>& dev, const SwitchableGeometry& g, View<const T> dy, View<const T> x,
                              SwitchableStatistics<T> s, const T* mean_logits, const T* variance_logits, const T* gamma,
                              View<T> dx, T* dmean_logits, T* dvariance_logits, T* dgamma, T* dbeta) {
  using switchable::Three;
  const switchable::Mixture<T> mixture(g, mean_logits, variance_logits, s, x.channels);
  const Index planes = x.batch * x.channels;
  const Buffer<Cpu<double>> memory(dev.arena(), 2 * (2 * planes + x.batch + x.channels));
  double* const total = memory.data();       // Σ dy of each channel of each sample
  double* const product = total + planes;    // Σ dy x̂
  double* const dmean = product + planes;    // of the mixed μ
  double* const dvariance = dmean + planes;  // of the mixed σ²
  double* const layer_dmean = dvariance + planes;
  double* const layer_dvariance = layer_dmean + x.batch;
  double* const batch_dmean = layer_dvariance + x.batch;
  double* const batch_dvariance = batch_dmean + x.channels;

  dev.pool().run(planes, [&](Index plane, int) {
    const T* const gradient = dy.data + plane * x.area();
    const T mean = static_cast<T>(mixture.mean(plane));
    const double r = mixture.rstd(plane);
    const double weight = static_cast<double>(gamma[plane % x.channels]) * r;
    total[plane] = norm::sum(gradient, x.area());
    product[plane] = norm::centred_product(gradient, x.data + plane * x.area(), mean, x.area()) * r;
    dmean[plane] = -weight * total[plane];
    dvariance[plane] = -weight * r * product[plane] / 2;
  });

  std::fill(layer_dmean, batch_dvariance + x.channels, 0.0);
  Three dmean_weights{};
  Three dvariance_weights{};
  for (Index plane = 0; plane < planes; ++plane) {
    const Index n = plane / x.channels;
    const Index c = plane % x.channels;
    if (dgamma != nullptr) dgamma[c] += static_cast<T>(product[plane]);
    if (dbeta != nullptr) dbeta[c] += static_cast<T>(total[plane]);
    layer_dmean[n] += dmean[plane];
    layer_dvariance[n] += dvariance[plane];
    batch_dmean[c] += dmean[plane];
    batch_dvariance[c] += dvariance[plane];
    for (std::size_t k = 0; k < 3; ++k) {
      dmean_weights[k] += dmean[plane] * mixture.means(plane)[k];
      dvariance_weights[k] += dvariance[plane] * mixture.variances(plane)[k];
    }
  }
  switchable::softmax_backward(mixture.mean_weights, dmean_weights, dmean_logits);
  switchable::softmax_backward(mixture.variance_weights, dvariance_weights, dvariance_logits);

  const double area = static_cast<double>(x.area());
  const double through_batch = g.constant_batch ? 0 : 1;
  const Three counts{area, area * static_cast<double>(x.channels), area * static_cast<double>(x.batch)};
  dev.pool().run(planes, [&](Index plane, int) {
    const Index n = plane / x.channels;
    const Index c = plane % x.channels;
    const Three dmeans{dmean[plane], layer_dmean[n], through_batch * batch_dmean[c]};
    const Three dvariances{dvariance[plane], layer_dvariance[n], through_batch * batch_dvariance[c]};
    const Three means = mixture.means(plane);
    // dx = a dy + b (x − μ) + e, written around the channel's own mean
    double b = 0;
    double e = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      const double slope = 2 * mixture.variance_weights[k] * dvariances[k] / counts[k];
      b += slope;
      e += mixture.mean_weights[k] * dmeans[k] / counts[k] + slope * (means[0] - means[k]);
    }
    norm::PlaneOut<T>(dx.data + plane * x.area(), x.area()) =
        static_cast<T>(static_cast<double>(gamma[c]) * mixture.rstd(plane)) *
            norm::Plane<T>(dy.data + plane * x.area(), x.area()) +
        static_cast<T>(b) * (norm::Plane<T>(x.data + plane * x.area(), x.area()) - s.mean[plane]) + static_cast<T>(e);
  });
}

}  // namespace ugatit
