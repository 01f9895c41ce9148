// ops/elementwise.hpp as kernels. The copies between host and device are the device's own.
#pragma once

#include <ugatit/cuda/columns.hpp>
#include <ugatit/cuda/rows.hpp>
#include <ugatit/ops/elementwise.hpp>

namespace ugatit {

template <LaunchesKernels D>
void fill(D& dev, Index size, typename D::Scalar value, typename D::Scalar* out) {
  map(dev, size, out, [=] UGATIT_KERNEL(Index) { return value; });
}

template <LaunchesKernels D>
void copy(D& dev, Index size, const typename D::Scalar* in, typename D::Scalar* out) {
  map(dev, size, out, [=] UGATIT_KERNEL(Index i) { return in[i]; });
}

template <LaunchesKernels D>
void add(D& dev, Index size, const typename D::Scalar* a, const typename D::Scalar* b, typename D::Scalar* out) {
  map(dev, size, out, [=] UGATIT_KERNEL(Index i) { return a[i] + b[i]; });
}

template <LaunchesKernels D, ChannelsLast E>
void fill(D& dev, Index size, E value, E* out) {
  map(dev, size, out, [=] UGATIT_KERNEL(Index) { return value; });
}

template <LaunchesKernels D, ChannelsLast E>
void copy(D& dev, Index size, const E* in, E* out) {
  const Eight<E>* const from = eights(in);
  map_eights(dev, size, out, [=] UGATIT_KERNEL(Index i) { return from[i]; });
}

template <LaunchesKernels D, ChannelsLast E>
void add(D& dev, Index size, const E* a, const E* b, E* out) {
  const Eight<E>* const first = eights(a);
  const Eight<E>* const second = eights(b);
  map_eights(dev, size, out, [=] UGATIT_KERNEL(Index i) {
    const Eight<E> one = first[i];
    const Eight<E> other = second[i];
    return eight<E>([&](int k) { return one.at(k) + other.at(k); });
  });
}

template <LaunchesKernels D>
void join_channels(D& dev, View<const typename D::Scalar> a, View<const typename D::Scalar> b,
                   View<typename D::Scalar> y) {
  for_each(dev, y.size(), [=] UGATIT_KERNEL(Index i) {
    const Cell p(y.image(), i);
    y.data[i] =
        p.column < a.image() ? a.data[p.row * a.image() + p.column] : b.data[p.row * b.image() + p.column - a.image()];
  });
}

template <LaunchesKernels D>
void split_channels(D& dev, View<const typename D::Scalar> y, View<typename D::Scalar> a, View<typename D::Scalar> b) {
  for_each(dev, y.size(), [=] UGATIT_KERNEL(Index i) {
    const Cell p(y.image(), i);
    (p.column < a.image() ? a.data[p.row * a.image() + p.column] : b.data[p.row * b.image() + p.column - a.image()]) =
        y.data[i];
  });
}

template <LaunchesKernels D>
void channel_sum_forward(D& dev, View<const typename D::Scalar> x, View<typename D::Scalar> y) {
  using T = typename D::Scalar;
  sum_columns(
      dev, x.batch, x.channels, x.area(),
      [=] UGATIT_KERNEL(Index n, Index c, Index i) {
        return static_cast<double>(x.data[n * x.image() + c * x.area() + i]);
      },
      [=] UGATIT_KERNEL(Index n, Index i, double sum) { y.data[n * y.area() + i] = static_cast<T>(sum); });
}

template <LaunchesKernels D>
void channel_sum_backward_add(D& dev, View<const typename D::Scalar> dy, View<typename D::Scalar> dx) {
  using T = typename D::Scalar;
  for_each_team(dev, dx.batch * dx.channels, dx.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    T* const to = dx.data + plane * dx.area();
    const T* const from = dy.data + Cell(dx.channels, plane).row * dx.area();
    map(team, dx.area(), to, [=](Index i) { return to[i] + from[i]; });
  });
}

template <LaunchesKernels D, ChannelsLast E>
void channel_sum_forward(D& dev, View<const E> x, View<float> y) {
  const Eight<E>* const from = eights(x.data);
  const Index columns = x.channels / 8;
  for_each(dev, y.size(), [=] UGATIT_KERNEL(Index pixel) {
    double sum = 0;
    for (Index column = 0; column < columns; ++column) {
      const Eight<E> own = from[pixel * columns + column];
      for (int k = 0; k < 8; ++k) sum += own.at(k);
    }
    y.data[pixel] = static_cast<float>(sum);
  });
}

template <LaunchesKernels D, ChannelsLast E>
void channel_sum_backward_add(D& dev, View<const float> dy, View<E> dx) {
  const Eight<E>* const before = eights(dx.data);
  const Index columns = dx.channels / 8;
  map_eights(dev, dx.size(), dx.data, [=] UGATIT_KERNEL(Index i) {
    const Eight<E> own = before[i];
    const float more = dy.data[Cell(columns, i).row];
    return eight<E>([&](int k) { return own.at(k) + more; });
  });
}

}  // namespace ugatit
