// Sums over the rows of matrices, a number of them for each column: of many rows stretches first, then those sums.
#pragma once

#include <ugatit/cuda/rows.hpp>

namespace ugatit {

namespace columns {

constexpr Index stretch = 32;  // rows that one thread sums

/// Σ factors[s][row] column[row · width] over rows [begin, end), for each of `Samples` samples, of which a few are
/// summed in T before they are in double precision.
template <Index Samples, class T>
UGATIT_KERNEL void dot(const T* const (&factors)[Samples], const T* column, Index width, Index begin, Index end,
                       double (&sums)[Samples]) {
  constexpr Index few = 8;
  for (Index s = 0; s < Samples; ++s) sums[s] = 0;
  Index row = begin;
  for (; row + few <= end; row += few) {
    T numbers[few];
    for (Index k = 0; k < few; ++k) numbers[k] = column[(row + k) * width];
    for (Index s = 0; s < Samples; ++s) {
      T run = 0;
      for (Index k = 0; k < few; ++k) run += factors[s][row + k] * numbers[k];
      sums[s] += static_cast<double>(run);
    }
  }
  for (; row < end; ++row) {
    for (Index s = 0; s < Samples; ++s) sums[s] += static_cast<double>(factors[s][row] * column[row * width]);
  }
}

constexpr Index few_rows = 512;  ///< that one team sums

/// Of matrices with few rows, in one kernel.
template <class D, class Value, class Store>
void sum_few(D& dev, Index count, Index height, Index width, const Value& value, const Store& store) {
  constexpr Index together = rows::most_columns;  // columns of a team
  const Index groups = (width + together - 1) / together;
  for_each_team(dev, count * groups, rows::work, [=] UGATIT_KERNEL(Team team, Index t) {
    const Cell place(groups, t);
    const Index first = place.column * together;
    rows::fold<1, 4, double>(
        team, height, width - first < together ? width - first : together, 0.0, [](Index) { return 0; },
        [&](Index row, Index column, int, double* sum) { *sum += value(place.row, row, first + column); }, rows::Plus{},
        [&](Index column, const double* sum) { store(place.row, first + column, *sum); });
  });
}

}  // namespace columns

/// store(matrix, column, Σ_row value(matrix, row, column)) for each column of each of `count` matrices. Sums are made
/// in double precision.
template <LaunchesKernels D, class Value, class Store>
void sum_columns(D& dev, Index count, Index rows, Index width, const Value& value, const Store& store) {
  if (rows <= columns::few_rows) return columns::sum_few(dev, count, rows, width, value, store);
  const Index stretches = (rows + columns::stretch - 1) / columns::stretch;
  const BufferOf<double, D> memory(dev.arena(), count * stretches * width);
  double* const partial = memory.data();  // [matrices, stretches, width]
  for_each(dev, count * stretches * width, [=] UGATIT_KERNEL(Index at) {
    const Cell place(width, at);
    const Cell part(stretches, place.row);
    const Index end = (part.column + 1) * columns::stretch < rows ? (part.column + 1) * columns::stretch : rows;
    double sum = 0;
    for (Index row = part.column * columns::stretch; row < end; ++row) sum += value(part.row, row, place.column);
    partial[at] = sum;
  });
  for_each(dev, count * width, [=] UGATIT_KERNEL(Index at) {
    const Cell place(width, at);
    const double* const from = partial + place.row * stretches * width + place.column;
    double sum = 0;
    for (Index part = 0; part < stretches; ++part) sum += from[part * width];
    store(place.row, place.column, sum);
  });
}

}  // namespace ugatit
