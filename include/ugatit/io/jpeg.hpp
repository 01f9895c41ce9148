// The skeleton of a JPEG file: its segments, and a check of what stb would trust.
//
// A JPEG file is a chain of segments: 0xFF, marker, big-endian length (counting itself), contents. After the segment
// that starts a scan (0xDA) come entropy-coded data, in which 0xFF is always followed by 0 or a restart marker.
#pragma once

#include <ugatit/io/image_format.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace ugatit {

/// A byte, and a big-endian number of two; outside the file, everything is 0.
inline std::uint32_t jpeg_byte(std::span<const std::byte> bytes, std::size_t at) {
  return at < bytes.size() ? std::to_integer<std::uint32_t>(bytes[at]) : 0;
}
/// Two bytes at `at`, the higher one first.
inline std::uint32_t jpeg_number(std::span<const std::byte> bytes, std::size_t at) {
  return jpeg_byte(bytes, at) << 8U | jpeg_byte(bytes, at + 1);
}

/// Calls `visit(marker, contents)` for each segment that has contents, until it returns false or the image ends. A
/// segment that claims to go on beyond the end of the file is visited with the contents that it has.
template <class Visit>
void for_each_jpeg_segment(std::span<const std::byte> jpeg, Visit visit) {
  constexpr std::uint32_t end_of_image = 0xd9;
  std::size_t at = 2;  // after the marker that starts an image
  while (at + 4 <= jpeg.size()) {
    const void* found = std::memchr(jpeg.data() + at, 0xff, jpeg.size() - at);
    if (found == nullptr) return;
    at = static_cast<std::size_t>(static_cast<const std::byte*>(found) - jpeg.data()) + 1;
    const std::uint32_t marker = jpeg_byte(jpeg, at);
    if (marker == 0xff) continue;  // padding
    if (marker == end_of_image) return;
    ++at;
    const bool has_contents = marker >= 0xc0 && (marker < 0xd0 || marker > 0xd9);
    if (!has_contents) continue;  // entropy-coded data, a restart, another start
    const std::size_t length = std::min<std::size_t>(jpeg_number(jpeg, at), jpeg.size() - at);
    if (length < 2 || !visit(marker, jpeg.subspan(at + 2, length - 2))) return;
    at += length;
  }
}

/// Follows the tables of Huffman codes through a JPEG file: each must have the length that it claims and at most 256
/// codes, and a scan may use only those that were defined before it.
class HuffmanCheck {
 public:
  /// Some versions of stb write beyond their arrays, or use tables that were never filled, for files that fail here.
  FileState operator()(std::span<const std::byte> jpeg) {
    for_each_jpeg_segment(jpeg, [&](std::uint32_t marker, std::span<const std::byte> contents) {
      constexpr std::uint32_t define_tables = 0xc4;
      constexpr std::uint32_t progressive_frame = 0xc2;
      constexpr std::uint32_t start_of_scan = 0xda;
      const bool is_last = contents.data() + contents.size() == jpeg.data() + jpeg.size();
      const FileState broken = is_last ? FileState::truncated : FileState::damaged;
      if (marker == progressive_frame) is_progressive_ = true;
      if (marker == define_tables && !define(contents)) state_ = broken;
      if (marker == start_of_scan && !can_scan(contents)) state_ = broken;
      return state_ == FileState::sound;
    });
    return state_;
  }

 private:
  // A class and number, how many codes there are of each length from 1 to 16, and a value for each; several times.
  bool define(std::span<const std::byte> contents) {
    while (!contents.empty()) {
      const std::uint32_t name = jpeg_byte(contents, 0);
      std::size_t codes = 0;
      for (std::size_t bits = 1; bits <= 16; ++bits) codes += jpeg_byte(contents, bits);
      if (name >= defined_.size() || codes > 256 || 17 + codes > contents.size()) return false;
      defined_[name] = true;
      contents = contents.subspan(17 + codes);
    }
    return true;
  }

  // A number of components, for each its name and its two tables; then the range of coefficients and their bits.
  bool can_scan(std::span<const std::byte> contents) const {
    const std::size_t components = jpeg_byte(contents, 0);
    if (contents.size() < 1 + 2 * components + 3) return false;
    const std::uint32_t first_coefficient = jpeg_byte(contents, 1 + 2 * components);
    const bool refines = jpeg_byte(contents, 1 + 2 * components + 2) >= 0x10;
    const bool needs_dc = !is_progressive_ || (first_coefficient == 0 && !refines);
    const bool needs_ac = !is_progressive_ || first_coefficient > 0;
    for (std::size_t i = 0; i < components; ++i) {
      const std::uint32_t tables = jpeg_byte(contents, 2 + 2 * i);
      if (needs_dc && !defined_[tables >> 4U]) return false;
      if (needs_ac && !defined_[0x10 + (tables & 0xfU)]) return false;
    }
    return true;
  }

  std::array<bool, 32> defined_{};  // by class (0 for DC, 1 for AC) · 16 + number
  bool is_progressive_ = false;
  FileState state_ = FileState::sound;
};

}  // namespace ugatit
