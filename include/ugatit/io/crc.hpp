// Cyclic redundancy checks of 32 bits, reflected, a byte at a time: PNG's and TensorFlow's differ in their polynomial.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ugatit {

/// The checksum of bytes by a reflected polynomial, going on from that of the bytes before them.
template <std::uint32_t Polynomial>
std::uint32_t crc(std::span<const std::byte> bytes, std::uint32_t before = 0) {
  static constexpr std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> sums{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t sum = i;
      for (int bit = 0; bit < 8; ++bit) sum = (sum & 1U) != 0 ? sum >> 1U ^ Polynomial : sum >> 1U;
      sums[i] = sum;
    }
    return sums;
  }();
  std::uint32_t sum = ~before;
  for (const std::byte b : bytes) sum = sum >> 8U ^ table[(sum ^ std::to_integer<std::uint32_t>(b)) & 0xffU];
  return ~sum;
}

/// The CRC-32 that PNG uses.
inline std::uint32_t crc32(std::span<const std::byte> bytes) {
  return crc<0xEDB88320U>(bytes);
}

/// CRC-32C (Castagnoli), which TensorFlow uses.
inline std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before = 0) {
  return crc<0x82F63B78U>(bytes, before);
}

/// A checksum as TensorFlow stores it: turned and moved, so that a checksum of checksums is not one.
inline std::uint32_t masked(std::uint32_t sum) {
  return std::rotr(sum, 15) + 0xa282ead8U;
}

}  // namespace ugatit
