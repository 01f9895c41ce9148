// ops/reduction.hpp on the CPU: a fixed number of pieces, summed in order.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/reduction.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <array>
#include <numeric>

namespace ugatit {

template <class T>
void square_sum(Cpu<T>& dev, Index size, const T* x, double* sum) {
  constexpr Index most_pieces = 64;
  const Index piece = std::max<Index>((size + most_pieces - 1) / most_pieces, 4096);
  std::array<double, most_pieces> partial{};
  parallel_pieces(dev, size, piece, [&](Index begin, Index end) {
    const Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>> numbers(x + begin, end - begin);
    partial[static_cast<std::size_t>(begin / piece)] = numbers.template cast<double>().square().sum();
  });
  *sum = std::accumulate(partial.begin(), partial.end(), 0.0);
}

}  // namespace ugatit
