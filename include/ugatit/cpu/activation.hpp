// ops/activation.hpp on the CPU.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/activation.hpp>

#include <Eigen/Core>

namespace ugatit {

namespace activation {

constexpr Index grain = 1 << 15;

// Calls `f` with a vectorised expression of each piece.
template <class T, class F>
void for_each_piece(Cpu<T>& dev, Index size, const T* a, const T* b, T* out, const F& f) {
  parallel_pieces(dev, size, grain, [&](Index begin, Index end) {
    using In = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;
    using Out = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;
    Out to(out + begin, end - begin);
    f(In(a + begin, end - begin), In(b + begin, end - begin), to);
  });
}

}  // namespace activation

template <class T>
void activation_forward(Cpu<T>& dev, ActivationGeometry g, Index size, const T* x, T* y) {
  const T slope = static_cast<T>(g.slope);
  switch (g.kind) {
    case Activation::relu:
      return activation::for_each_piece(dev, size, x, x, y, [](auto in, auto, auto& out) { out = in.max(T(0)); });
    case Activation::leaky_relu:
      return activation::for_each_piece(
          dev, size, x, x, y, [slope](auto in, auto, auto& out) { out = in.max(T(0)) + slope * in.min(T(0)); });
    case Activation::tanh:
      // Not Eigen's tanh: its float version is a rational approximation that is off in the seventh digit.
      return parallel_pieces(dev, size, activation::grain / 8, [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) y[i] = std::tanh(x[i]);
      });
    case Activation::sigmoid:
      return parallel_pieces(dev, size, activation::grain / 8, [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) y[i] = T(1) / (T(1) + std::exp(-x[i]));
      });
  }
}

template <class T>
void activation_backward(Cpu<T>& dev, ActivationGeometry g, Index size, const T* dy, const T* y, T* dx) {
  const T slope = static_cast<T>(g.slope);
  switch (g.kind) {
    case Activation::relu:
      return activation::for_each_piece(dev, size, dy, y, dx,
                                        [](auto d, auto out, auto& to) { to = (out > T(0)).select(d, T(0)); });
    case Activation::leaky_relu:
      return activation::for_each_piece(
          dev, size, dy, y, dx, [slope](auto d, auto out, auto& to) { to = (out > T(0)).select(d, slope * d); });
    case Activation::tanh:
      return activation::for_each_piece(dev, size, dy, y, dx,
                                        [](auto d, auto out, auto& to) { to = d * (T(1) - out.square()); });
    case Activation::sigmoid:
      return activation::for_each_piece(dev, size, dy, y, dx,
                                        [](auto d, auto out, auto& to) { to = d * out * (T(1) - out); });
  }
}

}  // namespace ugatit
