// ops/moving_average.hpp on the CPU.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/moving_average.hpp>

#include <Eigen/Core>

namespace ugatit {

template <class T>
void moving_average_step(Cpu<T>& dev, Index size, double decay, const T* x, T* average) {
  const T share = static_cast<T>(1 - decay);
  parallel_pieces(dev, size, Index{1} << 15U, [&](Index begin, Index end) {
    Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>> to(average + begin, end - begin);
    to += share * (Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>(x + begin, end - begin) - to);
  });
}

}  // namespace ugatit
