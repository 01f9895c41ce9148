// ops/moving_average.hpp as a kernel.
#pragma once

#include <ugatit/cuda/team.hpp>
#include <ugatit/ops/moving_average.hpp>

namespace ugatit {

template <LaunchesKernels D>
void moving_average_step(D& dev, Index size, double decay, const typename D::Scalar* x, typename D::Scalar* average) {
  using T = typename D::Scalar;
  const T share = static_cast<T>(1 - decay);
  for_each(dev, size, [=] UGATIT_KERNEL(Index i) { average[i] += share * (x[i] - average[i]); });
}

}  // namespace ugatit
