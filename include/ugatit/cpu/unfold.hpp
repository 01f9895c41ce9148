// ops/unfold.hpp on the CPU: rows of each tap's plane are rows of the image, moved aside.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/unfold.hpp>

#include <algorithm>

namespace ugatit {

namespace unfolding {

/// The part of [0, size) that lies inside after a move by `shift`.
struct Inside {
  Index begin, end;

  Inside(Index shift, Index size)
      : begin(std::clamp<Index>(-shift, 0, size)), end(std::clamp(size - shift, begin, size)) {}
};

}  // namespace unfolding

template <class T>
void unfold_forward(Cpu<T>& dev, UnfoldGeometry g, View<const T> x, View<T> y) {
  dev.pool().run(y.batch * y.channels, [&](Index plane, int) {
    const Index tap = plane % y.channels % g.taps();
    const Index down = tap / g.width - (g.height - 1) / 2;
    const Index right = tap % g.width - (g.width - 1) / 2;
    const T* const from = x.data + plane / g.taps() * x.area();
    T* const to = y.data + plane * y.area();
    const unfolding::Inside rows(down, x.height);
    const unfolding::Inside columns(right, x.width);
    std::fill_n(to, rows.begin * x.width, T(0));
    for (Index i = rows.begin; i < rows.end; ++i) {
      T* const row = to + i * x.width;
      std::fill_n(row, columns.begin, T(0));
      std::copy_n(from + (i + down) * x.width + columns.begin + right, columns.end - columns.begin,
                  row + columns.begin);
      std::fill_n(row + columns.end, x.width - columns.end, T(0));
    }
    std::fill_n(to + rows.end * x.width, (x.height - rows.end) * x.width, T(0));
  });
}

template <class T>
void unfold_backward(Cpu<T>& dev, UnfoldGeometry g, View<const T> dy, View<T> dx) {
  dev.pool().run(dx.batch * dx.channels, [&](Index plane, int) {
    T* const to = dx.data + plane * dx.area();
    std::fill_n(to, dx.area(), T(0));
    for (Index tap = 0; tap < g.taps(); ++tap) {
      const Index down = tap / g.width - (g.height - 1) / 2;
      const Index right = tap % g.width - (g.width - 1) / 2;
      const T* const from = dy.data + (plane * g.taps() + tap) * dy.area();
      const unfolding::Inside rows(down, dx.height);
      const unfolding::Inside columns(right, dx.width);
      for (Index i = rows.begin; i < rows.end; ++i) {
        for (Index j = columns.begin; j < columns.end; ++j)
          to[(i + down) * dx.width + j + right] += from[i * dx.width + j];
      }
    }
  });
}

}  // namespace ugatit
