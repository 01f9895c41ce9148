// ops/resample.hpp as kernels.
#pragma once

#include <ugatit/cuda/team.hpp>
#include <ugatit/ops/resample.hpp>

namespace ugatit {

template <LaunchesKernels D>
void upsample_forward(D& dev, Index factor, View<const typename D::Scalar> x, View<typename D::Scalar> y) {
  for_each(dev, x.size(), [=] UGATIT_KERNEL(Index at) {
    const Place p(x, at);
    auto* const to = y.data + y.at(p.n, p.c, p.i * factor, p.j * factor);
    for (Index row = 0; row < factor; ++row) {
      for (Index column = 0; column < factor; ++column) to[row * y.width + column] = x.data[at];
    }
  });
}

template <LaunchesKernels D>
void upsample_backward(D& dev, Index factor, View<const typename D::Scalar> dy, View<typename D::Scalar> dx) {
  using T = typename D::Scalar;
  for_each(dev, dx.size(), [=] UGATIT_KERNEL(Index at) {
    const Place p(dx, at);
    const T* const from = dy.data + dy.at(p.n, p.c, p.i * factor, p.j * factor);
    T sum = T(0);
    for (Index row = 0; row < factor; ++row) {
      for (Index column = 0; column < factor; ++column) sum += from[row * dy.width + column];
    }
    dx.data[at] = sum;
  });
}

}  // namespace ugatit
