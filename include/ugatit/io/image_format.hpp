// What kind of image a file holds, told by its first bytes: endings lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace ugatit {

/// What a file's first bytes say it is.
enum class ImageFormat {
  jpeg,
  png,
  bmp,
  tga,
  pnm,
  gif,  // this and the following are recognised only to say what they are
  webp,
  heif,  ///< HEIC, AVIF
  tiff,
  none
};

/// "JPEG", for messages.
inline std::string_view name_of(ImageFormat format) {
  switch (format) {
    case ImageFormat::jpeg:
      return "JPEG";
    case ImageFormat::png:
      return "PNG";
    case ImageFormat::bmp:
      return "BMP";
    case ImageFormat::tga:
      return "TGA";
    case ImageFormat::pnm:
      return "PNM";
    case ImageFormat::gif:
      return "GIF";
    case ImageFormat::webp:
      return "WebP";
    case ImageFormat::heif:
      return "HEIC or AVIF";
    case ImageFormat::tiff:
      return "TIFF";
    case ImageFormat::none:
      break;
  }
  return "unknown";
}

/// What a look at a file's skeleton tells, before it is decoded.
enum class FileState { sound, truncated, damaged };

/// TGA has no magic number, so its 18-byte header must make sense as a whole.
inline bool is_tga_header(std::span<const std::byte> bytes) {
  if (bytes.size() < 18) return false;
  const auto u8 = [&](std::size_t at) { return std::to_integer<unsigned>(bytes[at]); };
  const auto u16 = [&](std::size_t at) { return u8(at) | u8(at + 1) << 8U; };
  const unsigned colour_map = u8(1);
  const unsigned type = u8(2) & ~8U;  // bit 3: run-length encoded
  const unsigned depth = u8(16);
  const bool depth_fits = depth == 8 || depth == 15 || depth == 16 || depth == 24 || depth == 32;
  const bool is_indexed = colour_map == 1 && type == 1 && (depth == 8 || depth == 16) && u16(5) > 0;
  const bool is_direct = colour_map == 0 && (type == 2 || type == 3) && depth_fits;
  return (is_indexed || is_direct) && u8(2) <= 11 && u16(12) > 0 && u16(14) > 0;
}

/// `ImageFormat::none` where the bytes are no image known here.
inline ImageFormat image_format(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  using namespace std::string_view_literals;
  if (text.starts_with("\xff\xd8\xff"sv)) return ImageFormat::jpeg;
  if (text.starts_with("\x89PNG\r\n\x1a\n"sv)) return ImageFormat::png;
  if (text.starts_with("GIF8"sv)) return ImageFormat::gif;
  if (text.starts_with("RIFF"sv) && text.substr(8).starts_with("WEBP"sv)) return ImageFormat::webp;
  if (text.size() >= 12 && text.substr(4).starts_with("ftyp"sv)) return ImageFormat::heif;
  if (text.starts_with("II*\0"sv) || text.starts_with("MM\0*"sv)) return ImageFormat::tiff;
  // "BM" alone begins many a text, so the size of the header that follows is looked at too.
  if (text.starts_with("BM"sv) && text.size() > 18 && text.substr(15, 3) == "\0\0\0"sv) return ImageFormat::bmp;
  if (text.size() > 2 && text[0] == 'P' && text[1] >= '1' && text[1] <= '6' &&
      " \t\r\n#"sv.find(text[2]) != std::string_view::npos) {
    return ImageFormat::pnm;
  }
  return is_tga_header(bytes) ? ImageFormat::tga : ImageFormat::none;
}

}  // namespace ugatit
