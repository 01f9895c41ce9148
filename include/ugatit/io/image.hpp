// Images in memory: 8-bit RGB, rows from the top, the channels of a pixel side by side.
#pragma once

#include <ugatit/core/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ugatit {

/// An image of `height` rows of `width` RGB pixels.
struct Image {
  static constexpr int channels = 3;  ///< red, green, blue

  int width = 0;                     ///< pixels
  int height = 0;                    ///< pixels
  std::vector<std::uint8_t> pixels;  ///< [height, width, 3]

  Image() = default;
  /// A black image.
  Image(int w, int h) : width(w), height(h), pixels(size_of(w, h)) {}

  /// The three channels of the pixel in column `x` and row `y`.
  std::uint8_t* at(int x, int y) { return pixels.data() + offset(x, y); }
  const std::uint8_t* at(int x, int y) const { return pixels.data() + offset(x, y); }  ///< three levels, red first

  friend bool operator==(const Image&, const Image&) = default;

 private:
  static std::size_t size_of(int w, int h) {
    if (w < 1 || h < 1) throw Error("an image of " + std::to_string(w) + "x" + std::to_string(h) + " has no pixels");
    return static_cast<std::size_t>(w) * static_cast<std::size_t>(h) * channels;
  }
  std::size_t offset(int x, int y) const {
    return (static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x)) * channels;
  }
};

/// Mirrored left to right.
inline Image flip(const Image& image) {
  Image out(image.width, image.height);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) std::copy_n(image.at(image.width - 1 - x, y), 3, out.at(x, y));
  }
  return out;
}

/// The `width` × `height` pixels from column `left` and row `top` on. Throws `Error` unless they lie inside.
inline Image crop(const Image& image, int left, int top, int width, int height) {
  if (left < 0 || top < 0 || width < 1 || height < 1 || width > image.width - left || height > image.height - top) {
    throw Error("a crop of " + std::to_string(width) + "x" + std::to_string(height) + " at (" + std::to_string(left) +
                ", " + std::to_string(top) + ") does not lie inside an image of " + std::to_string(image.width) + "x" +
                std::to_string(image.height));
  }
  Image out(width, height);
  for (int y = 0; y < height; ++y) std::copy_n(image.at(left, top + y), 3 * width, out.at(0, y));
  return out;
}

}  // namespace ugatit
