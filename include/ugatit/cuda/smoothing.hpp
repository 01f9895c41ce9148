// ops/smoothing.hpp as kernels.
#pragma once

#include <ugatit/cuda/team.hpp>
#include <ugatit/ops/smoothing.hpp>

namespace ugatit {

template <LaunchesKernels D>
void smoothing_forward(D& dev, Index size, const typename D::Scalar* rho, typename D::Scalar* y) {
  using T = typename D::Scalar;
  for_each(dev, size, [=] UGATIT_KERNEL(Index i) {
    const T shifted = rho[i] - static_cast<T>(smoothing_shift);
    y[i] = shifted < T(0) ? T(0) : (shifted > T(1) ? T(1) : shifted);
  });
}

template <LaunchesKernels D>
void smoothing_backward(D& dev, Index size, const typename D::Scalar* dy, const typename D::Scalar* rho,
                        typename D::Scalar* drho) {
  using T = typename D::Scalar;
  for_each(dev, size, [=] UGATIT_KERNEL(Index i) {
    const T shifted = rho[i] - static_cast<T>(smoothing_shift);
    if (shifted >= T(0) && shifted <= T(1)) drho[i] += dy[i];
  });
}

}  // namespace ugatit
