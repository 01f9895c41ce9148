// Products of bfloat16 tiles with sums in float: what one step of a processor's matrix unit does, many times over.
//
//   C[r, j] (+)= Σ_s Σ_k A_s[r, k] B_s[k, j],   A_s 16 × depth, B_s depth × 16
//
// up to two tiles of A beside two of B, so that each that is loaded is used twice. Rows of A are `depth` neighbours in
// memory, rows of B 16 pairs: B[2k, j] and B[2k + 1, j] are neighbours. Where tiles lie is the caller's affair, so a
// convolution reads them straight from its image.
#pragma once

#include <ugatit/core/bfloat16.hpp>
#include <ugatit/core/shape.hpp>
#include <ugatit/cpu/tile_units.hpp>

namespace ugatit::tiles {

/// Tiles of one side of the product, in memory.
struct Operand {
  const bfloat16* data;
  Index stride;         ///< from a row of a tile to the next
  Index second;         ///< from a tile to its neighbour in the same step
  const Index* offset;  ///< of each step
};

/// What is multiplied.
struct Product {
  Index steps;
  Index depth = 32;  ///< even, at most 32
  bool two_rows = true;
  bool two_columns = true;
};

/// The four tiles of C, by rows of tiles; those that are not wanted are left alone.
constexpr Index result_size = 4 * side * side;

namespace units {

/// One tile of C by float's arithmetic, on any processor.
inline void multiply_portable(const Product& p, const Operand& a, const Operand& b, float* c) {
  for (Index s = 0; s < p.steps; ++s) {
    const bfloat16* const left = a.data + a.offset[s];
    const bfloat16* const right = b.data + b.offset[s];
    for (Index k = 0; k < p.depth; k += 2) {
      float even[side], odd[side];
      for (Index j = 0; j < side; ++j) {
        even[j] = to_float(right[k / 2 * b.stride + 2 * j]);
        odd[j] = to_float(right[k / 2 * b.stride + 2 * j + 1]);
      }
      for (Index r = 0; r < side; ++r) {
        const float x = to_float(left[r * a.stride + k]);
        const float y = to_float(left[r * a.stride + k + 1]);
        for (Index j = 0; j < side; ++j) c[r * side + j] += x * even[j] + y * odd[j];
      }
    }
  }
}

#ifdef UGATIT_TILE_UNITS

/// One tile of C by AVX-512's products of pairs.
[[gnu::target("avx512f,avx512bf16")]] inline void multiply_avx512(const Product& p, const Operand& a, const Operand& b,
                                                                  float* c) {
  __m512 sum[side];
  for (Index r = 0; r < side; ++r) sum[r] = _mm512_loadu_ps(c + r * side);
  for (Index s = 0; s < p.steps; ++s) {
    const bfloat16* const left = a.data + a.offset[s];
    const bfloat16* const right = b.data + b.offset[s];
    for (Index k = 0; k < p.depth; k += 2) {
      const auto row = (__m512bh)_mm512_loadu_si512(right + k / 2 * b.stride);
      for (Index r = 0; r < side; ++r) {
        std::int32_t pair = 0;
        std::memcpy(&pair, left + r * a.stride + k, sizeof pair);
        sum[r] = _mm512_dpbf16_ps(sum[r], (__m512bh)_mm512_set1_epi32(pair), row);
      }
    }
  }
  for (Index r = 0; r < side; ++r) _mm512_storeu_ps(c + r * side, sum[r]);
}

/// All tiles of C by the matrix unit: tiles 0 to 3 are C, 4 and 5 are A, 6 and 7 are B.
template <bool TwoRows, bool TwoColumns>
[[gnu::target("amx-tile,amx-bf16")]] void multiply_amx(const Product& p, const Operand& a, const Operand& b, float* c) {
  constexpr Index tile = side * side;
  constexpr Index line = side * Index{sizeof(float)};
  const Index a_line = a.stride * Index{sizeof(bfloat16)};
  const Index b_line = b.stride * Index{sizeof(bfloat16)};
  _tile_loadd(0, c, line);
  if constexpr (TwoColumns) _tile_loadd(1, c + tile, line);
  if constexpr (TwoRows) _tile_loadd(2, c + 2 * tile, line);
  if constexpr (TwoRows && TwoColumns) _tile_loadd(3, c + 3 * tile, line);
  for (Index s = 0; s < p.steps; ++s) {
    const bfloat16* const left = a.data + a.offset[s];
    const bfloat16* const right = b.data + b.offset[s];
    _tile_loadd(6, right, b_line);
    _tile_loadd(4, left, a_line);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (TwoColumns) {
      _tile_loadd(7, right + b.second, b_line);
      _tile_dpbf16ps(1, 4, 7);
    }
    if constexpr (TwoRows) {
      _tile_loadd(5, left + a.second, a_line);
      _tile_dpbf16ps(2, 5, 6);
    }
    if constexpr (TwoRows && TwoColumns) _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, c, line);
  if constexpr (TwoColumns) _tile_stored(1, c + tile, line);
  if constexpr (TwoRows) _tile_stored(2, c + 2 * tile, line);
  if constexpr (TwoRows && TwoColumns) _tile_stored(3, c + 3 * tile, line);
}

#endif

}  // namespace units

/// Adds the product to C, `result_size` numbers; in a scope of `Session` of the same unit and depth.
inline void multiply(Unit unit, const Product& p, const Operand& a, const Operand& b, float* c) {
#ifdef UGATIT_TILE_UNITS
  if (unit == Unit::amx) {
    if (p.two_rows && p.two_columns) return units::multiply_amx<true, true>(p, a, b, c);
    if (p.two_rows) return units::multiply_amx<true, false>(p, a, b, c);
    if (p.two_columns) return units::multiply_amx<false, true>(p, a, b, c);
    return units::multiply_amx<false, false>(p, a, b, c);
  }
#endif
  for (Index i = 0; i <= Index{p.two_rows}; ++i) {
    for (Index j = 0; j <= Index{p.two_columns}; ++j) {
      const Operand left{a.data + i * a.second, a.stride, 0, a.offset};
      const Operand right{b.data + j * b.second, b.stride, 0, b.offset};
      float* const result = c + (2 * i + j) * side * side;
#ifdef UGATIT_TILE_UNITS
      if (unit == Unit::avx512) {
        units::multiply_avx512(p, left, right, result);
        continue;
      }
#endif
      units::multiply_portable(p, left, right, result);
    }
  }
}

}  // namespace ugatit::tiles
