// ops/pool.hpp as kernels: over windows.
#pragma once

#include <ugatit/cuda/team.hpp>
#include <ugatit/ops/pool.hpp>

namespace ugatit {

namespace pooling {

/// The part of a window of the output's pixel (i, j) that lies inside the image.
struct Inside {
  Index top, bottom, left, right;

  UGATIT_KERNEL Inside(const PoolGeometry& g, Index i, Index j, Index height, Index width)
      : top(i * g.stride - g.padding),
        bottom(top + g.window < height ? top + g.window : height),
        left(j * g.stride - g.padding),
        right(left + g.window < width ? left + g.window : width) {
    if (top < 0) top = 0;
    if (left < 0) left = 0;
  }

  /// What each number inside counts in an average.
  template <class T>
  UGATIT_KERNEL T part(const PoolGeometry& g) const {
    const Index count = g.kind == Pool::average ? g.window * g.window : (bottom - top) * (right - left);
    return T(1) / static_cast<T>(count);
  }

  /// The first position, row by row, that holds `value` in an image of that width.
  template <class T>
  UGATIT_KERNEL Index find(const T* image, Index width, T value) const {
    for (Index row = top; row < bottom; ++row) {
      for (Index column = left; column < right; ++column) {
        if (image[row * width + column] == value) return row * width + column;
      }
    }
    return -1;
  }
};

}  // namespace pooling

template <LaunchesKernels D>
void pool_forward(D& dev, PoolGeometry g, View<const typename D::Scalar> x, View<typename D::Scalar> y) {
  using T = typename D::Scalar;
  for_each(dev, y.size(), [=] UGATIT_KERNEL(Index at) {
    const Place p(y, at);
    const T* const from = x.data + x.at(p.n, p.c, 0, 0);
    const pooling::Inside window(g, p.i, p.j, x.height, x.width);
    T sum = T(0);
    T largest = from[window.top * x.width + window.left];
    for (Index row = window.top; row < window.bottom; ++row) {
      for (Index column = window.left; column < window.right; ++column) {
        const T value = from[row * x.width + column];
        sum += value;
        if (value > largest) largest = value;
      }
    }
    y.data[at] = g.kind == Pool::maximum ? largest : sum * window.part<T>(g);
  });
}

// Gathers: each pixel looks at the windows that it lies in.
template <LaunchesKernels D>
void pool_backward(D& dev, PoolGeometry g, View<const typename D::Scalar> dy, View<const typename D::Scalar> x,
                   View<const typename D::Scalar> y, View<typename D::Scalar> dx) {
  using T = typename D::Scalar;
  for_each(dev, dx.size(), [=] UGATIT_KERNEL(Index at) {
    const Place p(dx, at);
    const T* const image = x.data + x.at(p.n, p.c, 0, 0);
    const Index row = p.i + g.padding;
    const Index column = p.j + g.padding;
    const auto first = [=](Index q) { return q < g.window ? Index{0} : Cell(g.stride, q - g.window).row + 1; };
    T sum = T(0);
    for (Index i = first(row); i < y.height && i * g.stride <= row; ++i) {
      for (Index j = first(column); j < y.width && j * g.stride <= column; ++j) {
        const Index from = y.at(p.n, p.c, i, j);
        const pooling::Inside window(g, i, j, x.height, x.width);
        if (g.kind != Pool::maximum) {
          sum += dy.data[from] * window.part<T>(g);
        } else if (window.find(image, x.width, y.data[from]) == p.i * x.width + p.j) {
          sum += dy.data[from];
        }
      }
    }
    dx.data[at] = sum;
  });
}

}  // namespace ugatit
