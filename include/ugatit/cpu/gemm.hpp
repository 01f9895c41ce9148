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

/// How a panel of A lies: by the inner dimension as it is packed; by rows, which is how one lies in the transpose of a
/// matrix of such panels; or by rows as long as a panel of B, which is how one lies in the transpose of a B.
enum class Left { as_it_is, transposed, transposed_right };

/// A panel of A, in blocks of some numbers of the inner dimension.
template <class T, Left L = Left::as_it_is>
struct LeftPanel {
  static constexpr Index block = L == Left::transposed_right ? Tile<T>::columns : Tile<T>::rows;

  const T* data;
  Index apart = Tile<T>::rows * block;  ///< from block to block

  /// Row i, at number k of a block.
  static constexpr Index place(Index i, Index k) { return L == Left::as_it_is ? k * Tile<T>::rows + i : i * block + k; }
};

// C = or += panel of A · panel of B, for the first rows of A's panel.
template <bool Add, class T, Left L, Index... I>
EIGEN_STRONG_INLINE void multiply_tile(Index depth, LeftPanel<T, L> a, const T* EIGEN_RESTRICT b, T* c, Index stride,
                                       std::integer_sequence<Index, I...>) {
  using namespace Eigen::internal;
  using Packet = typename Tile<T>::Packet;
  constexpr Index lanes = Tile<T>::lanes;
  Packet near[] = {((void)I, pset1<Packet>(T(0)))...};
  Packet far[] = {((void)I, pset1<Packet>(T(0)))...};
  for (Index first = 0; first < depth; first += a.block, a.data += a.apart) {
    for (Index k = 0; k < std::min(a.block, depth - first); ++k, b += Tile<T>::columns) {
      const Packet b0 = pload<Packet>(b);
      const Packet b1 = pload<Packet>(b + lanes);
      (
          [&] {
            const Packet broadcast = pset1<Packet>(a.data[a.place(I, k)]);
            near[I] = pmadd(broadcast, b0, near[I]);
            far[I] = pmadd(broadcast, b1, far[I]);
          }(),
          ...);
    }
  }
  (
      [&] {
        T* row = c + I * stride;
        if constexpr (Add) {
          near[I] = padd(ploadu<Packet>(row), near[I]);
          far[I] = padd(ploadu<Packet>(row + lanes), far[I]);
        }
        pstoreu(row, near[I]);
        pstoreu(row + lanes, far[I]);
      }(),
      ...);
}

// C[rows × columns] += panel of A · panel of B, where the tile may stick out of C.
template <class T>
void add_tile(Index depth, const LeftPanel<T>& a, const T* b, T* c, Index stride, Index rows, Index columns) {
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

/// Columns of whole panels.
template <class T>
constexpr Index in_panels(Index columns) {
  return (columns + Tile<T>::columns - 1) / Tile<T>::columns * Tile<T>::columns;
}

constexpr Index many_columns = 1024;  ///< of one stretch of B, which fit the second-level cache

/// How many stretches of the inner dimension B is packed for at once: more where it has few columns, so that rows of A
/// are read in long runs.
template <class T>
constexpr Index stretches(Index columns) {
  return std::max<Index>(1, many_columns / in_panels<T>(columns));
}

constexpr Index many_panels = 24;  ///< the most that A is packed in at once

/// Scalars of scratch that `block` needs for up to this many columns.
template <class T>
constexpr Index scratch_size(Index columns) {
  return Tile<T>::depth * (many_panels * Tile<T>::rows + std::max(many_columns, in_panels<T>(columns))) +
         Tile<T>::lanes;
}

/// C[rows × columns] += A[rows × inner] · B[inner × columns], by one thread.
///
/// pack_a(row, rows, k, depth, out) writes out[kk·Tile::rows + r] for one panel of at most that many rows (zero the
/// others), and the next PackA::panels ones behind it; pack_b(column, columns, k, depth, out) writes
/// out[kk·Tile::columns + j] likewise.
template <class T, class PackA, class PackB>
void block(Index rows, Index columns, Index inner, const PackA& pack_a, const PackB& pack_b, T* c, Index stride,
           T* scratch) {
  constexpr Index high = Tile<T>::rows;
  constexpr Index wide = Tile<T>::columns;
  constexpr Index depth = Tile<T>::depth;
  constexpr Index group = PackA::panels * high;
  const Index of_b = in_panels<T>(columns) * depth;  // scalars of a stretch
  T* const a = scratch;
  T* const b = scratch + depth * group + Tile<T>::lanes;  // who packs A may write a packet too far
  for (Index first = 0; first < inner; first += stretches<T>(columns) * depth) {
    const Index end = std::min(inner, first + stretches<T>(columns) * depth);
    for (Index k = first; k < end; k += depth) {
      T* const to = b + (k - first) / depth * of_b;
      for (Index j = 0; j < columns; j += wide) {
        pack_b(j, std::min(wide, columns - j), k, std::min(depth, end - k), to + j * depth);
      }
    }
    for (Index row = 0; row < rows; row += group) {
      const Index in_group = std::min(group, rows - row);
      for (Index k = first; k < end; k += depth) {
        const Index some = std::min(depth, end - k);
        const T* const right = b + (k - first) / depth * of_b;
        pack_a(row, in_group, k, some, a);
        for (Index i = 0; i < in_group; i += high) {
          for (Index j = 0; j < columns; j += wide) {
            add_tile(some, LeftPanel<T>{a + i * depth}, right + j * depth, c + (row + i) * stride + j, stride,
                     std::min(high, in_group - i), std::min(wide, columns - j));
          }
        }
      }
    }
  }
}

// A packet as a template argument loses its alignment attribute, which a block of them does not need.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"

/// Packs A from a matrix whose rows are contiguous: element (r, k) at data[r·stride + k]. Squares are transposed in
/// registers.
template <class T>
struct RowsOf {
  static constexpr Index panels = 1;

  const T* data;
  Index stride;

  void operator()(Index row, Index rows, Index k, Index depth, T* out) const {
    using namespace Eigen::internal;
    using Packet = typename Tile<T>::Packet;
    constexpr Index high = Tile<T>::rows;
    constexpr Index lanes = Tile<T>::lanes;
    const Index whole = depth / lanes * lanes;
    // A packet that is longer than the panel is high writes on into the next column, which comes after it.
    for (Index first = (high - 1) / lanes * lanes; first >= 0; first -= lanes) {
      for (Index kk = 0; kk < whole; kk += lanes) {
        PacketBlock<Packet, lanes> square;
        for (Index r = 0; r < lanes; ++r) {
          const bool inside = first + r < std::min(rows, high);
          square.packet[r] = inside ? ploadu<Packet>(data + (row + first + r) * stride + k + kk) : pset1<Packet>(T(0));
        }
        ptranspose(square);
        for (Index l = 0; l < lanes; ++l) pstoreu(out + (kk + l) * high + first, square.packet[l]);
      }
    }
    for (Index kk = whole; kk < depth; ++kk) {
      for (Index r = 0; r < high; ++r) out[kk * high + r] = r < rows ? data[(row + r) * stride + k + kk] : T(0);
    }
  }
};

#pragma GCC diagnostic pop

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

/// Packs A from such a matrix, many panels at once: its rows are read in long runs, and its stride may send them all to
/// the same set of the cache, where they would not stay until the next panel.
template <class T>
struct ColumnsOfA {
  static constexpr Index panels = many_panels;

  const T* data;
  Index stride;

  void operator()(Index row, Index rows, Index k, Index depth, T* out) const {
    constexpr Index high = Tile<T>::rows;
    const Index whole = rows / high * high;
    for (Index kk = 0; kk < depth; ++kk) {
      const T* const from = data + (k + kk) * stride + row;
      T* to = out + kk * high;
      // The processor does not foresee rows that lie far apart.
      const T* const soon = from + (std::min(kk + 8, depth - 1) - kk) * stride;
      for (Index i = 0; i < rows; i += Tile<T>::lanes) __builtin_prefetch(soon + i);
      for (Index i = 0; i < whole; i += high, to += high * Tile<T>::depth) std::memcpy(to, from + i, sizeof(T) * high);
      if (whole == rows) continue;
      std::copy_n(from + whole, rows - whole, to);
      std::fill_n(to + rows - whole, high - (rows - whole), T(0));
    }
  }
};

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
