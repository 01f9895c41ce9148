// What a weights file says about a tensor: its name, its element type and its shape; and a tensor that is to be
// written.
#pragma once

#include <ugatit/core/error.hpp>
#include <ugatit/io/text.hpp>

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ugatit {

static_assert(std::endian::native == std::endian::little, "weights files are little-endian and read without swapping");

/// Element types, by the names that safetensors gives them.
enum class DType { boolean, u8, i8, u16, i16, f16, bf16, u32, i32, f32, u64, i64, f64 };

/// What is to be known of a type of numbers.
struct DTypeFacts {
  DType dtype;            ///< the type
  std::string_view name;  ///< as safetensors writes it
  std::size_t size;       ///< bytes an element
};

/// All types.
inline constexpr DTypeFacts dtype_facts[] = {
    {DType::boolean, "BOOL", 1}, {DType::u8, "U8", 1},   {DType::i8, "I8", 1},     {DType::u16, "U16", 2},
    {DType::i16, "I16", 2},      {DType::f16, "F16", 2}, {DType::bf16, "BF16", 2}, {DType::u32, "U32", 4},
    {DType::i32, "I32", 4},      {DType::f32, "F32", 4}, {DType::u64, "U64", 8},   {DType::i64, "I64", 8},
    {DType::f64, "F64", 8},
};

/// As in a safetensors header: "F32", "BF16", …
constexpr std::string_view name_of(DType dtype) {
  return dtype_facts[static_cast<std::size_t>(dtype)].name;
}

/// Bytes an element.
constexpr std::size_t size_of(DType dtype) {
  return dtype_facts[static_cast<std::size_t>(dtype)].size;
}

/// The type that safetensors calls so, if there is one.
inline std::optional<DType> dtype_named(std::string_view name) {
  for (const DTypeFacts& facts : dtype_facts) {
    if (facts.name == name) return facts.dtype;
  }
  return std::nullopt;
}

/// The element type of C++ floating-point numbers.
template <std::floating_point T>
constexpr DType dtype_of() {
  static_assert(sizeof(T) == 4 || sizeof(T) == 8);
  return sizeof(T) == 4 ? DType::f32 : DType::f64;
}

/// Dimensions, the outermost first.
using TensorShape = std::vector<std::int64_t>;

/// "[64, 3, 7, 7]"
inline std::string describe(const TensorShape& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) text.append(i == 0 ? "" : ", ").append(std::to_string(shape[i]));
  return text + "]";
}

/// The product of the dimensions, or nothing where one is negative or the product exceeds 2^62.
inline std::optional<std::uint64_t> element_count(const TensorShape& shape) {
  std::uint64_t count = 1;
  for (const std::int64_t d : shape) {
    if (d < 0) return std::nullopt;
    if (d != 0 && count > (std::uint64_t{1} << 62U) / static_cast<std::uint64_t>(d)) return std::nullopt;
    count *= static_cast<std::uint64_t>(d);
  }
  return count;
}

/// A tensor in a file. Files are checked when they are opened, so the shape's product is known not to overflow.
struct TensorInfo {
  std::string name;          ///< as the file writes it
  DType dtype = DType::f32;  ///< of its numbers
  TensorShape shape;         ///< its dimensions

  std::uint64_t elements() const { return element_count(shape).value(); }  ///< how many numbers
  std::uint64_t bytes() const { return elements() * size_of(dtype); }      ///< of its memory
};

/// A tensor to be written; `bytes` are its elements in row-major order.
struct TensorSource {
  /// Copies a part of a tensor's bytes to the host.
  using Fetch = std::function<void(std::span<const std::byte> part, std::byte* to)>;

  std::string name;                  ///< as the file is to write it
  DType dtype = DType::f32;          ///< of its numbers
  TensorShape shape;                 ///< its dimensions
  std::span<const std::byte> bytes;  ///< its memory, which must last until it is written
  Fetch fetch{};                     ///< of memory that the host cannot read; empty where it can
};

/// Throws `Error` unless the tensor has just as many bytes as its shape says.
inline void require_size(const TensorSource& tensor) {
  const auto count = element_count(tensor.shape);
  if (count && *count * size_of(tensor.dtype) == tensor.bytes.size()) return;
  throw Error(one_line(tensor.name) + " has " + std::to_string(tensor.bytes.size()) + " bytes, which do not fit " +
              std::string(name_of(tensor.dtype)) + " " + describe(tensor.shape));
}

}  // namespace ugatit
