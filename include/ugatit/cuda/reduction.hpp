// ops/reduction.hpp as kernels: many teams sum a piece each, one team for each array sums those.
#pragma once

#include <ugatit/cuda/pieces.hpp>
#include <ugatit/ops/reduction.hpp>

namespace ugatit {

namespace pieces {

/// *item.sum = the sum of what was `partial` for its pieces.
template <class D, class Item, std::size_t Most>
void sum_up(D& dev, const List<Item, Most>& list, const double* partial) {
  for_each_team(dev, list.used, 256, [=] UGATIT_KERNEL(Team team, Index i) {
    const Index first = list.pieces_before(i);
    const double sum = team.sum(list.pieces_before(i + 1) - first, [=](Index p) { return partial[first + p]; });
    if (team.rank() == 0) *list.item(i).sum = sum;
  });
}

}  // namespace pieces

template <LaunchesKernels D>
void square_sums(D& dev, std::span<const SquareSum<typename D::Scalar>> sums) {
  using T = typename D::Scalar;
  while (!sums.empty()) {
    constexpr Index long_piece = 4 * pieces::length;  // little is done with each number
    const pieces::List<SquareSum<T>> list = pieces::take(sums, long_piece);
    const Index all = pieces::count(list);
    const BufferOf<double, D> memory(dev.arena(), all);
    double* const partial = memory.data();
    for_each_team(dev, all, pieces::length, [=] UGATIT_KERNEL(Team team, Index p) {
      const pieces::Piece piece = list.find(p);
      const T* const x = list.item(piece.item).x + piece.begin;
      const double squares = team.sum(piece.size, [=](Index i) {
        const double number = static_cast<double>(x[i]);
        return number * number;
      });
      if (team.rank() == 0) partial[p] = squares;
    });
    pieces::sum_up(dev, list, partial);
  }
}

template <LaunchesKernels D>
void allow_if_finite(D& dev, Index count, const double* x, const double* before, double* allowed) {
  for_each_team(dev, 1, count, [=] UGATIT_KERNEL(Team team, Index) {
    const Index bad = team.first(count, [=](Index i) { return !std::isfinite(x[i]); });
    if (team.rank() == 0) *allowed = bad == count && (before == nullptr || *before != 0) ? 1 : 0;
  });
}

}  // namespace ugatit
