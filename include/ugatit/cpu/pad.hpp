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
      const Index source = border_source(g.border, i - g.before(), x.height);
      if (source < 0) {
        std::fill_n(to, y.width, T(0));
        continue;
      }
      const T* row = from + source * x.width;
      std::copy_n(row, x.width, to + g.before());
      for (Index j = 0; j < g.before(); ++j) {
        const Index left = border_source(g.border, j - g.before(), x.width);
        to[j] = left < 0 ? T(0) : row[left];
      }
      for (Index j = 0; j < g.after(); ++j) {
        const Index right = border_source(g.border, x.width + j, x.width);
        to[g.before() + x.width + j] = right < 0 ? T(0) : row[right];
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
      std::copy_n(from + (i + g.before()) * dy.width + g.before(), dx.width, to + i * dx.width);
    }
    if (g.border == Border::zero) return;
    // What lies in the border goes to its source.
    const auto fold_row_ends = [&](const T* row, T* target) {
      for (Index j = 0; j < g.before(); ++j) target[border_source(g.border, j - g.before(), dx.width)] += row[j];
      for (Index j = 0; j < g.after(); ++j) {
        target[border_source(g.border, dx.width + j, dx.width)] += row[g.before() + dx.width + j];
      }
    };
    for (Index i = 0; i < dy.height; ++i) {
      const Index source = border_source(g.border, i - g.before(), dx.height);
      const T* row = from + i * dy.width;
      T* target = to + source * dx.width;
      if (i < g.before() || i >= g.before() + dx.height) {
        for (Index j = 0; j < dx.width; ++j) target[j] += row[g.before() + j];
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
    if (g.both() == 0) return;
    View<T> y{nullptr, x.batch, x.channels, x.height + g.both(), x.width + g.both()};
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
