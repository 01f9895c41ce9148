// ops/activation.hpp as kernels.
#pragma once

#include <ugatit/cuda/map.hpp>
#include <ugatit/ops/activation.hpp>

namespace ugatit {

template <LaunchesKernels D>
void activation_forward(D& dev, ActivationGeometry g, Index size, const typename D::Scalar* x, typename D::Scalar* y) {
  using T = typename D::Scalar;
  const T slope = g.kind == Activation::relu ? T(0) : static_cast<T>(g.slope);
  switch (g.kind) {
    case Activation::relu:
    case Activation::leaky_relu:
      return map(dev, size, y, [=] UGATIT_KERNEL(Index i) { return x[i] > T(0) ? x[i] : slope * x[i]; });
    case Activation::tanh:
      return map(dev, size, y, [=] UGATIT_KERNEL(Index i) { return std::tanh(x[i]); });
    case Activation::sigmoid:
      return map(dev, size, y, [=] UGATIT_KERNEL(Index i) { return T(1) / (T(1) + std::exp(-x[i])); });
  }
}

template <LaunchesKernels D>
void activation_backward(D& dev, ActivationGeometry g, Index size, const typename D::Scalar* dy,
                         const typename D::Scalar* y, typename D::Scalar* dx) {
  using T = typename D::Scalar;
  const T slope = g.kind == Activation::relu ? T(0) : static_cast<T>(g.slope);
  switch (g.kind) {
    case Activation::relu:
    case Activation::leaky_relu:
      return map(dev, size, dx, [=] UGATIT_KERNEL(Index i) { return y[i] > T(0) ? dy[i] : slope * dy[i]; });
    case Activation::tanh:
      return map(dev, size, dx, [=] UGATIT_KERNEL(Index i) { return dy[i] * (T(1) - y[i] * y[i]); });
    case Activation::sigmoid:
      return map(dev, size, dx, [=] UGATIT_KERNEL(Index i) { return dy[i] * y[i] * (T(1) - y[i]); });
  }
}

}  // namespace ugatit
