// ops/border.hpp on the CPU.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/border.hpp>

#include <algorithm>

namespace ugatit {

template <class T>
void pad_forward(Cpu<T>& dev, PadGeometry g, View<const T> x, View<T> y) {
  dev.pool().run(x.batch * x.channels, [&](Index plane, int) {
    const T* from = x.data + plane * x.area();
    T* to = y.data + plane * y.area();
    for (Index i = 0; i < y.height; ++i, to += y.width) {
      const Index source = border_source(g.border, i - g.padding, x.height);
      if (source < 0) {
        std::fill_n(to, y.width, T(0));
        continue;
      }
      const T* row = from + source * x.width;
      std::copy_n(row, x.width, to + g.padding);
      for (Index j = 0; j < g.padding; ++j) {
        const Index left = border_source(g.border, j - g.padding, x.width);
        const Index right = border_source(g.border, x.width + j, x.width);
        to[j] = left < 0 ? T(0) : row[left];
        to[g.padding + x.width + j] = right < 0 ? T(0) : row[right];
      }
    }
  });
}

template <class T>
void pad_backward(Cpu<T>& dev, PadGeometry g, View<const T> dy, View<T> dx) {
  dev.pool().run(dx.batch * dx.channels, [&](Index plane, int) {
    const T* from = dy.data + plane * dy.area();
    T* const to = dx.data + plane * dx.area();
    for (Index i = 0; i < dx.height; ++i) {
      std::copy_n(from + (i + g.padding) * dy.width + g.padding, dx.width, to + i * dx.width);
    }
    if (g.border == Border::zero) return;
    // What lies in the border goes to its source.
    const auto fold_row_ends = [&](const T* row, T* target) {
      for (Index j = 0; j < g.padding; ++j) {
        target[border_source(g.border, j - g.padding, dx.width)] += row[j];
        target[border_source(g.border, dx.width + j, dx.width)] += row[g.padding + dx.width + j];
      }
    };
    for (Index i = 0; i < dy.height; ++i) {
      const Index source = border_source(g.border, i - g.padding, dx.height);
      const T* row = from + i * dy.width;
      T* target = to + source * dx.width;
      if (i < g.padding || i >= g.padding + dx.height) {
        for (Index j = 0; j < dx.width; ++j) target[j] += row[g.padding + j];
      }
      fold_row_ends(row, target);
    }
  });
}

/// A view of `x` with its border, in memory of the arena where there is a border.
template <class T>
class Padded {
 public:
  Padded(Cpu<T>& dev, PadGeometry g, View<const T> x) : view_(x) {
    if (g.padding == 0) return;
    View<T> y{nullptr, x.batch, x.channels, x.height + 2 * g.padding, x.width + 2 * g.padding};
    memory_ = Buffer<Cpu<T>>(dev.arena(), y.size());
    y.data = memory_.data();
    pad_forward(dev, g, x, y);
    view_ = y;
  }
  const View<const T>& view() const { return view_; }

 private:
  Buffer<Cpu<T>> memory_;
  View<const T> view_;
};

}  // namespace ugatit
