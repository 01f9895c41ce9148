// ops/outer_adam.hpp as kernels.
#pragma once

#include <ugatit/cuda/adam.hpp>
#include <ugatit/ops/outer_adam.hpp>

namespace ugatit {

template <LaunchesKernels D>
void outer_square_sum(D& dev, OuterGeometry g, const typename D::Scalar* dy, const typename D::Scalar* x, double* sum) {
  using T = typename D::Scalar;
  if (g.count == 0) {
    for_each(dev, 1, [=] UGATIT_KERNEL(Index) { *sum = 0; });
    return;
  }
  const BufferOf<double, D> memory(dev.arena(), g.count * g.count);
  double* const products = memory.data();
  for_each_team(dev, g.count * g.count, g.columns, [=] UGATIT_KERNEL(Team team, Index pair) {
    const Cell p(g.count, pair);
    const auto dot = [&](const T* of, Index size) {
      return team.sum(size, [=](Index i) {
        return static_cast<double>(of[p.row * size + i]) * static_cast<double>(of[p.column * size + i]);
      });
    };
    const double product = dot(dy, g.rows) * dot(x, g.columns);
    if (team.rank() == 0) products[pair] = product;
  });
  for_each_team(dev, 1, g.count * g.count, [=] UGATIT_KERNEL(Team team, Index) {
    const double all = team.sum(g.count * g.count, [=](Index pair) { return products[pair]; });
    if (team.rank() == 0) *sum = all;
  });
}

template <LaunchesKernels D>
void outer_adam_step(D& dev, AdamStep<typename D::Scalar> step, OuterGeometry g, const typename D::Scalar* dy,
                     const typename D::Scalar* x, const AdamParameter<typename D::Scalar>& parameter) {
  using T = typename D::Scalar;
  const AdamParameter<T> p = parameter;
  for_each(dev, g.rows * g.columns, [=] UGATIT_KERNEL(Index at) {
    if (*step.allowed == 0) return;
    const Cell cell(g.columns, at);
    T gradient = T(0);
    for (Index k = 0; k < g.count; ++k) gradient += dy[k * g.rows + cell.row] * x[k * g.columns + cell.column];
    adam_kernels::Stepped<T>(*step.factors, p, gradient, at).write(p, at);
  });
}

}  // namespace ugatit
