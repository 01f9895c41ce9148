// The three matrices of minimal filtering F(m×m, r×r) (Toom 1963; Winograd 1980; Lavin and Gray 2016):
//
//   y = Aᵀ [ (G w Gᵀ) ⊙ (Bᵀ d B) ] A        d: (m+r−1)² pixels, w: r×r weights, y: m×m pixels
//
// Pixels and weights are taken for polynomials, which are multiplied point by point: m + r − 2 numbers and ∞. Numbers
// near 1, and with each its negative, keep the transforms' entries near 1 and rounding errors small: with 0, ±1/√2, ±√2
// and ∞ those of F(4×4, 3×3) are half of what they are with 0, ±1, ±2 and ∞.
#pragma once

#include <ugatit/core/shape.hpp>
#include <ugatit/cpu/weight_forms.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

namespace ugatit::winograd {

template <Index Rows, Index Columns>
struct Matrix {
  static constexpr Index rows = Rows;
  static constexpr Index columns = Columns;
  std::array<std::array<double, static_cast<std::size_t>(Columns)>, static_cast<std::size_t>(Rows)> entry{};

  constexpr double& at(Index i, Index j) { return entry[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)]; }
  constexpr double at(Index i, Index j) const {
    return entry[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
  }

  constexpr Matrix<Columns, Rows> transposed() const {
    Matrix<Columns, Rows> t;
    for (Index i = 0; i < Rows; ++i) {
      for (Index j = 0; j < Columns; ++j) t.at(j, i) = at(i, j);
    }
    return t;
  }
};

constexpr Index tile = 4;  ///< pixels of a result's tile, in each direction: m

/// The matrices of F(tile×tile, Kernel×Kernel).
template <Index Kernel>
struct Filter {
  static constexpr Index field = tile + Kernel - 1;
  Matrix<field, field> pixels;    ///< Bᵀ: pixels to points
  Matrix<field, Kernel> weights;  ///< G: weights to points
  Matrix<tile, field> results;    ///< Aᵀ: points to the result

  /// From points of which the first may be 0, and others are followed by their negatives.
  explicit constexpr Filter(const std::array<double, static_cast<std::size_t>(field - 1)>& points) {
    const Index infinity = field - 1;
    for (Index i = 0; i <= infinity; ++i) {
      // Row i of Bᵀ is the product of (x − point) over all other points, row i of G has the rest of their
      // interpolation.
      pixels.at(i, 0) = 1;
      double apart = 1;
      Index degree = 0;
      for (Index j = 0; j < infinity; ++j) {
        if (j == i) continue;
        const double point = points[static_cast<std::size_t>(j)];
        ++degree;
        for (Index k = degree; k > 0; --k) pixels.at(i, k) = pixels.at(i, k - 1) - point * pixels.at(i, k);
        pixels.at(i, 0) *= -point;
        if (i < infinity) apart *= points[static_cast<std::size_t>(i)] - point;
      }
      if (i == infinity) break;
      double power = 1;
      for (Index k = 0; k < std::max(tile, Kernel); ++k, power *= points[static_cast<std::size_t>(i)]) {
        if (k < Kernel) weights.at(i, k) = power / apart;
        if (k < tile) results.at(k, i) = power;
      }
    }
    weights.at(infinity, Kernel - 1) = 1;
    results.at(tile - 1, infinity) = 1;
  }
};

constexpr double root = 1.41421356237309504880;

/// Points for kernels of that many taps that leave small rounding errors.
template <Index Kernel>
constexpr std::array<double, static_cast<std::size_t>(Kernel + tile - 2)> good_points{};
template <>
inline constexpr std::array<double, 4> good_points<2>{1.0 / 2, -1.0 / 2, 3.0 / 2, -3.0 / 2};
template <>
inline constexpr std::array<double, 5> good_points<3>{0, 1 / root, -1 / root, root, -root};
template <>
inline constexpr std::array<double, 6> good_points<4>{1.0 / 2, -1.0 / 2, 1, -1, 2, -2};

/// The matrices for a convolution of stride 1.
template <Index Kernel>
struct Plain {
  static constexpr Filter<Kernel> filter{good_points<Kernel>};
  static constexpr auto pixels = filter.pixels;
  static constexpr auto weights = filter.weights;
  static constexpr auto results = filter.results;
  static constexpr auto pixels_back = pixels.transposed();
  static constexpr auto weights_back = weights.transposed();
  static constexpr auto results_back = results.transposed();
  static constexpr WeightForm form = WeightForm::winograd;
  static constexpr Index kernel = Kernel;
  static constexpr Index phases = 1;              ///< parts that images have in each direction
  static constexpr Index step = tile;             ///< pixels of the image from tile to tile
  static constexpr Index field = filter.field;    ///< pixels that a tile depends on, in each direction
  static constexpr Index points = field * field;  ///< products for each pair of channels
};

/// For one of stride 2 and 4×4 taps: one of 2×2 taps over the four parts that every other pixel of every other row
/// makes, as if they were channels.
struct Strided : Plain<2> {
  static constexpr WeightForm form = WeightForm::strided_winograd;
  static constexpr Index phases = 2;
};

/// For 3×3 taps on an image that is enlarged twice by nearest neighbours, of which only the small one is read. Six
/// pixels of the enlarged one are [p, q, q, r, r, s], so with the points 0, ±1, ±2 and ∞ the row of Bᵀ for −1 vanishes
/// and those for ±2 are both multiples of r − q: 25 products, of pixels that lie two apart.
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
  static constexpr Index kernel = 3;
  static constexpr Index phases = 1;
  static constexpr Index step = 2;
  static constexpr Index field = 4;
  static constexpr Index points = 25;
};

}  // namespace ugatit::winograd
