// ops/resample.hpp on the CPU.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/resample.hpp>

#include <algorithm>

namespace ugatit {

template <class T>
void upsample_forward(Cpu<T>& dev, Index factor, View<const T> x, View<T> y) {
  dev.pool().run(x.batch * x.channels, [&](Index plane, int) {
    const T* from = x.data + plane * x.area();
    T* to = y.data + plane * y.area();
    for (Index i = 0; i < x.height; ++i, from += x.width, to += factor * y.width) {
      for (Index j = 0; j < y.width; ++j) to[j] = from[j / factor];
      for (Index copy = 1; copy < factor; ++copy) std::copy_n(to, y.width, to + copy * y.width);
    }
  });
}

template <class T>
void upsample_backward(Cpu<T>& dev, Index factor, View<const T> dy, View<T> dx) {
  dev.pool().run(dx.batch * dx.channels, [&](Index plane, int) {
    const T* from = dy.data + plane * dy.area();
    T* to = dx.data + plane * dx.area();
    std::fill_n(to, dx.area(), T(0));
    for (Index i = 0; i < dy.height; ++i, from += dy.width) {
      T* const row = to + i / factor * dx.width;
      for (Index j = 0; j < dx.width; ++j) {
        for (Index copy = 0; copy < factor; ++copy) row[j] += from[j * factor + copy];
      }
    }
  });
}

}  // namespace ugatit
