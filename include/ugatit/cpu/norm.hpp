// ops/norm.hpp on the CPU: one pass for the statistics of each channel, one for the affine map they amount to, and for
// ReLU where it comes next. Backward finds out from x what that cut off.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/norm.hpp>

#include <Eigen/Core>

#include <cmath>

namespace ugatit {

namespace norm {

template <class T>
using Plane = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;

template <class T>
using PlaneOut = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;

/// Mean, and sum of squared distances from it, of `count` numbers.
struct Moments {
  double count = 0;
  double mean = 0;
  double squares = 0;

  double rstd(const NormGeometry& g) const {
    return 1 / std::sqrt(squares / (g.unbiased ? count - 1 : count) + g.epsilon);
  }

  /// Of both sets of numbers together (Chan, Golub and LeVeque 1979).
  void join(const Moments& other) {
    const double total = count + other.count;
    const double distance = other.mean - mean;
    squares += other.squares + distance * distance * count * other.count / total;
    mean += distance * other.count / total;
    count = total;
  }
};

template <class T>
Moments moments(const T* data, Index size) {
  const Plane<T> x(data, size);
  const T mean = x.mean();
  // The rounded mean is not quite the mean: what is left over corrects both numbers.
  const double rest = static_cast<double>((x - mean).sum()) / static_cast<double>(size);
  const double squares = static_cast<double>((x - mean).square().sum());
  return {static_cast<double>(size), static_cast<double>(mean) + rest,
          squares - rest * rest * static_cast<double>(size)};
}

template <class T>
double sum(const T* data, Index size) {
  return static_cast<double>(Plane<T>(data, size).sum());
}

/// Moments of each channel of each sample, in memory of the arena.
class PlaneMoments {
 public:
  template <class T>
  PlaneMoments(Cpu<T>& dev, View<const T> x) : memory_(dev.arena(), 3 * x.batch * x.channels) {
    auto* const all = reinterpret_cast<Moments*>(memory_.data());
    dev.pool().run(x.batch * x.channels,
                   [&](Index plane, int) { all[plane] = moments(x.data + plane * x.area(), x.area()); });
  }

  /// Plane number n·channels + c.
  const Moments& operator[](Index plane) const { return reinterpret_cast<const Moments*>(memory_.data())[plane]; }

 private:
  static_assert(sizeof(Moments) == 3 * sizeof(double));

  Buffer<Cpu<double>> memory_;
};

/// 1/√(σ² + eps)
template <class T>
T rstd(T variance, double epsilon) {
  return static_cast<T>(1 / std::sqrt(static_cast<double>(variance) + epsilon));
}

// Σ dy (x − mean)
template <class T>
double centred_product(const T* dy, const T* x, T mean, Index size) {
  return static_cast<double>((Plane<T>(dy, size) * (Plane<T>(x, size) - mean)).sum());
}

/// What a norm does to a channel once the statistics are known: y = (x − mean)·scale + shift, ReLU where it is part of
/// the norm, and then what is added.
template <class T>
struct ChannelMap {
  T mean, scale, shift;
  bool relu;

  auto of(const Plane<T>& x) const { return (x - mean) * scale + shift; }

  /// For plane number `plane` of x; `added` may be null.
  void apply(View<const T> x, Index plane, const T* added, T* y) const {
    const Index size = x.area();
    const auto value = of(Plane<T>(x.data + plane * size, size));
    PlaneOut<T> out(y + plane * size, size);
    if (relu) {
      add(value.max(T(0)), plane, added, out);
    } else {
      add(value, plane, added, out);
    }
  }

  /// The gradient before ReLU: dy itself, or what is left of it, in `memory`.
  const T* before_relu(const T* dy, const T* x, Index size, T* memory) const {
    if (!relu) return dy;
    PlaneOut<T>(memory, size) = (of(Plane<T>(x, size)) > T(0)).select(Plane<T>(dy, size), T(0));
    return memory;
  }

 private:
  template <class Value>
  static void add(const Value& value, Index plane, const T* added, PlaneOut<T> out) {
    if (added == nullptr) {
      out = value;
    } else {
      out = value + Plane<T>(added + plane * out.size(), out.size());
    }
  }
};

/// Of an instance norm, for channel c.
template <class T>
ChannelMap<T> instance_map(const NormGeometry& g, T mean, T rstd, const T* gamma, const T* beta, Index c) {
  return {mean, gamma == nullptr ? rstd : gamma[c] * rstd, beta == nullptr ? T(0) : beta[c], g.relu};
}

/// Of a layer-instance norm, y = γ (ρ (x − μ) r + (1 − ρ)(x − μ_L) r_L) + β, written around the channel's own mean.
template <class T>
ChannelMap<T> layer_instance_map(const NormGeometry& g, const NormStatistics<T>& s, Index channels, Index plane,
                                 const T* rho, const T* gamma, const T* beta) {
  const Index n = plane / channels;
  const Index c = plane % channels;
  const Index p = g.per_sample ? plane : c;
  const T layer_part = (T(1) - rho[c]) * s.layer_rstd[n];
  return {s.mean[plane], gamma[p] * (rho[c] * s.rstd[plane] + layer_part),
          gamma[p] * layer_part * (s.mean[plane] - s.layer_mean[n]) + beta[p], g.relu};
}

}  // namespace norm

template <class T>
void instance_norm_forward(Cpu<T>& dev, const NormGeometry& g, View<const T> x, const T* gamma, const T* beta,
                           const T* z, View<T> y, NormStatistics<T> s) {
  dev.pool().run(x.batch * x.channels, [&](Index plane, int) {
    const Index c = plane % x.channels;
    const norm::Moments m = norm::moments(x.data + plane * x.area(), x.area());
    const T mean = static_cast<T>(m.mean);
    const T rstd = static_cast<T>(m.rstd(g));
    if (s.mean != nullptr) {
      s.mean[plane] = mean;
      s.rstd[plane] = rstd;
    }
    norm::instance_map(g, mean, rstd, gamma, beta, c).apply(x, plane, z, y.data);
  });
}

template <class T>
void instance_norm_backward(Cpu<T>& dev, const NormGeometry& g, View<const T> dy, View<const T> x, const T* gamma,
                            const T* beta, NormStatistics<T> s, View<T> dx, T* dgamma, T* dbeta) {
  const double count = static_cast<double>(x.area());
  const double divisor = g.unbiased ? count - 1 : count;
  dev.pool().run(x.channels, [&](Index c, int) {
    for (Index n = 0; n < x.batch; ++n) {
      const Index plane = n * x.channels + c;
      const T* in = x.data + plane * x.area();
      const T* gradient = norm::instance_map(g, s.mean[plane], s.rstd[plane], gamma, beta, c)
                              .before_relu(dy.data + plane * x.area(), in, x.area(), dx.data + plane * x.area());
      const double total = norm::sum(gradient, x.area());
      const double rstd = static_cast<double>(s.rstd[plane]);
      const double product = norm::centred_product(gradient, in, s.mean[plane], x.area()) * rstd;  // Σ dy x̂
      if (dgamma != nullptr) dgamma[c] += static_cast<T>(product);
      if (dbeta != nullptr) dbeta[c] += static_cast<T>(total);
      const double scale = (gamma == nullptr ? 1 : static_cast<double>(gamma[c])) * rstd;
      norm::PlaneOut<T>(dx.data + plane * x.area(), x.area()) =
          static_cast<T>(scale) * (norm::Plane<T>(gradient, x.area()) - static_cast<T>(total / count)) -
          static_cast<T>(scale * rstd * product / divisor) * (norm::Plane<T>(in, x.area()) - s.mean[plane]);
    }
  });
}

template <class T>
void layer_instance_norm_forward(Cpu<T>& dev, const NormGeometry& g, View<const T> x, const T* rho, const T* gamma,
                                 const T* beta, const T* z, View<T> y, NormStatistics<T> s) {
  const norm::PlaneMoments channel(dev, x);
  for (Index n = 0; n < x.batch; ++n) {
    norm::Moments layer = channel[n * x.channels];
    for (Index c = 1; c < x.channels; ++c) layer.join(channel[n * x.channels + c]);
    s.layer_mean[n] = static_cast<T>(layer.mean);
    s.layer_rstd[n] = static_cast<T>(layer.rstd(g));
  }
  dev.pool().run(x.batch * x.channels, [&](Index plane, int) {
    s.mean[plane] = static_cast<T>(channel[plane].mean);
    s.rstd[plane] = static_cast<T>(channel[plane].rstd(g));
    norm::layer_instance_map(g, s, x.channels, plane, rho, gamma, beta).apply(x, plane, z, y.data);
  });
}

template <class T>
void layer_instance_norm_backward(Cpu<T>& dev, const NormGeometry& g, View<const T> dy, View<const T> x, const T* rho,
                                  const T* gamma, const T* beta, NormStatistics<T> s, View<T> dx, T* drho, T* dgamma,
                                  T* dbeta) {
  struct Sums {
    double total;     // Σ dy
    double instance;  // Σ dy x_I
    double layer;     // Σ dy x_L
  };
  static_assert(sizeof(Sums) == 3 * sizeof(double));
  const Buffer<Cpu<double>> memory(dev.arena(), 3 * x.batch * x.channels);
  auto* const sums = reinterpret_cast<Sums*>(memory.data());
  const double count = static_cast<double>(x.area());
  const double layer_count = static_cast<double>(x.image());
  const double divisor = g.unbiased ? count - 1 : count;
  const double layer_divisor = g.unbiased ? layer_count - 1 : layer_count;

  dev.pool().run(x.batch * x.channels, [&](Index plane, int) {
    const Index n = plane / x.channels;
    const T* gradient =
        norm::layer_instance_map(g, s, x.channels, plane, rho, gamma, beta)
            .before_relu(dy.data + plane * x.area(), x.data + plane * x.area(), x.area(), dx.data + plane * x.area());
    const double total = norm::sum(gradient, x.area());
    const double centred = norm::centred_product(gradient, x.data + plane * x.area(), s.mean[plane], x.area());
    const double shift = static_cast<double>(s.mean[plane]) - static_cast<double>(s.layer_mean[n]);
    sums[plane] = {total, centred * static_cast<double>(s.rstd[plane]),
                   (centred + shift * total) * static_cast<double>(s.layer_rstd[n])};
  });

  for (Index c = 0; c < x.channels; ++c) {
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
  }

  const T* const gradients = g.relu ? dx.data : dy.data;
  for (Index n = 0; n < x.batch; ++n) {
    double layer_total = 0;    // Σ over the sample of the gradient that reaches x_L
    double layer_product = 0;  // Σ of it times x_L
    for (Index c = 0; c < x.channels; ++c) {
      const Index plane = n * x.channels + c;
      const double weight = static_cast<double>(gamma[g.per_sample ? plane : c]) * (1 - static_cast<double>(rho[c]));
      layer_total += weight * sums[plane].total;
      layer_product += weight * sums[plane].layer;
    }
    const double layer_rstd = static_cast<double>(s.layer_rstd[n]);
    dev.pool().run(x.channels, [&](Index c, int) {
      const Index plane = n * x.channels + c;
      const double weight = static_cast<double>(gamma[g.per_sample ? plane : c]);
      const double instance = weight * static_cast<double>(rho[c]);
      const double layer = weight * (1 - static_cast<double>(rho[c]));
      const double rstd = static_cast<double>(s.rstd[plane]);
      const double shift = static_cast<double>(s.mean[plane]) - static_cast<double>(s.layer_mean[n]);
      // dx = a dy + b (x − μ) + e: the rule of ops/norm.hpp for x_I and for x_L, collected
      const double a = instance * rstd + layer * layer_rstd;
      const double layer_slope = layer_rstd * layer_rstd * layer_product / layer_divisor;
      const double b = -instance * rstd * rstd * sums[plane].instance / divisor - layer_slope;
      const double e =
          -instance * rstd * sums[plane].total / count - layer_rstd * layer_total / layer_count - layer_slope * shift;
      norm::PlaneOut<T>(dx.data + plane * x.area(), x.area()) =
          static_cast<T>(a) * norm::Plane<T>(gradients + plane * x.area(), x.area()) +
          static_cast<T>(b) * (norm::Plane<T>(x.data + plane * x.area(), x.area()) - s.mean[plane]) + static_cast<T>(e);
    });
  }
}

}  // namespace ugatit
