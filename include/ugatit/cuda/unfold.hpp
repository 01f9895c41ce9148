// ops/unfold.hpp as kernels.
#pragma once

#include <ugatit/cuda/team.hpp>
#include <ugatit/ops/unfold.hpp>

namespace ugatit {

template <LaunchesKernels D>
void unfold_forward(D& dev, UnfoldGeometry g, View<const typename D::Scalar> x, View<typename D::Scalar> y) {
  using T = typename D::Scalar;
  for_each(dev, y.size(), [=] UGATIT_KERNEL(Index at) {
    const Place p(y, at);
    const Cell of(g.taps(), p.c);
    const Cell tap(g.width, of.column);
    const Index i = p.i + tap.row - (g.height - 1) / 2;
    const Index j = p.j + tap.column - (g.width - 1) / 2;
    const bool inside = i >= 0 && i < x.height && j >= 0 && j < x.width;
    y.data[at] = inside ? x.data[x.at(p.n, of.row, i, j)] : T(0);
  });
}

template <LaunchesKernels D>
void unfold_backward(D& dev, UnfoldGeometry g, View<const typename D::Scalar> dy, View<typename D::Scalar> dx) {
  using T = typename D::Scalar;
  for_each(dev, dx.size(), [=] UGATIT_KERNEL(Index at) {
    const Place p(dx, at);
    T sum = T(0);
    for (Index k = 0; k < g.height; ++k) {
      for (Index l = 0; l < g.width; ++l) {
        const Index i = p.i - k + (g.height - 1) / 2;
        const Index j = p.j - l + (g.width - 1) / 2;
        const bool inside = i >= 0 && i < dx.height && j >= 0 && j < dx.width;
        if (inside) sum += dy.data[dy.at(p.n, (p.c * g.height + k) * g.width + l, i, j)];
      }
    }
    dx.data[at] = sum;
  });
}

}  // namespace ugatit
