// ops/adam.hpp as kernels: one pass over the four arrays of many parameters.
#pragma once

#include <ugatit/cuda/pieces.hpp>
#include <ugatit/ops/adam.hpp>

namespace ugatit {

namespace adam_kernels {

/// One number's step.
template <class T>
UGATIT_KERNEL void advance(const AdamFactors<T>& f, const AdamParameter<T>& p, T gradient, Index i) {
  const T decayed = gradient + (p.decays ? f.decay : T(0)) * p.w[i];
  const T first = f.beta1 * p.m[i] + f.rest1 * decayed;
  const T second = f.beta2 * p.v[i] + f.rest2 * decayed * decayed;
  const T weight = p.w[i] - f.step * first / (std::sqrt(second) / f.root + f.epsilon);
  p.m[i] = first;
  p.v[i] = second;
  p.w[i] = !p.clamp ? weight : (weight < T(0) ? T(0) : (weight > T(1) ? T(1) : weight));
}

}  // namespace adam_kernels

template <LaunchesKernels D>
void adam_step(D& dev, AdamStep<typename D::Scalar> step,
               std::span<const AdamParameter<typename D::Scalar>> parameters) {
  using T = typename D::Scalar;
  while (!parameters.empty()) {
    const pieces::List<AdamParameter<T>> list = pieces::take(parameters);
    for_each_team(dev, pieces::count(list), pieces::length, [=] UGATIT_KERNEL(Team team, Index number) {
      const pieces::Piece piece = list.find(number);
      const AdamParameter<T> p = list.item(piece.item);
      const AdamFactors<T> factors = *step.factors;
      const bool allowed = *step.allowed != 0;
      team.each(piece.size, [&](Index at) {
        const Index i = piece.begin + at;
        if (allowed) adam_kernels::advance(factors, p, p.dw[i], i);
        p.dw[i] = T(0);
      });
    });
  }
}

}  // namespace ugatit
