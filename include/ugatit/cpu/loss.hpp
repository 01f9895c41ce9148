// ops/loss.hpp on the CPU. What losses look at is small beside the networks: one thread, sums in double precision.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/loss.hpp>

#include <cmath>

namespace ugatit {

template <class T>
void least_squares(Cpu<T>&, LossGeometry g, const T* x, double target, double* loss, T* dx) {
  const double count = static_cast<double>(g.size);
  double sum = 0;
  for (Index i = 0; i < g.size; ++i) {
    const double distance = static_cast<double>(x[i]) - target;
    sum += distance * distance;
    if (dx != nullptr) dx[i] = static_cast<T>(g.weight * 2 * distance / count);
  }
  *loss = sum / count;
}

template <class T>
void l1(Cpu<T>&, LossGeometry g, const T* x, const T* y, double* loss, T* dx) {
  const double count = static_cast<double>(g.size);
  const T step = static_cast<T>(g.weight / count);
  double sum = 0;
  for (Index i = 0; i < g.size; ++i) {
    const T distance = x[i] - y[i];
    sum += static_cast<double>(std::abs(distance));
    if (dx != nullptr) dx[i] = distance > T(0) ? step : (distance < T(0) ? -step : T(0));
  }
  *loss = sum / count;
}

template <class T>
void bce_with_logits(Cpu<T>&, LossGeometry g, const T* x, double target, double* loss, T* dx) {
  const double count = static_cast<double>(g.size);
  double sum = 0;
  for (Index i = 0; i < g.size; ++i) {
    const double logit = static_cast<double>(x[i]);
    sum += std::max(logit, 0.0) - logit * target + std::log1p(std::exp(-std::abs(logit)));
    if (dx != nullptr) dx[i] = static_cast<T>(g.weight * (1 / (1 + std::exp(-logit)) - target) / count);
  }
  *loss = sum / count;
}

}  // namespace ugatit
