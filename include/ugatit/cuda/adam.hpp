// ops/adam.hpp as a kernel: one pass over the four arrays.
#pragma once

#include <ugatit/cuda/team.hpp>
#include <ugatit/ops/adam.hpp>

namespace ugatit {

template <LaunchesKernels D>
void adam_step(D& dev, const AdamGeometry& g, Index size, typename D::Scalar* w, typename D::Scalar* dw,
               typename D::Scalar* m, typename D::Scalar* v) {
  using T = typename D::Scalar;
  const auto t = static_cast<double>(g.step);
  const T step = static_cast<T>(g.learning_rate / (1 - std::pow(g.beta1, t)));
  const T root = static_cast<T>(std::sqrt(1 - std::pow(g.beta2, t)));
  const T beta1 = static_cast<T>(g.beta1);
  const T rest1 = static_cast<T>(1 - g.beta1);
  const T beta2 = static_cast<T>(g.beta2);
  const T rest2 = static_cast<T>(1 - g.beta2);
  const T epsilon = static_cast<T>(g.epsilon);
  const T decay = static_cast<T>(g.weight_decay);
  const bool clamp = g.clamp;
  for_each(dev, size, [=] UGATIT_KERNEL(Index i) {
    const T gradient = dw[i] + decay * w[i];
    const T first = beta1 * m[i] + rest1 * gradient;
    const T second = beta2 * v[i] + rest2 * gradient * gradient;
    T weight = w[i] - step * first / (std::sqrt(second) / root + epsilon);
    if (clamp) weight = weight < T(0) ? T(0) : (weight > T(1) ? T(1) : weight);
    w[i] = weight;
    m[i] = first;
    v[i] = second;
    dw[i] = T(0);
  });
}

}  // namespace ugatit
