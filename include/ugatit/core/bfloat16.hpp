// Numbers of 16 bits with float's range: its upper half, rounded to the nearest, ties to even.
#pragma once

#include <bit>
#include <cstdint>

namespace ugatit {

/// A number as products in bfloat16 take it. It only stores: arithmetic is float's.
struct bfloat16 {
  std::uint16_t bits;  ///< the upper half of a float
};

/// Rounded; what is not a number stays so.
constexpr bfloat16 to_bfloat16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t rounded = (bits + 0x7fffU + ((bits >> 16U) & 1U)) >> 16U;
  const std::uint32_t quiet = (bits >> 16U) | 0x40U;
  return {static_cast<std::uint16_t>((bits & 0x7fffffffU) > 0x7f800000U ? quiet : rounded)};
}

/// The same number.
constexpr float to_float(bfloat16 x) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(x.bits) << 16U);
}

}  // namespace ugatit
