// ops/smoothing.hpp on the CPU: one number a channel, one thread.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/smoothing.hpp>

#include <algorithm>

namespace ugatit {

template <class T>
void smoothing_forward(Cpu<T>&, Index size, const T* rho, T* y) {
  for (Index i = 0; i < size; ++i) y[i] = std::clamp(rho[i] - static_cast<T>(smoothing_shift), T(0), T(1));
}

template <class T>
void smoothing_backward(Cpu<T>&, Index size, const T* dy, const T* rho, T* drho) {
  for (Index i = 0; i < size; ++i) {
    const T shifted = rho[i] - static_cast<T>(smoothing_shift);
    if (shifted >= T(0) && shifted <= T(1)) drho[i] += dy[i];
  }
}

}  // namespace ugatit
