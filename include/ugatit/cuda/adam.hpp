// ops/adam.hpp as kernels: one pass over the four arrays of many parameters.
#pragma once

#include <ugatit/cuda/pieces.hpp>
#include <ugatit/cuda/read_then_write.hpp>
#include <ugatit/ops/adam.hpp>

namespace ugatit {

namespace adam_kernels {

/// What a step makes of one number.
template <class T>
struct Stepped {
  T w{}, m{}, v{};

  Stepped() = default;

  UGATIT_KERNEL Stepped(const AdamFactors<T>& f, const AdamParameter<T>& p, T gradient, Index i) {
    const T decayed = gradient + (p.decays ? f.decay : T(0)) * p.w[i];
    m = f.beta1 * p.m[i] + f.rest1 * decayed;
    v = f.beta2 * p.v[i] + f.rest2 * decayed * decayed;
    w = p.w[i] - f.step * m / (std::sqrt(v) / f.root + f.epsilon);
    if (p.clamp) w = w < T(0) ? T(0) : (w > T(1) ? T(1) : w);
  }

  UGATIT_KERNEL void write(const AdamParameter<T>& p, Index i) const {
    p.w[i] = w;
    p.m[i] = m;
    p.v[i] = v;
  }
};

/// Of parameters that are kept in one form.
template <class D, class T>
void step_plain(D& dev, AdamStep<T> step, std::span<const AdamParameter<T>> parameters) {
  while (!parameters.empty()) {
    const pieces::List<AdamParameter<T>> list = pieces::take(parameters);
    for_each_team(dev, pieces::count(list), pieces::length, [=] UGATIT_KERNEL(Team team, Index number) {
      const pieces::Piece piece = list.find(number);
      const AdamParameter<T> p = list.item(piece.item);
      const AdamFactors<T> factors = *step.factors;
      const bool allowed = *step.allowed != 0;
      read_then_write<2>(
          piece.begin + team.rank(), team.size(), piece.begin + piece.size,
          [&](Index i) { return Stepped<T>(factors, p, p.dw[i], i); },
          [&](Index i, const Stepped<T>& stepped) {
            if (allowed) stepped.write(p, i);
            p.dw[i] = T(0);
          });
    });
  }
}

}  // namespace adam_kernels

template <LaunchesKernels D>
void adam_step(D& dev, AdamStep<typename D::Scalar> step,
               std::span<const AdamParameter<typename D::Scalar>> parameters) {
  adam_kernels::step_plain(dev, step, parameters);
}

}  // namespace ugatit
