// XXH64 (https://github.com/Cyan4973/xxHash, doc/xxhash_spec.md), seed 0: a 64-bit checksum at the speed of memory.
//
// Four lanes each take 8 bytes of a 32-byte stripe; at the end the lanes are merged, the rest is added, the bits are
// mixed. It tells altered bytes with near certainty. It is no protection against someone who alters them on purpose.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace ugatit {

/// A checksum of bytes that come piece by piece.
class Checksum {
 public:
  /// Goes on with these bytes.
  void add(std::span<const std::byte> bytes) {
    total_ += bytes.size();
    if (kept_ > 0) {
      const std::size_t taken = std::min(bytes.size(), stripe - kept_);
      std::memcpy(rest_.data() + kept_, bytes.data(), taken);
      kept_ += taken;
      bytes = bytes.subspan(taken);
      if (kept_ < stripe) return;
      add_stripe(rest_.data());
      kept_ = 0;
    }
    for (; bytes.size() >= stripe; bytes = bytes.subspan(stripe)) add_stripe(bytes.data());
    if (!bytes.empty()) std::memcpy(rest_.data(), bytes.data(), bytes.size());
    kept_ = bytes.size();
  }

  /// Of all bytes so far.
  std::uint64_t value() const {
    std::uint64_t hash = prime5;
    if (total_ >= stripe) {
      hash = std::rotl(lanes_[0], 1) + std::rotl(lanes_[1], 7) + std::rotl(lanes_[2], 12) + std::rotl(lanes_[3], 18);
      for (const std::uint64_t lane : lanes_) hash = (hash ^ mix(0, lane)) * prime1 + prime4;
    }
    hash += total_;
    const std::byte* at = rest_.data();
    const std::byte* end = at + kept_;
    for (; end - at >= 8; at += 8) hash = std::rotl(hash ^ mix(0, load<std::uint64_t>(at)), 27) * prime1 + prime4;
    for (; end - at >= 4; at += 4) hash = std::rotl(hash ^ load<std::uint32_t>(at) * prime1, 23) * prime2 + prime3;
    for (; at != end; ++at) hash = std::rotl(hash ^ std::to_integer<std::uint64_t>(*at) * prime5, 11) * prime1;
    hash = (hash ^ hash >> 33U) * prime2;
    hash = (hash ^ hash >> 29U) * prime3;
    return hash ^ hash >> 32U;
  }

 private:
  static constexpr std::uint64_t prime1 = 0x9E3779B185EBCA87U;
  static constexpr std::uint64_t prime2 = 0xC2B2AE3D27D4EB4FU;
  static constexpr std::uint64_t prime3 = 0x165667B19E3779F9U;
  static constexpr std::uint64_t prime4 = 0x85EBCA77C2B2AE63U;
  static constexpr std::uint64_t prime5 = 0x27D4EB2F165667C5U;
  static constexpr std::size_t stripe = 32;

  template <class Word>
  static std::uint64_t load(const std::byte* bytes) {
    Word word;
    std::memcpy(&word, bytes, sizeof word);
    return word;
  }

  static std::uint64_t mix(std::uint64_t lane, std::uint64_t word) {
    return std::rotl(lane + word * prime2, 31) * prime1;
  }

  void add_stripe(const std::byte* bytes) {
    for (std::size_t i = 0; i < 4; ++i) lanes_[i] = mix(lanes_[i], load<std::uint64_t>(bytes + 8 * i));
  }

  std::array<std::uint64_t, 4> lanes_{prime1 + prime2, prime2, 0, 0 - prime1};
  std::array<std::byte, stripe> rest_{};
  std::size_t kept_ = 0;
  std::uint64_t total_ = 0;
};

/// A checksum as 16 hexadecimal digits.
inline std::array<char, 16> hex_digits(std::uint64_t value) {
  std::array<char, 16> digits{};
  for (std::size_t i = 0; i < 16; ++i) digits[i] = "0123456789abcdef"[value >> (60 - 4 * i) & 0xfU];
  return digits;
}

}  // namespace ugatit
