// The skeleton of a PNG file: its chunks and their CRCs, which stb does not look at.
//
// After 8 bytes of signature come chunks: big-endian length, four letters, contents, and a CRC-32 over letters and
// contents. The last one is IEND.
#pragma once

#include <ugatit/io/crc.hpp>
#include <ugatit/io/image_format.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ugatit {

/// Looks at all chunks up to IEND.
inline FileState png_state(std::span<const std::byte> png) {
  const auto number = [&](std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8U | std::to_integer<std::uint32_t>(png[at + i]);
    return value;
  };
  std::size_t at = 8;
  while (png.size() - at >= 12) {
    const std::uint32_t length = number(at);
    const std::string_view kind(reinterpret_cast<const char*>(png.data() + at + 4), 4);
    if (length > png.size() - at - 12) return FileState::truncated;
    if (crc32(png.subspan(at + 4, std::size_t{4} + length)) != number(at + 8 + length)) return FileState::damaged;
    // Allowed but pointless, and stb copies the nothing to nowhere.
    if (kind == "IDAT" && length == 0) return FileState::damaged;
    if (kind == "IEND") return FileState::sound;
    at += std::size_t{12} + length;
  }
  return FileState::truncated;
}

}  // namespace ugatit
