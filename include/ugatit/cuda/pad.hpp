// ops/border.hpp as kernels. Backward gathers: each pixel looks up which places of the border read it.
#pragma once

#include <ugatit/cuda/eights.hpp>
#include <ugatit/ops/border.hpp>

namespace ugatit {

namespace pad {

/// Calls f(p) for every padded position p, counted from the image's first, that reads position `i` of `size`.
template <class F>
UGATIT_KERNEL void each_reader(const PadGeometry& g, Index i, Index size, const F& f) {
  f(i);
  const bool inside = i > g.before() && i < size - 1 - g.after();
  if (inside || g.border == Border::zero) return;
  for (Index p = -g.before(); p < 0; ++p) {
    if (border_source(g.border, p, size) == i) f(p);
  }
  for (Index p = size; p < size + g.after(); ++p) {
    if (border_source(g.border, p, size) == i) f(p);
  }
}

/// Where the pixels of an image with border read.
struct Sources {
  PadGeometry g;
  Index height, width;  ///< without border

  /// Pixels with border.
  constexpr Index area() const { return (height + g.both()) * (width + g.both()); }

  /// The pixel that is read, in a channel of the image; -1 is zero.
  UGATIT_KERNEL Index operator()(Index place) const {
    const auto [row, column] = Cell(width + g.both(), place);
    const Index i = border_source(g.border, row - g.before(), height);
    const Index j = border_source(g.border, column - g.before(), width);
    return i < 0 || j < 0 ? Index{-1} : i * width + j;
  }
};

/// Which places of an image with border read a pixel of it.
class Readers {
 public:
  Readers(const PadGeometry& geometry, Index rows, Index columns) : g(geometry), height(rows), width(columns) {}

  /// Pixels with border.
  constexpr Index area() const { return (height + g.both()) * (width + g.both()); }

  /// The pixel's own place, counted from the first with border.
  UGATIT_KERNEL int own(int pixel) const {
    const Place at(*this, pixel);
    return place(at.row, at.column);
  }

  /// f(place) for each of the others; the border is zero or reflected.
  template <class F>
  UGATIT_KERNEL void each_other(int pixel, const F& f) const {
    const Place at(*this, pixel);
    const int before = static_cast<int>(g.before());
    const int after = static_cast<int>(g.after());
    if (at.row > before && at.row < static_cast<int>(height) - 1 - after && at.column > before &&
        at.column < static_cast<int>(width) - 1 - after) {
      return;
    }
    // Loops that stay loops: one copy of f takes few registers.
    UGATIT_STAYS_LOOP for (int i = 0; i < 3; ++i) {
      const int row = reader(i, at.row, static_cast<int>(height));
      if (row == nowhere) continue;
      UGATIT_STAYS_LOOP for (int j = i == 0 ? 1 : 0; j < 3; ++j) {
        const int column = reader(j, at.column, static_cast<int>(width));
        if (column != nowhere) f(place(row, column));
      }
    }
  }

 private:
  static constexpr int nowhere = -0x7fffffff;

  struct Place {
    int row, column;

    UGATIT_KERNEL Place(const Readers& readers, int pixel) {
      const auto columns = static_cast<unsigned>(readers.width);
      row = static_cast<int>(static_cast<unsigned>(pixel) / columns);
      column = static_cast<int>(static_cast<unsigned>(pixel) % columns);
    }
  };

  UGATIT_KERNEL int place(int row, int column) const {
    const int before = static_cast<int>(g.before());
    return (row + before) * static_cast<int>(width + g.both()) + column + before;
  }

  PadGeometry g;
  Index height, width;  // without border

  // Of those that read position i of `size`: itself, the one beyond the first, the one beyond the last.
  UGATIT_KERNEL int reader(int number, int i, int size) const {
    if (number == 0) return i;
    if (g.border == Border::zero) return nowhere;
    if (number == 1) return i >= 1 && i <= static_cast<int>(g.before()) ? -i : nowhere;
    return i <= size - 2 && i >= size - 1 - static_cast<int>(g.after()) ? 2 * (size - 1) - i : nowhere;
  }
};

}  // namespace pad

template <LaunchesKernels D>
void pad_forward(D& dev, PadGeometry g, View<const typename D::Scalar> x, View<typename D::Scalar> y) {
  using T = typename D::Scalar;
  for_each(dev, y.size(), [=] UGATIT_KERNEL(Index at) {
    const Place p(y, at);
    const Index i = border_source(g.border, p.i - g.before(), x.height);
    const Index j = border_source(g.border, p.j - g.before(), x.width);
    y.data[at] = i < 0 || j < 0 ? T(0) : x.data[x.at(p.n, p.c, i, j)];
  });
}

template <LaunchesKernels D>
void pad_backward(D& dev, PadGeometry g, View<const typename D::Scalar> dy, View<typename D::Scalar> dx) {
  using T = typename D::Scalar;
  for_each(dev, dx.size(), [=] UGATIT_KERNEL(Index at) {
    const Place p(dx, at);
    const T* const from = dy.data + dy.at(p.n, p.c, g.before(), g.before());
    T sum = T(0);
    pad::each_reader(g, p.i, dx.height, [&](Index i) {
      pad::each_reader(g, p.j, dx.width, [&](Index j) { sum += from[i * dy.width + j]; });
    });
    dx.data[at] = sum;
  });
}

template <LaunchesKernels D>
void pad_forward(D& dev, PadGeometry g, View<const bfloat16> x, View<bfloat16> y) {
  const pad::Sources source{g, x.height, x.width};
  const Eight* const from = eights(x.data);
  const Index columns = x.channels / 8;
  const Index area = source.area();
  map_eights(dev, y.size(), y.data, [=] UGATIT_KERNEL(Index i) {
    const Cell p(columns, i);
    const Cell place(area, p.row);
    const Index pixel = source(place.column);
    return pixel < 0 ? Eight{} : from[(place.row * x.area() + pixel) * columns + p.column];
  });
}

template <LaunchesKernels D>
void pad_backward(D& dev, PadGeometry g, View<const bfloat16> dy, View<bfloat16> dx) {
  if (g.border == Border::replicate) {  // many places read one pixel: summed in float, in the other order
    const Buffer<D> gradient(dev.arena(), dy.size());
    const Buffer<D> sums(dev.arena(), dx.size());
    const View<float> other_dy{gradient.data(), dy.batch, dy.channels, dy.height, dy.width};
    const View<float> other_dx{sums.data(), dx.batch, dx.channels, dx.height, dx.width};
    convert(dev, dy, other_dy);
    pad_backward(dev, g, View<const float>(other_dy), other_dx);
    return convert(dev, View<const float>(other_dx), dx);
  }
  const pad::Readers readers(g, dx.height, dx.width);
  const Eight* const from = eights(dy.data);
  Eight* const to = eights(dx.data);
  const Index columns = dx.channels / 8;
  for_each(dev, dx.size() / 8, [=] UGATIT_KERNEL(Index i) {
    const Cell p(columns, i);
    const Cell place(dx.area(), p.row);
    const Eight* const image = from + place.row * dy.area() * columns + p.column;
    float sums[8] = {};
    const auto take = [&](int reader) {
      const Eight own = image[reader * columns];
      for (int k = 0; k < 8; ++k) sums[k] += own.at(k);
    };
    take(readers.own(static_cast<int>(place.column)));
    readers.each_other(static_cast<int>(place.column), take);
    to[i] = eight([&](int k) { return sums[k]; });
  });
}

}  // namespace ugatit
