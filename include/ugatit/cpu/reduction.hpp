// ops/reduction.hpp on the CPU: a fixed number of pieces, summed in order.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/reduction.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace ugatit {

template <class T>
void square_sums(Cpu<T>& dev, std::span<const SquareSum<T>> sums) {
  for (const SquareSum<T>& one : sums) {
    constexpr Index most_pieces = 64;
    const Index piece = std::max<Index>((one.size + most_pieces - 1) / most_pieces, 4096);
    std::array<double, most_pieces> partial{};
    parallel_pieces(dev, one.size, piece, [&](Index begin, Index end) {
      const Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>> numbers(one.x + begin, end - begin);
      partial[static_cast<std::size_t>(begin / piece)] = numbers.template cast<double>().square().sum();
    });
    *one.sum = std::accumulate(partial.begin(), partial.end(), 0.0);
  }
}

template <class T>
void allow_if_finite(Cpu<T>&, Index count, const double* x, const double* before, double* allowed) {
  const bool finite = std::all_of(x, x + count, [](double number) { return std::isfinite(number); });
  *allowed = finite && (before == nullptr || *before != 0) ? 1 : 0;
}

}  // namespace ugatit
