// The orientation that a camera wrote into a JPEG file.
//
// The segment APP1 (0xE1) may hold "Exif\0\0" and then a small TIFF file: byte order ("II" or "MM"), 42, the offset of
// a directory, whose 12-byte entries are tag, type, count, value. Tag 0x0112 is the orientation, 1 to 8. All else is
// passed over, and anything that does not fit is taken for "no orientation": a photo is not refused for its notes.
#pragma once

#include <ugatit/io/image.hpp>
#include <ugatit/io/jpeg.hpp>

#include <cstring>
#include <utility>

namespace ugatit {

/// Bounded reading of 16- and 32-bit numbers; outside the bytes, everything is 0.
struct TiffNumbers {
  std::span<const std::byte> bytes;  ///< of a TIFF header and what follows
  bool big_endian = false;           ///< "MM" instead of "II"

  /// 0 beyond the end, as the others.
  std::uint32_t u8(std::size_t at) const { return at < bytes.size() ? std::to_integer<std::uint32_t>(bytes[at]) : 0; }
  /// Two bytes.
  std::uint32_t u16(std::size_t at) const { return big_endian ? u8(at) << 8U | u8(at + 1) : u8(at + 1) << 8U | u8(at); }
  /// Four bytes.
  std::uint32_t u32(std::size_t at) const {
    return big_endian ? u16(at) << 16U | u16(at + 2) : u16(at + 2) << 16U | u16(at);
  }
};

/// The orientation in an Exif block's TIFF part: 1 to 8, and 1 where there is none.
inline int tiff_orientation(std::span<const std::byte> tiff) {
  TiffNumbers numbers{tiff};
  const std::uint32_t order = numbers.u16(0);
  if (order != 0x4949 && order != 0x4d4d) return 1;
  numbers.big_endian = order == 0x4d4d;
  if (numbers.u16(2) != 42) return 1;
  const std::size_t directory = numbers.u32(4);
  const std::uint32_t entries = numbers.u16(directory);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + std::size_t{12} * i;
    if (entry + 12 > tiff.size()) return 1;
    constexpr std::uint32_t orientation_tag = 0x0112;
    constexpr std::uint32_t type_short = 3;
    if (numbers.u16(entry) != orientation_tag || numbers.u16(entry + 2) != type_short) continue;
    const std::uint32_t value = numbers.u16(entry + 8);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

/// The orientation of a JPEG file: 1 to 8, and 1 where it has none.
inline int exif_orientation(std::span<const std::byte> jpeg) {
  int orientation = 1;
  for_each_jpeg_segment(jpeg, [&](std::uint32_t marker, std::span<const std::byte> contents) {
    constexpr std::uint32_t app1 = 0xe1;
    constexpr std::uint32_t start_of_scan = 0xda;
    const bool is_exif = marker == app1 && contents.size() >= 6 && std::memcmp(contents.data(), "Exif\0", 6) == 0;
    if (is_exif) orientation = tiff_orientation(contents.subspan(6));
    return !is_exif && marker != start_of_scan;
  });
  return orientation;
}

/// The image as it is meant to be seen, for an orientation of 1 (as it is) to 8.
///
/// The value says where the stored first row and first column belong: 2 mirrored, 3 turned by 180°, 4 upside down,
/// 5 transposed, 6 to be turned clockwise, 7 transposed along the other diagonal, 8 to be turned anticlockwise.
inline Image apply_orientation(Image image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  const bool swaps_axes = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Image out(swaps_axes ? image.height : image.width, swaps_axes ? image.width : image.height);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const int column = swaps_axes ? y : x;
      const int row = swaps_axes ? x : y;
      std::copy_n(image.at(from_right ? image.width - 1 - column : column, from_bottom ? image.height - 1 - row : row),
                  3, out.at(x, y));
    }
  }
  return out;
}

}  // namespace ugatit
