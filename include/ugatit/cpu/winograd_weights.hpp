// Taps of weights [out, in, kernel, kernel] in lanes of channels, and back, by turning squares of packets round.
#pragma once

#include <ugatit/cpu/gemm.hpp>

#include <Eigen/Core>

#include <algorithm>

namespace ugatit::winograd {

/// A square of packets becomes its transpose, in place.
template <class T>
EIGEN_STRONG_INLINE void turn(T* square) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  Eigen::Map<Eigen::Matrix<T, lanes, lanes>, Eigen::Aligned64>(square).transposeInPlace();
}

/// taps[k, r] = w[r·stride + k] for r < rows ≤ lanes and k < count, r in lanes.
template <class T>
void lay_out_taps(const T* w, Index stride, Index rows, Index count, T* taps) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  for (Index k = 0; k < count; k += lanes) {
    T* const square = taps + k * lanes;
    const Index some = std::min(lanes, count - k);
    for (Index r = 0; r < rows; ++r) {
      if (some == lanes) {
        std::copy_n(w + r * stride + k, lanes, square + r * lanes);
      } else {
        std::copy_n(w + r * stride + k, some, square + r * lanes);
      }
    }
    turn(square);
  }
}

/// w[r·Taps + t] += taps[t, r] for r < rows ≤ lanes.
template <Index Taps, class T>
void add_taps(const T* taps, Index rows, T* w) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  constexpr Index whole = Taps / lanes * lanes;
  alignas(64) T square[lanes * lanes] = {};
  for (Index t = 0; t < Taps; t += lanes) {
    std::copy_n(taps + t * lanes, std::min(lanes, Taps - t) * lanes, square);
    turn(square);
    for (Index r = 0; r < rows; ++r) {
      const Index some = t < whole ? lanes : Taps - whole;
      for (Index l = 0; l < some; ++l) w[r * Taps + t + l] += square[r * lanes + l];
    }
  }
}

/// Calls f(tap of the whole kernel, tap of the part) for the taps that part number `part` of a strided image meets,
/// which are Kernel × Kernel.
template <Index Kernel, Index Phases, class F>
void for_each_tap(Index part, const F& f) {
  for (Index i = 0; i < Kernel; ++i) {
    for (Index j = 0; j < Kernel; ++j) {
      f((i * Phases + part / Phases) * Kernel * Phases + j * Phases + part % Phases, i * Kernel + j);
    }
  }
}

}  // namespace ugatit::winograd
