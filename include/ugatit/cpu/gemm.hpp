// The matrix product that convolutions run on: C += A · B, with both operands packed on the fly.
//
// The caller says how a panel of A (tile_rows rows) and a panel of B (tile_columns columns) are packed for a stretch of
// the inner dimension; a convolution packs B straight from the image, so its columns (im2col) are never stored. One
// panel of A stays in the first-level cache while the panels of B stream past it (Goto and van de Geijn 2008, with the
// loops that suit few rows). A block of C is the work of one thread, so the result does not depend on the number of
// threads.
#pragma once

#include <ugatit/core/shape.hpp>
#include <ugatit/cpu/device.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cstring>
#include <utility>

namespace ugatit::gemm {

template <class T>
struct Tile {
  using Packet = typename Eigen::internal::packet_traits<T>::type;
  static constexpr Index lanes = Eigen::internal::unpacket_traits<Packet>::size;
  static constexpr Index columns = 2 * lanes;
  // All accumulators, two packets of B and a broadcast must fit the registers.
  static constexpr Index rows = EIGEN_ARCH_DEFAULT_NUMBER_OF_REGISTERS >= 32 ? 12 : 6;
  static constexpr Index depth =
      128;  // of one stretch of the inner dimension: a panel of B is half a first-level cache
};

// C = or += panel of A · panel of B, for the first rows of A's panel.
template <bool Add, class T, Index... I>
EIGEN_STRONG_INLINE void multiply_tile(Index depth, const T* EIGEN_RESTRICT a, const T* EIGEN_RESTRICT b, T* c,
                                       Index stride, std::integer_sequence<Index, I...>) {
  using namespace Eigen::internal;
  using Packet = typename Tile<T>::Packet;
  constexpr Index lanes = Tile<T>::lanes;
  Packet left[] = {((void)I, pset1<Packet>(T(0)))...};
  Packet right[] = {((void)I, pset1<Packet>(T(0)))...};
  for (Index k = 0; k < depth; ++k) {
    const Packet b0 = pload<Packet>(b);
    const Packet b1 = pload<Packet>(b + lanes);
    (
        [&] {
          const Packet broadcast = pset1<Packet>(a[I]);
          left[I] = pmadd(broadcast, b0, left[I]);
          right[I] = pmadd(broadcast, b1, right[I]);
        }(),
        ...);
    a += Tile<T>::rows;
    b += Tile<T>::columns;
  }
  (
      [&] {
        T* row = c + I * stride;
        if constexpr (Add) {
          left[I] = padd(ploadu<Packet>(row), left[I]);
          right[I] = padd(ploadu<Packet>(row + lanes), right[I]);
        }
        pstoreu(row, left[I]);
        pstoreu(row + lanes, right[I]);
      }(),
      ...);
}

// C[rows × columns] += panel of A · panel of B, where the tile may stick out of C.
template <class T>
void add_tile(Index depth, const T* a, const T* b, T* c, Index stride, Index rows, Index columns) {
  constexpr auto all = std::make_integer_sequence<Index, Tile<T>::rows>{};
  if (rows == Tile<T>::rows && columns == Tile<T>::columns) {
    multiply_tile<true>(depth, a, b, c, stride, all);
    return;
  }
  alignas(64) T whole[Tile<T>::rows * Tile<T>::columns];
  multiply_tile<false>(depth, a, b, whole, Tile<T>::columns, all);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) c[i * stride + j] += whole[i * Tile<T>::columns + j];
  }
}

/// Scalars of scratch that `block` needs for this many columns.
template <class T>
constexpr Index scratch_size(Index columns) {
  const Index panels = (columns + Tile<T>::columns - 1) / Tile<T>::columns;
  return Tile<T>::depth * (Tile<T>::rows + panels * Tile<T>::columns);
}

/// C[rows × columns] += A[rows × inner] · B[inner × columns], by one thread.
///
/// pack_a(row, rows, k, depth, out) writes out[kk·Tile::rows + r] for one panel of at most that many rows (zero the
/// others); pack_b(column, columns, k, depth, out) writes out[kk·Tile::columns + j] likewise.
template <class T, class PackA, class PackB>
void block(Index rows, Index columns, Index inner, const PackA& pack_a, const PackB& pack_b, T* c, Index stride,
           T* scratch) {
  constexpr Index high = Tile<T>::rows;
  constexpr Index wide = Tile<T>::columns;
  T* const a = scratch;
  T* const b = scratch + Tile<T>::depth * high;
  for (Index k = 0; k < inner; k += Tile<T>::depth) {
    const Index depth = std::min(Tile<T>::depth, inner - k);
    for (Index j = 0; j < columns; j += wide) pack_b(j, std::min(wide, columns - j), k, depth, b + j * Tile<T>::depth);
    for (Index i = 0; i < rows; i += high) {
      const Index some = std::min(high, rows - i);
      pack_a(i, some, k, depth, a);
      for (Index j = 0; j < columns; j += wide) {
        add_tile(depth, a, b + j * Tile<T>::depth, c + i * stride + j, stride, some, std::min(wide, columns - j));
      }
    }
  }
}

/// Packs A from a matrix whose rows are contiguous: element (r, k) at data[r·stride + k].
template <class T>
struct RowsOf {
  const T* data;
  Index stride;

  void operator()(Index row, Index rows, Index k, Index depth, T* out) const {
    constexpr Index high = Tile<T>::rows;
    for (Index r = 0; r < rows; ++r) {
      const T* from = data + (row + r) * stride + k;
      for (Index kk = 0; kk < depth; ++kk) out[kk * high + r] = from[kk];
    }
    for (Index r = rows; r < high; ++r) {
      for (Index kk = 0; kk < depth; ++kk) out[kk * high + r] = T(0);
    }
  }
};

/// Packs a matrix whose inner dimension is the outer one in memory, element (k, i) at data[k·stride + i], in panels of
/// `Size`.
template <class T, Index Size>
struct Panels {
  const T* data;
  Index stride;

  void operator()(Index first, Index size, Index k, Index depth, T* out) const {
    const T* from = data + k * stride + first;
    if (size == Size) {  // a length known when compiling is copied in registers
      for (Index kk = 0; kk < depth; ++kk) std::memcpy(out + kk * Size, from + kk * stride, sizeof(T) * Size);
      return;
    }
    for (Index kk = 0; kk < depth; ++kk) {
      std::copy_n(from + kk * stride, size, out + kk * Size);
      std::fill_n(out + kk * Size + size, Size - size, T(0));
    }
  }
};

template <class T>
using ColumnsOfA = Panels<T, Tile<T>::rows>;

template <class T>
using RowsOfB = Panels<T, Tile<T>::columns>;

/// The size of the pieces that `size` is cut into, a multiple of `unit` of at most about `wanted`, with an even number
/// of pieces where there are several, so that two threads end together.
inline Index piece_size(Index size, Index wanted, Index unit) {
  Index pieces = (size + wanted - 1) / wanted;
  if (pieces > 1) pieces += pieces % 2;
  const Index even = (size + pieces - 1) / pieces;
  return (even + unit - 1) / unit * unit;
}

}  // namespace ugatit::gemm
