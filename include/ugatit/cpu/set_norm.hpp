// ops/set_norm.hpp on the CPU: moments of each channel of each sample, joined to those of its set.
#pragma once

#include <ugatit/cpu/norm.hpp>
#include <ugatit/ops/set_norm.hpp>

#include <algorithm>

namespace ugatit {

template <class T>
void set_statistics(Cpu<T>& dev, const SetNormGeometry& g, View<const T> x, T* mean, T* variance) {
  const norm::PlaneMoments plane(dev, x);
  dev.pool().run(g.sets(x.batch, x.channels), [&](Index set, int) {
    norm::Moments all;
    const Index sample = set / (x.channels / g.channels) * g.samples;
    const Index channel = set % (x.channels / g.channels) * g.channels;
    for (Index n = sample; n < sample + g.samples; ++n) {
      for (Index c = channel; c < channel + g.channels; ++c) all.join(plane[n * x.channels + c]);
    }
    mean[set] = static_cast<T>(all.mean);
    variance[set] = static_cast<T>(all.squares / all.count);
  });
}

template <class T>
void set_norm_forward(Cpu<T>& dev, const SetNormGeometry& g, View<const T> x, const T* mean, const T* variance,
                      const T* gamma, const T* beta, View<T> y) {
  dev.pool().run(x.batch * x.channels, [&](Index plane, int) {
    const Index c = plane % x.channels;
    const Index set = g.set(plane / x.channels, c, x.channels);
    const T scale = gamma[c] * norm::rstd(variance[set], g.epsilon);
    norm::PlaneOut<T>(y.data + plane * y.area(), y.area()) =
        (norm::Plane<T>(x.data + plane * x.area(), x.area()) - mean[set]) * scale + beta[c];
  });
}

template <class T>
void set_norm_backward(Cpu<T>& dev, const SetNormGeometry& g, View<const T> dy, View<const T> x, const T* mean,
                       const T* variance, const T* gamma, View<T> dx, T* dgamma, T* dbeta) {
  const Index planes = x.batch * x.channels;
  const Index sets = g.sets(x.batch, x.channels);
  const Buffer<Cpu<double>> memory(dev.arena(), 2 * (planes + sets));
  double* const total = memory.data();         // Σ dy of each channel of each sample
  double* const product = total + planes;      // Σ dy x̂
  double* const set_total = product + planes;  // Σ γ dy of each set
  double* const set_product = set_total + sets;
  const auto set_of = [&](Index plane) { return g.set(plane / x.channels, plane % x.channels, x.channels); };
  const auto rstd = [&](Index set) { return static_cast<double>(norm::rstd(variance[set], g.epsilon)); };

  dev.pool().run(planes, [&](Index plane, int) {
    const Index set = set_of(plane);
    const T* const gradient = dy.data + plane * x.area();
    total[plane] = norm::sum(gradient, x.area());
    product[plane] = norm::centred_product(gradient, x.data + plane * x.area(), mean[set], x.area()) * rstd(set);
  });

  std::fill(set_total, set_total + 2 * sets, 0.0);
  for (Index plane = 0; plane < planes; ++plane) {
    const Index c = plane % x.channels;
    if (dgamma != nullptr) dgamma[c] += static_cast<T>(product[plane]);
    if (dbeta != nullptr) dbeta[c] += static_cast<T>(total[plane]);
    if (g.constants) continue;
    set_total[set_of(plane)] += static_cast<double>(gamma[c]) * total[plane];
    set_product[set_of(plane)] += static_cast<double>(gamma[c]) * product[plane];
  }

  const double count = static_cast<double>(g.samples * g.channels * x.area());
  dev.pool().run(planes, [&](Index plane, int) {
    const Index set = set_of(plane);
    const double r = rstd(set);
    norm::PlaneOut<T>(dx.data + plane * x.area(), x.area()) =
        static_cast<T>(static_cast<double>(gamma[plane % x.channels]) * r) *
            norm::Plane<T>(dy.data + plane * x.area(), x.area()) -
        static_cast<T>(r * r * set_product[set] / count) *
            (norm::Plane<T>(x.data + plane * x.area(), x.area()) - mean[set]) -
        static_cast<T>(r * set_total[set] / count);
  });
}

template <class T>
void advance_running(Cpu<T>&, const RunningGeometry& g, const T* value, T* running) {
  for (Index i = 0; i < g.size; ++i) {
    running[i] +=
        static_cast<T>(g.momentum * (g.scale * static_cast<double>(value[i]) - static_cast<double>(running[i])));
  }
}

}  // namespace ugatit
