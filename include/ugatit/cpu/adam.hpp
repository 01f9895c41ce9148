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
void advance(const AdamFactors<T>& f, Array<T> weight, Array<T> gradient, Array<T> first, Array<T> second) {
  gradient += f.decay * weight;
  first = f.beta1 * first + f.rest1 * gradient;
  second = f.beta2 * second + f.rest2 * gradient * gradient;
  weight -= f.step * first / (second.sqrt() / f.root + f.epsilon);
  if (f.clamp) weight = weight.max(T(0)).min(T(1));
}

}  // namespace adam

template <class T>
void adam_step(Cpu<T>& dev, const AdamGeometry& g, Index size, T* w, T* dw, T* m, T* v) {
  const AdamFactors<T> factors(g);
  parallel_pieces(dev, size, Index{1} << 13U, [&](Index begin, Index end) {
    const auto piece = [&](T* data) { return adam::Array<T>(data + begin, end - begin); };
    adam::advance(factors, piece(w), piece(dw), piece(m), piece(v));
    piece(dw).setZero();
  });
}

}  // namespace ugatit
