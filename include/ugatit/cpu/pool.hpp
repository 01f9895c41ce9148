// ops/pool.hpp on the CPU.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/pool.hpp>

#include <Eigen/Core>

#include <algorithm>

namespace ugatit {

template <class T>
void global_pool_forward(Cpu<T>& dev, Pool kind, View<const T> x, T* y) {
  dev.pool().run(x.batch * x.channels, [&](Index plane, int) {
    const Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>> in(x.data + plane * x.area(), x.area());
    y[plane] = kind == Pool::average ? in.mean() : in.maxCoeff();
  });
}

template <class T>
void global_pool_tangent(Cpu<T>& dev, Pool kind, View<const T> v, View<const T> x, const T* y, T* tangent) {
  if (kind == Pool::average) return global_pool_forward(dev, kind, v, tangent);
  dev.pool().run(x.batch * x.channels, [&](Index plane, int) {
    const T* const from = x.data + plane * x.area();
    const Index first = std::find(from, from + x.area(), y[plane]) - from;
    tangent[plane] = first < x.area() ? v.data[plane * x.area() + first] : T(0);
  });
}

template <class T>
void global_pool_backward(Cpu<T>& dev, Pool kind, const T* dy, View<const T> x, const T* y, View<T> dx) {
  dev.pool().run(x.batch * x.channels, [&](Index plane, int) {
    T* const to = dx.data + plane * x.area();
    if (kind == Pool::average) {
      std::fill_n(to, x.area(), dy[plane] / static_cast<T>(x.area()));
      return;
    }
    const T* const from = x.data + plane * x.area();
    const Index first = std::find(from, from + x.area(), y[plane]) - from;
    std::fill_n(to, x.area(), T(0));
    if (first < x.area()) to[first] = dy[plane];  // not found only where x holds a NaN
  });
}

template <class T>
void global_pools_backward_add(Cpu<T>& dev, const T* d_average, const T* d_maximum, View<const T> x, const T* maximum,
                               View<T> dx) {
  dev.pool().run(x.batch * x.channels, [&](Index plane, int) {
    T* const to = dx.data + plane * x.area();
    Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>(to, x.area()) += d_average[plane] / static_cast<T>(x.area());
    const T* const from = x.data + plane * x.area();
    const Index first = std::find(from, from + x.area(), maximum[plane]) - from;
    if (first < x.area()) to[first] += d_maximum[plane];
  });
}

namespace pooling {

/// The part of a window that lies inside the image.
struct Window {
  Index top, bottom, left, right;

  Window(const PoolGeometry& g, Index i, Index j, Index height, Index width)
      : top(std::max<Index>(0, i * g.stride - g.padding)),
        bottom(std::min(height, i * g.stride - g.padding + g.window)),
        left(std::max<Index>(0, j * g.stride - g.padding)),
        right(std::min(width, j * g.stride - g.padding + g.window)) {}

  /// What each number inside counts in an average.
  template <class T>
  T share(const PoolGeometry& g) const {
    const Index count = g.kind == Pool::average ? g.window * g.window : (bottom - top) * (right - left);
    return T(1) / static_cast<T>(count);
  }
};

}  // namespace pooling

template <class T>
void pool_forward(Cpu<T>& dev, PoolGeometry g, View<const T> x, View<T> y) {
  dev.pool().run(x.batch * x.channels, [&](Index plane, int) {
    const T* const from = x.data + plane * x.area();
    T* to = y.data + plane * y.area();
    for (Index i = 0; i < y.height; ++i) {
      for (Index j = 0; j < y.width; ++j, ++to) {
        const pooling::Window window(g, i, j, x.height, x.width);
        T sum = T(0);
        T largest = from[window.top * x.width + window.left];
        for (Index row = window.top; row < window.bottom; ++row) {
          for (Index column = window.left; column < window.right; ++column) {
            sum += from[row * x.width + column];
            largest = std::max(largest, from[row * x.width + column]);
          }
        }
        *to = g.kind == Pool::maximum ? largest : sum * window.share<T>(g);
      }
    }
  });
}

template <class T>
void pool_backward(Cpu<T>& dev, PoolGeometry g, View<const T> dy, View<const T> x, View<const T> y, View<T> dx) {
  dev.pool().run(x.batch * x.channels, [&](Index plane, int) {
    const T* const from = x.data + plane * x.area();
    T* const to = dx.data + plane * x.area();
    std::fill_n(to, x.area(), T(0));
    for (Index i = 0; i < y.height; ++i) {
      for (Index j = 0; j < y.width; ++j) {
        const Index at = plane * y.area() + i * y.width + j;
        const pooling::Window window(g, i, j, x.height, x.width);
        bool given = false;
        for (Index row = window.top; row < window.bottom; ++row) {
          for (Index column = window.left; column < window.right; ++column) {
            const Index here = row * x.width + column;
            if (g.kind != Pool::maximum) {
              to[here] += dy.data[at] * window.share<T>(g);
            } else if (!given && from[here] == y.data[at]) {
              to[here] += dy.data[at];
              given = true;
            }
          }
        }
      }
    }
  });
}

}  // namespace ugatit
