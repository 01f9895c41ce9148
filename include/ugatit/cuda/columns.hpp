// Sums over the rows of a matrix, a number of them for each column: stretches of rows first, then those sums.
#pragma once

#include <ugatit/cuda/team.hpp>

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

}  // namespace columns

/// store(column, Σ_row value(row, column)) for each column. Sums are made in double precision.
template <LaunchesKernels D, class Value, class Store>
void sum_columns(D& dev, Index rows, Index width, const Value& value, const Store& store) {
  const Index stretches = (rows + columns::stretch - 1) / columns::stretch;
  const BufferOf<double, D> memory(dev.arena(), stretches * width);
  double* const partial = memory.data();
  for_each(dev, stretches * width, [=] UGATIT_KERNEL(Index at) {
    const auto [part, column] = Cell(width, at);
    const Index end = (part + 1) * columns::stretch < rows ? (part + 1) * columns::stretch : rows;
    double sum = 0;
    for (Index row = part * columns::stretch; row < end; ++row) sum += value(row, column);
    partial[at] = sum;
  });
  for_each(dev, width, [=] UGATIT_KERNEL(Index column) {
    double sum = 0;
    for (Index part = 0; part < stretches; ++part) sum += partial[part * width + column];
    store(column, sum);
  });
}

}  // namespace ugatit
