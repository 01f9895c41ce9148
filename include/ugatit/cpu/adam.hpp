// ops/adam.hpp on the CPU: one pass over the four arrays.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/adam.hpp>

#include <Eigen/Core>

#include <cmath>

namespace ugatit {

template <class T>
void adam_step(Cpu<T>& dev, const AdamGeometry& g, Index size, T* w, T* dw, T* m, T* v) {
  const auto t = static_cast<double>(g.step);
  const T step = static_cast<T>(g.learning_rate / (1 - std::pow(g.beta1, t)));
  const T root = static_cast<T>(std::sqrt(1 - std::pow(g.beta2, t)));
  const T beta1 = static_cast<T>(g.beta1);
  const T rest1 = static_cast<T>(1 - g.beta1);
  const T beta2 = static_cast<T>(g.beta2);
  const T rest2 = static_cast<T>(1 - g.beta2);
  const T epsilon = static_cast<T>(g.epsilon);
  const T decay = static_cast<T>(g.weight_decay);
  using Array = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;
  // Pieces that stay in the cache, so that the expressions below read memory once.
  parallel_pieces(dev, size, Index{1} << 13U, [&](Index begin, Index end) {
    Array weight(w + begin, end - begin);
    Array gradient(dw + begin, end - begin);
    Array first(m + begin, end - begin);
    Array second(v + begin, end - begin);
    gradient += decay * weight;
    first = beta1 * first + rest1 * gradient;
    second = beta2 * second + rest2 * gradient * gradient;
    weight -= step * first / (second.sqrt() / root + epsilon);
    gradient.setZero();
    if (g.clamp) weight = weight.max(T(0)).min(T(1));
  });
}

}  // namespace ugatit
