// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78), a byte at a time, and TensorFlow's mask of it: a checksum that
// is stored beside what it checks is rotated and shifted, so that nobody takes the sum of a sum.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace ugatit {

/// The checksum of bytes, going on from that of the bytes before them.
inline std::uint32_t crc32c(std::span<const std::byte> bytes, std::uint32_t before = 0) {
  static constexpr std::array<std::uint32_t, 256> table = [] {
    std::array<std::uint32_t, 256> sums{};
    for (std::uint32_t i = 0; i < 256; ++i) {
      std::uint32_t sum = i;
      for (int bit = 0; bit < 8; ++bit) sum = (sum & 1U) != 0 ? sum >> 1U ^ 0x82F63B78U : sum >> 1U;
      sums[i] = sum;
    }
    return sums;
  }();
  std::uint32_t sum = ~before;
  for (const std::byte b : bytes) sum = sum >> 8U ^ table[(sum ^ std::to_integer<std::uint32_t>(b)) & 0xffU];
  return ~sum;
}

/// A checksum as TensorFlow stores it: turned and moved, so that a checksum of checksums is not one.
inline std::uint32_t masked(std::uint32_t crc) {
  return std::rotr(crc, 15) + 0xa282ead8U;
}

}  // namespace ugatit
