// The skeleton of a JPEG file: its segments, and a check of what stb would trust.
//
// A JPEG file is a chain of segments: 0xFF, marker, big-endian length (counting itself), contents. After the segment
// that starts a scan (0xDA) come entropy-coded data, in which 0xFF is always followed by 0 or a restart marker.
#pragma once

#include <ugatit/io/image_format.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace ugatit {

/// A byte, and a big-endian number of two; outside the file, everything is 0.
inline std::uint32_t jpeg_byte(std::span<const std::byte> bytes, std::size_t at) {
  return at < bytes.size() ? std::to_integer<std::uint32_t>(bytes[at]) : 0;
}
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

/// Whether all tables of Huffman codes have the length that they claim, at most 256 codes each.
/// Some versions of stb write beyond their arrays for others.
inline FileState jpeg_state(std::span<const std::byte> jpeg) {
  FileState state = FileState::sound;
  for_each_jpeg_segment(jpeg, [&](std::uint32_t marker, std::span<const std::byte> contents) {
    constexpr std::uint32_t define_huffman_tables = 0xc4;
    if (marker != define_huffman_tables) return true;
    const bool is_last = contents.data() + contents.size() == jpeg.data() + jpeg.size();
    while (!contents.empty()) {
      // A class and number, how many codes there are of each length from 1 to 16, and that many values.
      std::size_t codes = 0;
      for (std::size_t bits = 1; bits <= 16; ++bits) codes += jpeg_byte(contents, bits);
      if (codes > 256 || 17 + codes > contents.size()) {
        state = is_last ? FileState::truncated : FileState::damaged;
        return false;
      }
      contents = contents.subspan(17 + codes);
    }
    return true;
  });
  return state;
}

}  // namespace ugatit
