// ops/outer_adam.hpp as kernels.
#pragma once

#include <ugatit/cuda/adam.hpp>
#include <ugatit/cuda/planes.hpp>
#include <ugatit/ops/outer_adam.hpp>

namespace ugatit {

template <LaunchesKernels D>
void outer_square_sum(D& dev, OuterGeometry g, const typename D::Scalar* dy, const typename D::Scalar* x, double* sum) {
  if (g.count == 0) {
    for_each(dev, 1, [=] UGATIT_KERNEL(Index) { *sum = 0; });
    return;
  }
  const PlaneCut cut(g.columns);
  const Index pairs = g.count * g.count;
  const BufferOf<double, D> memory(dev.arena(), pairs * (cut.pieces + 1));
  double* const partial = memory.data();  // [pairs, pieces] of x_k · x_l
  double* const products = partial + pairs * cut.pieces;
  for_each_plane_piece(dev, pairs, cut, [=] UGATIT_KERNEL(Team team, Index p, Index begin, Index size) {
    const Cell pair(g.count, p);
    const double product = team.dot(size, x + pair.row * g.columns + begin, x + pair.column * g.columns + begin);
    if (team.rank() == 0) partial[p * cut.pieces + begin / cut.length] = product;
  });
  for_each_team(dev, pairs, g.rows, [=] UGATIT_KERNEL(Team team, Index p) {
    const Cell pair(g.count, p);
    const double of_x = team.sum(cut.pieces, [=](Index part) { return partial[p * cut.pieces + part]; });
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
  for_each_plane_piece(dev, g.rows, g.columns, [=] UGATIT_KERNEL(Team team, Index row, Index begin, Index size) {
    if (*step.allowed == 0) return;
    const AdamFactors<T> factors = *step.factors;
    read_then_write<4>(
        begin + team.rank(), team.size(), begin + size,
        [&](Index column) {
          T gradient = T(0);
          for (Index k = 0; k < g.count; ++k) gradient += dy[k * g.rows + row] * x[k * g.columns + column];
          return adam_kernels::Stepped<T>(factors, p, gradient, row * g.columns + column);
        },
        [&](Index column, const adam_kernels::Stepped<T>& stepped) { stepped.write(p, row * g.columns + column); });
  });
}

}  // namespace ugatit
