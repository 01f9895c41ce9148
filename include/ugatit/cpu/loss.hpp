// ops/loss.hpp on the CPU. What losses look at is small beside the networks: one thread, sums in double precision.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/cpu/reduction.hpp>
#include <ugatit/ops/loss.hpp>

#include <algorithm>
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

template <class T>
void linear_loss(Cpu<T>&, LossGeometry g, const T* x, double slope, double* loss, T* dx) {
  const double count = static_cast<double>(g.size);
  double sum = 0;
  for (Index i = 0; i < g.size; ++i) {
    sum += static_cast<double>(x[i]);
    if (dx != nullptr) dx[i] = static_cast<T>(g.weight * slope / count);
  }
  *loss = slope * sum / count;
}

template <class T>
void hinge_loss(Cpu<T>&, LossGeometry g, const T* x, double side, double* loss, T* dx) {
  const double count = static_cast<double>(g.size);
  double sum = 0;
  for (Index i = 0; i < g.size; ++i) {
    const double missing = std::max(0.0, 1 - side * static_cast<double>(x[i]));
    sum += missing;
    if (dx != nullptr) dx[i] = missing > 0 ? static_cast<T>(-g.weight * side / count) : T(0);
  }
  *loss = sum / count;
}

template <class T>
void gradient_penalty(Cpu<T>& dev, PenaltyGeometry p, const T* g, double* loss, T* v) {
  double sum = 0;
  for (Index n = 0; n < p.batch; ++n) {
    double squares = 0;
    square_sum(dev, p.size, g + n * p.size, &squares);
    const double length = std::sqrt(squares);
    const double excess = p.one_sided ? std::max(0.0, length - 1) : length - 1;
    sum += excess * excess;
    const T scale =
        length > 0 ? static_cast<T>(p.weight * p.factor * 2 * excess / (length * static_cast<double>(p.batch))) : T(0);
    for (Index i = 0; i < p.size; ++i) v[n * p.size + i] = scale * g[n * p.size + i];
  }
  *loss = p.factor * sum / static_cast<double>(p.batch);
}

}  // namespace ugatit
