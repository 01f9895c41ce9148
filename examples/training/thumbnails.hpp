// Sheets made small enough to stand inside a page: JPEG, at most 800 pixels wide, as data URIs.
#pragma once

#include <ugatit/io/image_file.hpp>
#include <ugatit/io/resize.hpp>

#include <map>
#include <set>
#include <string>

namespace ugatit::examples {

/// RFC 4648, with padding.
inline std::string base64(std::span<const std::byte> bytes) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = group << 8U | (i + k < bytes.size() ? std::to_integer<unsigned>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += i + k <= bytes.size() ? digits[group >> (18U - 6U * static_cast<unsigned>(k)) & 63U] : '=';
    }
  }
  return text;
}

/// A picture as a small JPEG in a data URI.
inline std::string thumbnail(const Image& image) {
  constexpr int widest = 800;
  constexpr int quality = 75;
  const int width = std::min(image.width, widest);
  const Image small =
      resize(image, width, std::max(1, static_cast<int>(std::int64_t{image.height} * width / image.width)));
  std::vector<std::byte> bytes;
  const auto append = [](void* user, void* data, int size) {
    const auto* begin = static_cast<const std::byte*>(data);
    auto& out = *static_cast<std::vector<std::byte>*>(user);
    out.insert(out.end(), begin, begin + size);
  };
  if (stbi_write_jpg_to_func(append, &bytes, small.width, small.height, 3, small.pixels.data(), quality) == 0) {
    throw Error("an image of " + std::to_string(small.width) + "x" + std::to_string(small.height) +
                " cannot be encoded as JPEG");
  }
  return "data:image/jpeg;base64," + base64(bytes);
}

/// Of a growing list, which entries a slider shows: every 2^k-th from the first on, and the last, at most `most` + 1.
/// Growing, the list loses entries but never regains any, so each thumbnail is made once.
inline std::vector<std::size_t> shown_entries(std::size_t count, std::size_t most) {
  std::size_t stride = 1;
  while ((count + stride - 1) / stride > most) stride *= 2;
  std::vector<std::size_t> shown;
  for (std::size_t i = 0; i < count; i += stride) shown.push_back(i);
  if (count > 0 && shown.back() != count - 1) shown.push_back(count - 1);
  return shown;
}

}  // namespace ugatit::examples
