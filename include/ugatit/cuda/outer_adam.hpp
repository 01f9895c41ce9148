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
  constexpr Index stretch = 8192;  // columns of a team
  const AdamParameter<T> p = parameter;
  const Index across = (g.columns + stretch - 1) / stretch;
  for_each_team(dev, g.rows * across, stretch, [=] UGATIT_KERNEL(Team team, Index t) {
    if (*step.allowed == 0) return;
    const Cell place(across, t);
    const Index row = place.row;
    const Index begin = place.column * stretch;
    const Index end = g.columns - begin < stretch ? g.columns : begin + stretch;
    const AdamFactors<T> factors = *step.factors;
    constexpr Index held = 4;  // factors of the row that stay in registers: a batch of one has three
    T of_row[held];
    for (Index k = 0; k < held; ++k) of_row[k] = k < g.count ? dy[k * g.rows + row] : T(0);
    read_then_write<4>(
        begin + team.rank(), team.size(), end,
        [&](Index column) {
          T gradient = T(0);
          for (Index k = 0; k < held; ++k) {
            if (k < g.count) gradient += of_row[k] * x[k * g.columns + column];
          }
          for (Index k = held; k < g.count; ++k) gradient += dy[k * g.rows + row] * x[k * g.columns + column];
          return adam_kernels::Stepped<T>(factors, p, gradient, row * g.columns + column);
        },
        [&](Index column, const adam_kernels::Stepped<T>& stepped) { stepped.write(p, row * g.columns + column); });
  });
}

}  // namespace ugatit
