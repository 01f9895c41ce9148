// The matrix products of all points of a Winograd transform, on operands that the transforms lay out as they are read:
//
//   left    [point, panel of rows, inner, rows of a panel]
//   right   [point, panel of columns, inner, columns of a panel]
//   result  [point, panel of columns, row, columns of a panel]
//
// so nothing is packed in between, and a panel of the right stays in the first-level cache while the left streams past.
// A left operand serves its transpose as well, so weights have one form for both directions; and so does a right one,
// so the points of a result's gradient serve both gradients.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/cpu/gemm.hpp>

#include <algorithm>
#include <utility>

namespace ugatit::winograd {

template <class T>
constexpr Index high = gemm::Tile<T>::rows;  ///< rows of a panel of the left
template <class T>
constexpr Index wide = gemm::Tile<T>::columns;  ///< columns of a panel of the right

constexpr Index round_up(Index size, Index unit) {
  return (size + unit - 1) / unit * unit;
}

/// Rows that products are computed for: a panel's last rows come in thirds.
template <class T>
constexpr Index rows_of_result(Index rows) {
  return round_up(rows, high<T> / 3);
}

/// Sizes of an operand of one point. A whole power of two would send all points to the same set of the cache.
template <class T>
constexpr Index apart(Index size) {
  return size + gemm::Tile<T>::lanes;
}
/// Who multiplies a transpose reads whole thirds of a panel of rows, beyond the last number of `inner`.
template <class T>
constexpr Index left_size(Index rows, Index inner) {
  return apart<T>(round_up(rows, high<T>) * inner + high<T> * (high<T> / 3 - 1));
}
template <class T>
constexpr Index right_size(Index columns, Index inner) {
  return apart<T>(round_up(columns, wide<T>) * inner + wide<T> * (high<T> / 3 - 1));
}
template <class T>
constexpr Index result_size(Index rows, Index columns) {
  return apart<T>(round_up(columns, wide<T>) * rows_of_result<T>(rows));
}

using gemm::Left;

/// Rows of what stands on the left of one point's product, from `row` on, for numbers of the inner dimension from `k`
/// on, a multiple of the panel's block.
template <Left L, class T>
gemm::LeftPanel<T, L> panel_at(const T* left, Index row, Index k, Index rows, Index inner) {
  if constexpr (L == Left::as_it_is) {
    return {left + row * inner + k * high<T>};
  } else {
    constexpr Index block = gemm::LeftPanel<T, L>::block;
    return {left + k * rows + row * block, block * rows};
  }
}

/// C [rows × wide] = or += the left · one panel of the right, by one thread.
template <bool Add, Left L, class T>
void multiply_panels(Index rows, Index inner, const T* left, const T* right, T* c) {
  // Of a stretch whose panel of the right fits the first-level cache.
  constexpr Index depth = round_up(256, gemm::LeftPanel<T, L>::block);
  constexpr Index third = high<T> / 3;
  const auto multiply = [&]<bool Adding>(Index k, Index some, std::bool_constant<Adding>) {
    for (Index i = 0; i < rows; i += high<T>) {
      const auto a = panel_at<L>(left, i, k, rows, inner);
      const T* const b = right + k * wide<T>;
      T* const to = c + i * wide<T>;
      if (rows - i > 2 * third) {
        gemm::multiply_tile<Adding>(some, a, b, to, wide<T>, std::make_integer_sequence<Index, 3 * third>{});
      } else if (rows - i > third) {
        gemm::multiply_tile<Adding>(some, a, b, to, wide<T>, std::make_integer_sequence<Index, 2 * third>{});
      } else {
        gemm::multiply_tile<Adding>(some, a, b, to, wide<T>, std::make_integer_sequence<Index, third>{});
      }
    }
  };
  multiply(0, std::min(depth, inner), std::bool_constant<Add>{});
  for (Index k = depth; k < inner; k += depth) multiply(k, std::min(depth, inner - k), std::true_type{});
}

/// A packet of rows of a left operand, which lies in pieces in one or more of its panels.
template <class T>
class LeftRows {
 public:
  LeftRows(Index row, Index rows, Index inner) : apart_(left_size<T>(rows, inner)) {
    for (Index q = 0; q < pieces; ++q) {
      const Index r = row + q * piece;
      place_[q] = r / high<T> * high<T> * inner + r % high<T>;
      if (r < rows) ++used_;
    }
  }

  /// Puts them where they belong: number `k` of the inner dimension, of point `p`.
  EIGEN_STRONG_INLINE void put(const T* packet, Index p, Index k, T* left) const {
    T* const to = left + p * apart_ + k * high<T>;
    if (used_ == pieces) {
      for (Index q = 0; q < pieces; ++q) std::copy_n(packet + q * piece, piece, to + place_[q]);
    } else {
      for (Index q = 0; q < used_; ++q) std::copy_n(packet + q * piece, piece, to + place_[q]);
    }
  }

 private:
  static constexpr Index piece = std::min(gemm::Tile<T>::lanes, high<T> / 3);
  static constexpr Index pieces = gemm::Tile<T>::lanes / piece;
  static_assert(high<T> % piece == 0 && gemm::Tile<T>::lanes % piece == 0);

  Index apart_;
  Index place_[pieces];
  Index used_ = 0;
};

/// Numbers from point to point of what stands on the left.
template <Left L, class T>
constexpr Index left_apart(Index rows, Index inner) {
  if constexpr (L == Left::as_it_is) return left_size<T>(rows, inner);
  if constexpr (L == Left::transposed) return left_size<T>(inner, rows);
  return right_size<T>(inner, rows);
}

/// result = or += left · right for each point; rows and inner are those of the product.
template <Left L, class T>
void multiply_points(Cpu<T>& dev, Index points, Index rows, Index columns, Index inner, const T* left, const T* right,
                     T* result, bool add) {
  const Index panels = round_up(columns, wide<T>) / wide<T>;
  // Few panels to a task, where there are many: threads end together.
  const Index some = panels >= 4 ? (panels + 1) / 2 : panels;
  const Index pieces = (panels + some - 1) / some;
  dev.pool().run(points * pieces, [&](Index task, int) {
    const Index p = task / pieces;
    for (Index panel = task % pieces * some; panel < std::min(panels, (task % pieces + 1) * some); ++panel) {
      const T* const a = left + p * left_apart<L, T>(rows, inner);
      const T* const b = right + p * right_size<T>(columns, inner) + panel * inner * wide<T>;
      T* const c = result + p * result_size<T>(rows, columns) + panel * rows_of_result<T>(rows) * wide<T>;
      if (add) {
        multiply_panels<true, L>(rows, inner, a, b, c);
      } else {
        multiply_panels<false, L>(rows, inner, a, b, c);
      }
    }
  });
}

}  // namespace ugatit::winograd
