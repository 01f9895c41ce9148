// ops/activation.hpp as kernels.
#pragma once

#include <ugatit/cuda/eights.hpp>
#include <ugatit/ops/activation.hpp>

namespace ugatit {

namespace activations {

/// x, or slope · x below zero.
template <class T>
struct LeakyReluOf {
  T slope;
  UGATIT_KERNEL T operator()(T x) const { return x > T(0) ? x : slope * x; }
  UGATIT_KERNEL T back(T dy, T y) const { return y > T(0) ? dy : slope * dy; }
};

template <class T>
struct TanhOf {
  UGATIT_KERNEL T operator()(T x) const { return std::tanh(x); }
  UGATIT_KERNEL T back(T dy, T y) const { return dy * (T(1) - y * y); }
};

template <class T>
struct SigmoidOf {
  UGATIT_KERNEL T operator()(T x) const { return T(1) / (T(1) + std::exp(-x)); }
  UGATIT_KERNEL T back(T dy, T y) const { return dy * y * (T(1) - y); }
};

/// run(f), where f(x) is the function and f.back(dy, y) its derivative.
template <class T, class Run>
void with_function(ActivationGeometry g, const Run& run) {
  switch (g.kind) {
    case Activation::relu:
      return run(LeakyReluOf<T>{T(0)});
    case Activation::leaky_relu:
      return run(LeakyReluOf<T>{static_cast<T>(g.slope)});
    case Activation::tanh:
      return run(TanhOf<T>{});
    case Activation::sigmoid:
      return run(SigmoidOf<T>{});
  }
}

template <class D, class T, class F>
void forward(D& dev, Index size, const T* x, T* y, const F& f) {
  map(dev, size, y, [=] UGATIT_KERNEL(Index i) { return f(x[i]); });
}

template <class D, ChannelsLast E, class F>
void forward(D& dev, Index size, const E* x, E* y, const F& f) {
  const Eight<E>* const from = eights(x);
  map_eights(dev, size, y, [=] UGATIT_KERNEL(Index i) {
    const Eight<E> own = from[i];
    return eight<E>([&](int k) { return f(own.at(k)); });
  });
}

template <class D, class T, class F>
void backward(D& dev, Index size, const T* dy, const T* y, T* dx, const F& f) {
  map(dev, size, dx, [=] UGATIT_KERNEL(Index i) { return f.back(dy[i], y[i]); });
}

template <class D, ChannelsLast E, class F>
void backward(D& dev, Index size, const E* dy, const E* y, E* dx, const F& f) {
  const Eight<E>* const gradients = eights(dy);
  const Eight<E>* const results = eights(y);
  map_eights(dev, size, dx, [=] UGATIT_KERNEL(Index i) {
    const Eight<E> gradient = gradients[i];
    const Eight<E> result = results[i];
    return eight<E>([&](int k) { return f.back(gradient.at(k), result.at(k)); });
  });
}

}  // namespace activations

template <LaunchesKernels D, class T>
void activation_forward(D& dev, ActivationGeometry g, Index size, const T* x, T* y) {
  activations::with_function<typename D::Scalar>(g, [&](const auto& f) { activations::forward(dev, size, x, y, f); });
}

template <LaunchesKernels D, class T>
void activation_backward(D& dev, ActivationGeometry g, Index size, const T* dy, const T* y, T* dx) {
  activations::with_function<typename D::Scalar>(
      g, [&](const auto& f) { activations::backward(dev, size, dy, y, dx, f); });
}

}  // namespace ugatit
