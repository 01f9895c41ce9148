// ops/elementwise.hpp on the CPU.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/elementwise.hpp>

#include <Eigen/Core>

#include <algorithm>

namespace ugatit {

template <class T>
void fill(Cpu<T>& dev, Index size, T value, T* out) {
  parallel_pieces(dev, size, Index{1} << 16U,
                  [&](Index begin, Index end) { std::fill(out + begin, out + end, value); });
}

template <class T, class Number>
void copy(Cpu<T>& dev, Index size, const Number* in, Number* out) {
  parallel_pieces(dev, size, Index{1} << 16U,
                  [&](Index begin, Index end) { std::copy(in + begin, in + end, out + begin); });
}

template <class T, class Number>
void copy_from_host(Cpu<T>& dev, Index size, const Number* in, Number* out) {
  copy(dev, size, in, out);
}

template <class T, class Number>
void copy_to_host(Cpu<T>& dev, Index size, const Number* in, Number* out) {
  copy(dev, size, in, out);
}

template <class T>
void add(Cpu<T>& dev, Index size, const T* a, const T* b, T* out) {
  parallel_pieces(dev, size, Index{1} << 15U, [&](Index begin, Index end) {
    using In = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;
    Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>(out + begin, end - begin) =
        In(a + begin, end - begin) + In(b + begin, end - begin);
  });
}

template <class T>
void join_channels(Cpu<T>&, View<const T> a, View<const T> b, View<T> y) {
  for (Index n = 0; n < y.batch; ++n) {
    std::copy_n(a.data + n * a.image(), a.image(), y.data + n * y.image());
    std::copy_n(b.data + n * b.image(), b.image(), y.data + n * y.image() + a.image());
  }
}

template <class T>
void split_channels(Cpu<T>&, View<const T> y, View<T> a, View<T> b) {
  for (Index n = 0; n < y.batch; ++n) {
    std::copy_n(y.data + n * y.image(), a.image(), a.data + n * a.image());
    std::copy_n(y.data + n * y.image() + a.image(), b.image(), b.data + n * b.image());
  }
}

template <class T>
void channel_sum_forward(Cpu<T>& dev, View<const T> x, View<T> y) {
  for (Index n = 0; n < x.batch; ++n) {
    parallel_pieces(dev, x.area(), 2048, [&](Index begin, Index end) {
      using In = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;
      Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>> to(y.data + n * y.image() + begin, end - begin);
      to.setZero();
      for (Index c = 0; c < x.channels; ++c) to += In(x.data + n * x.image() + c * x.area() + begin, end - begin);
    });
  }
}

template <class T>
void channel_sum_backward_add(Cpu<T>& dev, View<const T> dy, View<T> dx) {
  dev.pool().run(dx.batch * dx.channels, [&](Index plane, int) {
    const T* const from = dy.data + plane / dx.channels * dy.image();
    T* const to = dx.data + plane * dx.area();
    for (Index i = 0; i < dx.area(); ++i) to[i] += from[i];
  });
}

}  // namespace ugatit
