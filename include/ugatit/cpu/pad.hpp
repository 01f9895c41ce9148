// ops/border.hpp on the CPU.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/border.hpp>

#include <algorithm>

namespace ugatit {

namespace pad {

/// A row of an image and the columns of its border.
template <class T>
void lay_out_row(const PadGeometry& g, const T* row, Index width, T* out) {
  const auto at = [&](Index j) {
    const Index source = border_source(g.border, j, width);
    return source < 0 ? T(0) : row[source];
  };
  std::copy_n(row, width, out + g.before());
  for (Index j = 0; j < g.before(); ++j) out[j] = at(j - g.before());
  for (Index j = 0; j < g.after(); ++j) out[g.before() + width + j] = at(width + j);
}

/// Adds what lies in the columns of a row's border to where it was read from; `width` is the image's.
template <class T>
void fold_row_ends(const PadGeometry& g, const T* row, Index width, T* out) {
  if (g.border == Border::zero) return;
  for (Index j = 0; j < g.before(); ++j) out[border_source(g.border, j - g.before(), width)] += row[j];
  for (Index j = 0; j < g.after(); ++j) {
    out[border_source(g.border, width + j, width)] += row[g.before() + width + j];
  }
}

}  // namespace pad

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
      pad::lay_out_row(g, from + source * x.width, x.width, to);
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
    for (Index i = 0; i < dy.height; ++i) {
      const Index source = border_source(g.border, i - g.before(), dx.height);
      const T* row = from + i * dy.width;
      T* target = to + source * dx.width;
      if (i < g.before() || i >= g.before() + dx.height) {
        for (Index j = 0; j < dx.width; ++j) target[j] += row[g.before() + j];
      }
      pad::fold_row_ends(g, row, dx.width, target);
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
