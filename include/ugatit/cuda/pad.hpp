// ops/border.hpp as kernels. Backward gathers: each pixel looks up which places of the border read it.
#pragma once

#include <ugatit/cuda/team.hpp>
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

}  // namespace ugatit
