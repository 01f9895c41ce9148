// ops/adam.hpp as a kernel: one pass over the four arrays.
#pragma once

#include <ugatit/cuda/team.hpp>
#include <ugatit/ops/adam.hpp>

namespace ugatit {

namespace adam_kernels {

/// One number's step.
template <class T>
UGATIT_KERNEL void advance(const AdamFactors<T>& f, T gradient, T& w, T& m, T& v) {
  const T decayed = gradient + f.decay * w;
  m = f.beta1 * m + f.rest1 * decayed;
  v = f.beta2 * v + f.rest2 * decayed * decayed;
  const T weight = w - f.step * m / (std::sqrt(v) / f.root + f.epsilon);
  w = !f.clamp ? weight : (weight < T(0) ? T(0) : (weight > T(1) ? T(1) : weight));
}

}  // namespace adam_kernels

template <LaunchesKernels D>
void adam_step(D& dev, const AdamGeometry& g, Index size, typename D::Scalar* w, typename D::Scalar* dw,
               typename D::Scalar* m, typename D::Scalar* v) {
  using T = typename D::Scalar;
  const AdamFactors<T> factors(g);
  for_each(dev, size, [=] UGATIT_KERNEL(Index i) {
    adam_kernels::advance(factors, dw[i], w[i], m[i], v[i]);
    dw[i] = T(0);
  });
}

}  // namespace ugatit
