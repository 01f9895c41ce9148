// ops/resample.hpp as kernels.
#pragma once

#include <ugatit/cuda/eights.hpp>
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

template <LaunchesKernels D, ChannelsLast E>
void upsample_forward(D& dev, Index factor, View<const E> x, View<E> y) {
  const Eight<E>* const from = eights(x.data);
  const Index columns = x.channels / 8;
  map_eights(dev, y.size(), y.data, [=] UGATIT_KERNEL(Index at) {
    const Cell p(columns, at);
    const Cell line(y.width, p.row);  // of all images: n · height + i
    const Index pixel = Cell(factor, line.row).row * x.width + Cell(factor, line.column).row;
    return from[pixel * columns + p.column];
  });
}

template <LaunchesKernels D, ChannelsLast E>
void upsample_backward(D& dev, Index factor, View<const E> dy, View<E> dx) {
  const Eight<E>* const from = eights(dy.data);
  Eight<E>* const to = eights(dx.data);
  const Index columns = dx.channels / 8;
  for_each(dev, dx.size() / 8, [=] UGATIT_KERNEL(Index at) {
    const Cell p(columns, at);
    const Cell line(dx.width, p.row);
    const Index pixel = line.row * factor * dy.width + line.column * factor;
    float sums[8] = {};
    for (Index row = 0; row < factor; ++row) {
      for (Index column = 0; column < factor; ++column) {
        const Eight<E> own = from[(pixel + row * dy.width + column) * columns + p.column];
        for (int k = 0; k < 8; ++k) sums[k] += own.at(k);
      }
    }
    to[at] = eight<E>([&](int k) { return sums[k]; });
  });
}

}  // namespace ugatit
