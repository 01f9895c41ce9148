// ops/conv2d.hpp as plain kernels: the formulas as they stand, one number of the result at a time.
//
// What cuDNN computes is tested against these, and these against the CPU's. They read the border where they need it and
// want no memory.
#pragma once

#include <ugatit/cuda/pad.hpp>
#include <ugatit/cuda/rows.hpp>
#include <ugatit/ops/conv2d.hpp>

namespace ugatit {

namespace direct {

template <LaunchesKernels D>
void forward(D& dev, const Conv2dGeometry& geometry, View<const typename D::Scalar> x, const typename D::Scalar* w,
             const typename D::Scalar* b, View<typename D::Scalar> y) {
  using T = typename D::Scalar;
  const Conv2dGeometry g = geometry;
  for_each(dev, y.size(), [=] UGATIT_KERNEL(Index at) {
    const Place p(y, at);
    const Index top = p.i * g.stride - g.pad.before();
    const Index left = p.j * g.stride - g.pad.before();
    const T* const image = x.data + p.n * x.image();
    T sum = b == nullptr ? T(0) : b[p.c];
    for (Index k = 0; k < g.kernel; ++k) {
      const Index i = border_source(g.pad.border, top + k, x.height);
      for (Index l = 0; l < g.kernel; ++l) {
        const Index j = border_source(g.pad.border, left + l, x.width);
        if (i < 0 || j < 0) continue;
        const T* const weights = w + p.c * g.taps() + k * g.kernel + l;
        for (Index c = 0; c < x.channels; ++c) {
          sum += weights[c * g.kernel * g.kernel] * image[c * x.area() + i * x.width + j];
        }
      }
    }
    y.data[at] = sum;
  });
}

template <LaunchesKernels D>
void backward_input(D& dev, const Conv2dGeometry& geometry, View<const typename D::Scalar> dy,
                    const typename D::Scalar* w, View<typename D::Scalar> dx) {
  using T = typename D::Scalar;
  const Conv2dGeometry g = geometry;
  for_each(dev, dx.size(), [=] UGATIT_KERNEL(Index at) {
    const Place p(dx, at);
    const T* const gradients = dy.data + p.n * dy.image();
    T sum = T(0);
    // Every window that reads a padded position at tap k begins k before it.
    pad::each_reader(g.pad, p.i, dx.height, [&](Index row) {
      pad::each_reader(g.pad, p.j, dx.width, [&](Index column) {
        for (Index k = 0; k < g.kernel; ++k) {
          const Cell top(g.stride, row + g.pad.before() - k);
          if (row + g.pad.before() < k || top.column != 0 || top.row >= dy.height) continue;
          for (Index l = 0; l < g.kernel; ++l) {
            const Cell left(g.stride, column + g.pad.before() - l);
            if (column + g.pad.before() < l || left.column != 0 || left.row >= dy.width) continue;
            const Index from = top.row * dy.width + left.row;
            const T* const weights = w + (p.c * g.kernel + k) * g.kernel + l;
            for (Index o = 0; o < dy.channels; ++o) sum += weights[o * g.taps()] * gradients[o * dy.area() + from];
          }
        }
      });
    });
    dx.data[at] = sum;
  });
}

template <LaunchesKernels D>
void backward_weight(D& dev, const Conv2dGeometry& geometry, View<const typename D::Scalar> x,
                     View<const typename D::Scalar> dy, typename D::Scalar* dw) {
  using T = typename D::Scalar;
  const Conv2dGeometry g = geometry;
  const View<T> weights{dw, g.out_channels, g.in_channels, g.kernel, g.kernel};
  for_each_team(dev, weights.size(), dy.batch * dy.area(), [=] UGATIT_KERNEL(Team team, Index at) {
    const Place tap(weights, at);
    const double sum = team.sum(dy.batch * dy.area(), [=](Index pixel) {
      const auto [n, within] = Cell(dy.area(), pixel);
      const auto [row, column] = Cell(dy.width, within);
      const Index i = border_source(g.pad.border, row * g.stride + tap.i - g.pad.before(), x.height);
      const Index j = border_source(g.pad.border, column * g.stride + tap.j - g.pad.before(), x.width);
      if (i < 0 || j < 0) return 0.0;
      return static_cast<double>(dy.data[dy.at(n, tap.n, row, column)]) *
             static_cast<double>(x.data[x.at(n, tap.c, i, j)]);
    });
    if (team.rank() == 0) dw[at] += static_cast<T>(sum);
  });
}

}  // namespace direct

template <LaunchesKernels D>
void bias_backward(D& dev, View<const typename D::Scalar> dy, typename D::Scalar* db) {
  using T = typename D::Scalar;
  for_each_team(dev, dy.channels, dy.batch * dy.area(), [=] UGATIT_KERNEL(Team team, Index c) {
    const double sum = team.sum(dy.batch * dy.area(), [=](Index pixel) {
      const Cell p(dy.area(), pixel);
      return static_cast<double>(dy.data[dy.at(p.row, c, 0, p.column)]);
    });
    if (team.rank() == 0) db[c] += static_cast<T>(sum);
  });
}

template <LaunchesKernels D, ChannelsLast E>
void bias_backward(D& dev, View<const E> dy, float* db) {
  const Eight<E>* const from = eights(dy.data);
  sum_channels<1>(
      dev, 1, dy.batch * dy.area(), dy.channels, rows::Nothing{},
      [=] UGATIT_KERNEL(Index i, Index, int, float* sums) {
        const Eight<E> own = from[i];
        for (int k = 0; k < 8; ++k) sums[k] += own.at(k);
      },
      [=] UGATIT_KERNEL(Index c, const double* sums) { db[c] += static_cast<float>(sums[0]); });
}

}  // namespace ugatit
