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

/// The tap of the whole kernel that tap t, of Kernel × Kernel, of part number `part` is. A strided image has
/// Phases × Phases parts, and the taps that meet the same one lie Phases apart in each direction.
template <Index Kernel, Index Phases>
constexpr Index tap_of_part(Index part, Index t) {
  if constexpr (Phases == 1) return t;
  return (t / Kernel * Phases + part / Phases) * Kernel * Phases + t % Kernel * Phases + part % Phases;
}

/// Adds taps[t, r] for r < rows ≤ lanes, of the parts of channels from `part` on, to one output's weights.
template <Index Kernel, Index Phases, class T>
void add_taps(const T* taps, Index rows, Index part, T* w) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  constexpr Index count = Kernel * Kernel;  // of a part
  constexpr Index parts = Phases * Phases;
  constexpr Index whole = count / lanes * lanes;
  alignas(64) T square[lanes * lanes] = {};
  for (Index t = 0; t < count; t += lanes) {
    std::copy_n(taps + t * lanes, std::min(lanes, count - t) * lanes, square);
    turn(square);
    for (Index r = 0; r < rows; ++r) {
      T* const to = w + (part + r) / parts * parts * count;
      const Index some = t < whole ? lanes : count - whole;
      for (Index l = 0; l < some; ++l) {
        to[tap_of_part<Kernel, Phases>((part + r) % parts, t + l)] += square[r * lanes + l];
      }
    }
  }
}

}  // namespace ugatit::winograd
