// ops/reduction.hpp as kernels: many teams sum a piece each, one team sums those.
#pragma once

#include <ugatit/cuda/team.hpp>
#include <ugatit/ops/reduction.hpp>

#include <algorithm>

namespace ugatit {

template <LaunchesKernels D>
void square_sum(D& dev, Index size, const typename D::Scalar* x, double* sum) {
  constexpr Index most_pieces = 1024;
  const Index piece = std::max<Index>((size + most_pieces - 1) / most_pieces, 8192);
  const Index pieces = (size + piece - 1) / piece;
  const BufferOf<double, D> memory(dev.arena(), pieces);
  double* const partial = memory.data();
  for_each_team(dev, pieces, piece, [=] UGATIT_KERNEL(Team team, Index p) {
    const Index begin = p * piece;
    const double squares = team.sum(begin + piece < size ? piece : size - begin, [=](Index i) {
      const double number = static_cast<double>(x[begin + i]);
      return number * number;
    });
    if (team.rank() == 0) partial[p] = squares;
  });
  for_each_team(dev, 1, pieces, [=] UGATIT_KERNEL(Team team, Index) {
    const double all = team.sum(pieces, [=](Index p) { return partial[p]; });
    if (team.rank() == 0) *sum = all;
  });
}

}  // namespace ugatit
