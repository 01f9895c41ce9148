// ops/adam.hpp on the CPU: one pass over the four arrays.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/adam.hpp>

#include <Eigen/Core>

namespace ugatit {

namespace adam {

template <class T>
using Array = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;

/// Of pieces that stay in the cache, so that these expressions read memory once. The gradient is used up.
template <class T>
void advance(const AdamFactors<T>& f, const AdamParameter<T>& p, Array<T> weight, Array<T> gradient, Array<T> first,
             Array<T> second) {
  if (p.decays) gradient += f.decay * weight;
  first = f.beta1 * first + f.rest1 * gradient;
  second = f.beta2 * second + f.rest2 * gradient * gradient;
  weight -= f.step * first / (second.sqrt() / f.root + f.epsilon);
  if (p.clamp) weight = weight.max(T(0)).min(T(1));
}

}  // namespace adam

template <class T>
void adam_step(Cpu<T>& dev, AdamStep<T> step, std::span<const AdamParameter<T>> parameters) {
  for (const AdamParameter<T>& p : parameters) {
    parallel_pieces(dev, p.size, Index{1} << 13U, [&](Index begin, Index end) {
      const auto piece = [&](T* data) { return adam::Array<T>(data + begin, end - begin); };
      if (*step.allowed != 0) adam::advance(*step.factors, p, piece(p.w), piece(p.dw), piece(p.m), piece(p.v));
      piece(p.dw).setZero();
    });
  }
}

}  // namespace ugatit
