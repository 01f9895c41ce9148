// ops/outer_adam.hpp as kernels.
#pragma once

#include <ugatit/cuda/adam.hpp>
#include <ugatit/ops/outer_adam.hpp>

namespace ugatit {

template <LaunchesKernels D>
void outer_square_sum(D& dev, OuterGeometry g, const typename D::Scalar* dy, const typename D::Scalar* x, double* sum) {
  if (g.count == 0) {
    for_each(dev, 1, [=] UGATIT_KERNEL(Index) { *sum = 0; });
    return;
  }
  constexpr Index stretch = 16384;
  const Index pairs = g.count * g.count;
  const Index stretches = (g.columns + stretch - 1) / stretch;
  const BufferOf<double, D> memory(dev.arena(), pairs * (stretches + 1));
  double* const partial = memory.data();  // [pairs, stretches] of x_k · x_l
  double* const products = partial + pairs * stretches;
  for_each_team(dev, pairs * stretches, stretch, [=] UGATIT_KERNEL(Team team, Index t) {
    const Cell place(stretches, t);
    const Index begin = place.column * stretch;
    const Index rest = g.columns - begin;
    const Cell pair(g.count, place.row);
    const double product = team.dot(rest < stretch ? rest : stretch, x + pair.row * g.columns + begin,
                                    x + pair.column * g.columns + begin);
    if (team.rank() == 0) partial[t] = product;
  });
  for_each_team(dev, pairs, g.rows, [=] UGATIT_KERNEL(Team team, Index p) {
    const Cell pair(g.count, p);
    const double of_x = team.sum(stretches, [=](Index part) { return partial[p * stretches + part]; });
    const double product = of_x * team.dot(g.rows, dy + pair.row * g.rows, dy + pair.column * g.rows);
    if (team.rank() == 0) products[p] = product;
  });
  for_each_team(dev, 1, pairs, [=] UGATIT_KERNEL(Team team, Index) {
    const double all = team.sum(pairs, [=](Index pair) { return products[pair]; });
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
