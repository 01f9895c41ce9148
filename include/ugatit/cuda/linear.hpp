// ops/linear.hpp as kernels. Batches are small, so each is a pass over the weights at the speed of the memory.
#pragma once

#include <ugatit/cuda/columns.hpp>
#include <ugatit/ops/linear.hpp>

namespace ugatit {

template <LaunchesKernels D>
void linear_forward(D& dev, LinearGeometry g, const typename D::Scalar* x, const typename D::Scalar* w,
                    const typename D::Scalar* b, typename D::Scalar* y) {
  using T = typename D::Scalar;
  // A team for each row of a large matrix, which is then read once; for each number of the result where it is small.
  constexpr Index small = 8192;
  const Index together = g.in > small ? g.batch : 1;
  for_each_team(dev, g.out * g.batch / together, g.in, [=] UGATIT_KERNEL(Team team, Index t) {
    const Cell place(g.out, t);
    const Index o = place.column;
    for (Index n = place.row; n < place.row + together; ++n) {
      const double sum = team.sum(
          g.in, [=](Index i) { return static_cast<double>(w[o * g.in + i]) * static_cast<double>(x[n * g.in + i]); });
      if (team.rank() == 0) y[n * g.out + o] = static_cast<T>(sum + (b == nullptr ? 0 : static_cast<double>(b[o])));
    }
  });
}

template <LaunchesKernels D>
void linear_backward_input(D& dev, LinearGeometry g, const typename D::Scalar* dy, const typename D::Scalar* w,
                           typename D::Scalar* dx) {
  using T = typename D::Scalar;
  for (Index n = 0; n < g.batch; ++n) {
    sum_columns(
        dev, g.out, g.in,
        [=] UGATIT_KERNEL(Index o, Index i) {
          return static_cast<double>(dy[n * g.out + o]) * static_cast<double>(w[o * g.in + i]);
        },
        [=] UGATIT_KERNEL(Index i, double sum) { dx[n * g.in + i] = static_cast<T>(sum); });
  }
}

template <LaunchesKernels D>
void linear_backward_weight(D& dev, LinearGeometry g, const typename D::Scalar* x, const typename D::Scalar* dy,
                            typename D::Scalar* dw) {
  using T = typename D::Scalar;
  for_each(dev, g.out * g.in, [=] UGATIT_KERNEL(Index at) {
    const auto [o, i] = Cell(g.in, at);
    T sum = T(0);
    for (Index n = 0; n < g.batch; ++n) sum += dy[n * g.out + o] * x[n * g.in + i];
    dw[at] += sum;
  });
}

}  // namespace ugatit
