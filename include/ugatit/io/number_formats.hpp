// Turning the number formats of weights files into float and double, and float into half.
//
// half:     sign, 5 bits of exponent (bias 15), 10 bits of fraction
// bfloat16: the upper half of a float
#pragma once

#include <ugatit/io/tensor_info.hpp>

#include <cmath>

namespace ugatit {

/// An IEEE half as a float, which holds all of them.
inline float half_to_float(std::uint16_t bits) {
  const std::uint32_t sign = (bits & 0x8000U) << 16U;
  const std::uint32_t exponent = bits >> 10U & 0x1fU;
  const std::uint32_t fraction = bits & 0x3ffU;
  constexpr std::uint32_t special = 31;  // infinity and NaN
  if (exponent == special) return std::bit_cast<float>(sign | 0x7f800000U | fraction << 13U);
  if (exponent == 0) {
    const float tiny = static_cast<float>(fraction) * 0x1p-24F;
    return sign == 0 ? tiny : -tiny;
  }
  return std::bit_cast<float>(sign | (exponent + 127 - 15) << 23U | fraction << 13U);
}

/// A float as the nearest IEEE half, ties to even; infinite beyond the largest one, 65504.
inline std::uint16_t float_to_half(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t sign = bits >> 16U & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7fffffffU;
  constexpr std::uint32_t infinite = 0x7f800000U;
  constexpr std::uint32_t too_large = 0x477ff000U;  // 65520, half way to the next one
  constexpr std::uint32_t normal = 0x38800000U;     // 2^-14; what is smaller is a multiple of 2^-24
  if (magnitude > infinite) return static_cast<std::uint16_t>(sign | 0x7e00U);
  if (magnitude >= too_large) return static_cast<std::uint16_t>(sign | 0x7c00U);
  if (magnitude < normal) {
    return static_cast<std::uint16_t>(sign | static_cast<std::uint32_t>(std::nearbyint(std::abs(x) * 0x1p24F)));
  }
  const std::uint32_t rounded = magnitude + 0xfffU + (magnitude >> 13U & 1U);
  return static_cast<std::uint16_t>(sign | (rounded - ((127U - 15U) << 23U)) >> 13U);
}

/// The upper half of a float.
inline float bfloat16_to_float(std::uint16_t bits) {
  return std::bit_cast<float>(std::uint32_t{bits} << 16U);
}

/// The number at `bytes`, of a C++ type.
template <class Stored>
Stored load_number(const std::byte* bytes) {
  Stored number;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

/// True for f16, bf16, f32 and f64.
inline bool is_floating(DType dtype) {
  return dtype == DType::f16 || dtype == DType::bf16 || dtype == DType::f32 || dtype == DType::f64;
}

/// Converts `out.size()` floating-point numbers that start at `in`.
///
/// The two may overlap if `in` ends where `out` ends and its elements are no larger: number i is read before it is
/// overwritten. So a file can be read into the end of where its numbers will lie.
template <std::floating_point T>
void convert_numbers(DType dtype, const std::byte* in, std::span<T> out) {
  for (std::size_t i = 0; i < out.size(); ++i) {
    switch (dtype) {
      case DType::f16:
        out[i] = static_cast<T>(half_to_float(load_number<std::uint16_t>(in + 2 * i)));
        break;
      case DType::bf16:
        out[i] = static_cast<T>(bfloat16_to_float(load_number<std::uint16_t>(in + 2 * i)));
        break;
      case DType::f32:
        out[i] = static_cast<T>(load_number<float>(in + 4 * i));
        break;
      case DType::f64:
        out[i] = static_cast<T>(load_number<double>(in + 8 * i));
        break;
      default:
        throw Error("numbers of type " + std::string(name_of(dtype)) + " are no weights");
    }
  }
}

}  // namespace ugatit
