// How the matrices of minimal filtering (winograd_matrices.hpp) are applied to many tiles at once, one in each lane.
#pragma once

#include <ugatit/cpu/gemm.hpp>
#include <ugatit/cpu/winograd_matrices.hpp>

#include <Eigen/Core>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace ugatit::winograd {

/// So many packets in memory.
template <class T, Index Count>
struct Packets {
  static constexpr Index lanes = gemm::Tile<T>::lanes;
  alignas(64) T data[Count * lanes];
};

/// A small square of them: lane l of every packet belongs to the l-th tile.
template <class T, Index Side>
struct Square : Packets<T, Side * Side> {
  using Packets<T, Side * Side>::data;
  using Packets<T, Side * Side>::lanes;

  T* at(Index i, Index j) { return data + (i * Side + j) * lanes; }
  const T* at(Index i, Index j) const { return data + (i * Side + j) * lanes; }
};

// Σ_j m(I, j) in[j·step], with the zeros of m left out when compiling.
template <const auto& M, class T, Index I, std::size_t... J>
EIGEN_STRONG_INLINE auto row_product(const T* in, Index step, std::index_sequence<J...>) {
  using namespace Eigen::internal;
  using Packet = typename gemm::Tile<T>::Packet;
  Packet total = pset1<Packet>(T(0));
  (
      [&] {
        constexpr double m = M.at(I, static_cast<Index>(J));
        if constexpr (m == 1) {
          total = padd(total, pload<Packet>(in + static_cast<Index>(J) * step));
        } else if constexpr (m != 0) {
          total = pmadd(pset1<Packet>(static_cast<T>(m)), pload<Packet>(in + static_cast<Index>(J) * step), total);
        }
      }(),
      ...);
  return total;
}

template <const auto& M, class T, std::size_t... I>
EIGEN_STRONG_INLINE void column_transform(const T* in, Index in_step, T* out, Index out_step,
                                          std::index_sequence<I...>) {
  using Columns = std::make_index_sequence<static_cast<std::size_t>(std::remove_cvref_t<decltype(M)>::columns)>;
  (Eigen::internal::pstore(out + static_cast<Index>(I) * out_step,
                           row_product<M, T, static_cast<Index>(I)>(in, in_step, Columns{})),
   ...);
}

/// Numbers from one row of a matrix to the next, and from one column to the next.
struct Steps {
  Index row, column;
};

/// out = M in Mᵀ for all lanes; number (i, j) of `in` lies at in + i·row + j·column, of `out` at
/// out + (i·M.rows + j)·out_step.
template <const auto& M, class T>
void transform(const T* in, Steps in_steps, T* out, Index out_step) {
  using Shape = std::remove_cvref_t<decltype(M)>;
  constexpr Index side = Shape::columns;
  constexpr Index lanes = gemm::Tile<T>::lanes;
  constexpr auto all = std::make_index_sequence<static_cast<std::size_t>(Shape::rows)>{};
  alignas(64) T half[Shape::rows * side * lanes];
  for (Index j = 0; j < side; ++j) {
    column_transform<M>(in + j * in_steps.column, in_steps.row, half + j * lanes, side * lanes, all);
  }
  for (Index i = 0; i < Shape::rows; ++i) {
    column_transform<M>(half + i * side * lanes, lanes, out + i * Shape::rows * out_step, out_step, all);
  }
}

/// The same of numbers that follow each other row by row, in_step apart.
template <const auto& M, class T>
void transform(const T* in, Index in_step, T* out, Index out_step) {
  transform<M>(in, Steps{std::remove_cvref_t<decltype(M)>::columns * in_step, in_step}, out, out_step);
}

}  // namespace ugatit::winograd
