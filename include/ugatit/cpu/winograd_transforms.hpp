// The three matrices of Winograd's minimal filtering F(4×4, 3×3) (Winograd 1980; Lavin and Gray 2016) and how they are
// applied to many tiles at once.
//
//   y = Aᵀ [ (G w Gᵀ) ⊙ (Bᵀ d B) ] A        d: 6×6 pixels, w: 3×3 weights, y: 4×4 pixels
//
// The interpolation points are 0, ±1/√2, ±√2 and ∞: the transforms' entries stay closer to 1 than with 0, ±1, ±2 and ∞,
// and the rounding error is about half.
#pragma once

#include <ugatit/cpu/gemm.hpp>
#include <ugatit/cpu/weight_forms.hpp>

#include <Eigen/Core>

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace ugatit::winograd {

constexpr double root = 1.41421356237309504880;

template <Index Rows, Index Columns>
struct Matrix {
  static constexpr Index rows = Rows;
  static constexpr Index columns = Columns;
  std::array<std::array<double, static_cast<std::size_t>(Columns)>, static_cast<std::size_t>(Rows)> entry{};

  constexpr double at(Index i, Index j) const {
    return entry[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  }

  constexpr Matrix<Columns, Rows> transposed() const {
    Matrix<Columns, Rows> t;
    for (std::size_t i = 0; i < static_cast<std::size_t>(Rows); ++i) {
      for (std::size_t j = 0; j < static_cast<std::size_t>(Columns); ++j) t.entry[j][i] = entry[i][j];
    }
    return t;
  }
};

/// The matrices for an image as it is.
struct Plain {
  // Bᵀ: pixels to points.
  static constexpr Matrix<6, 6> pixels{{{{1, 0, -2.5, 0, 1, 0},
                                         {0, -root, -2, root / 2, 1, 0},
                                         {0, root, -2, -root / 2, 1, 0},
                                         {0, -root / 2, -0.5, root, 1, 0},
                                         {0, root / 2, -0.5, -root, 1, 0},
                                         {0, 1, 0, -2.5, 0, 1}}}};
  // G: weights to points.
  static constexpr Matrix<6, 3> weights{{{{1, 0, 0},
                                          {-2.0 / 3, -root / 3, -1.0 / 3},
                                          {-2.0 / 3, root / 3, -1.0 / 3},
                                          {1.0 / 6, root / 6, 1.0 / 3},
                                          {1.0 / 6, -root / 6, 1.0 / 3},
                                          {0, 0, 1}}}};
  // Aᵀ: points to the result.
  static constexpr Matrix<4, 6> results{{{{1, 1, 1, 1, 1, 0},
                                          {0, root / 2, -root / 2, root, -root, 0},
                                          {0, 0.5, 0.5, 2, 2, 0},
                                          {0, root / 4, -root / 4, 2 * root, -2 * root, 1}}}};
  static constexpr auto pixels_back = pixels.transposed();
  static constexpr auto weights_back = weights.transposed();
  static constexpr auto results_back = results.transposed();
  static constexpr WeightForm form = WeightForm::winograd;
  static constexpr Index step = 4;     ///< pixels of the image from tile to tile
  static constexpr Index field = 6;    ///< pixels that a tile of the result depends on, in each direction
  static constexpr Index points = 36;  ///< products for each pair of channels
};

/// And for one that is enlarged twice by nearest neighbours, of which only the small one is read. Six pixels of the
/// enlarged one are [p, q, q, r, r, s], so with the points 0, ±1, ±2 and ∞ the row of Bᵀ for −1 vanishes and those for
/// ±2 are both multiples of r − q: 25 products, of pixels that lie two apart.
struct Enlarged {
  static constexpr Matrix<5, 4> pixels{{{{4, -5, 1, 0},  //
                                         {0, -4, 1, 0},
                                         {0, -1, 1, 0},
                                         {0, -1, 1, 0},
                                         {0, 4, -5, 1}}}};
  static constexpr Matrix<5, 3> weights{{{{1.0 / 4, 0, 0},
                                          {-1.0 / 3, -1.0 / 3, -1.0 / 3},
                                          {1.0 / 12, 1.0 / 3, 1.0 / 3},
                                          {1.0 / 3, 1.0 / 3, 4.0 / 3},
                                          {0, 0, 1}}}};
  static constexpr Matrix<4, 5> results{{{{1, 1, 1, 0, 0},  //
                                          {0, 1, 0, 1, 0},
                                          {0, 1, 4, 0, 0},
                                          {0, 1, 0, 4, 1}}}};
  static constexpr auto pixels_back = pixels.transposed();
  static constexpr auto weights_back = weights.transposed();
  static constexpr auto results_back = results.transposed();
  static constexpr WeightForm form = WeightForm::enlarged_winograd;
  static constexpr Index step = 2;
  static constexpr Index field = 4;
  static constexpr Index points = 25;
};

/// A small square of packets in memory: lane l of every packet belongs to the l-th tile.
template <class T, Index Side>
struct Square {
  static constexpr Index lanes = gemm::Tile<T>::lanes;
  alignas(64) T data[Side * Side * lanes];

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

/// out = M in Mᵀ for all lanes; number (i, j) of `in` lies at in + (i·M.columns + j)·in_step, of `out` likewise.
template <const auto& M, class T>
void transform(const T* in, Index in_step, T* out, Index out_step) {
  using Shape = std::remove_cvref_t<decltype(M)>;
  constexpr Index side = Shape::columns;
  constexpr Index lanes = gemm::Tile<T>::lanes;
  constexpr auto all = std::make_index_sequence<static_cast<std::size_t>(Shape::rows)>{};
  alignas(64) T half[Shape::rows * side * lanes];
  for (Index j = 0; j < side; ++j) {
    column_transform<M>(in + j * in_step, side * in_step, half + j * lanes, side * lanes, all);
  }
  for (Index i = 0; i < Shape::rows; ++i) {
    column_transform<M>(half + i * side * lanes, lanes, out + i * Shape::rows * out_step, out_step, all);
  }
}

}  // namespace ugatit::winograd
