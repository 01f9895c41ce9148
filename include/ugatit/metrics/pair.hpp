// How far two images of one size are apart, pixel by pixel.
//
// With levels divided by 255, so that they lie in [0, 1]:
//   L1   = mean |x - y|                  0: the same
//   PSNR = -10 log10 mean (x - y)²       decibels, higher: closer
#pragma once

#include <ugatit/io/image.hpp>

#include <cmath>
#include <cstdlib>

namespace ugatit {

/// What `psnr` gives for equal images, whose ratio would be infinite.
inline constexpr double psnr_of_equal_images = 100;

/// Throws `Error` unless both images have one size.
inline void require_same_size(const Image& x, const Image& y) {
  if (x.width == y.width && x.height == y.height) return;
  throw Error("images of " + std::to_string(x.width) + "x" + std::to_string(x.height) + " and " +
              std::to_string(y.width) + "x" + std::to_string(y.height) +
              " cannot be compared; resize one to the other's size");
}

/// The mean absolute difference of all channels. Throws `Error` for images of different sizes.
inline double l1(const Image& x, const Image& y) {
  require_same_size(x, y);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < x.pixels.size(); ++i) sum += std::abs(x.pixels[i] - y.pixels[i]);
  return static_cast<double>(sum) / (255.0 * static_cast<double>(x.pixels.size()));
}

/// The peak signal-to-noise ratio over all channels. Throws `Error` for images of different sizes.
inline double psnr(const Image& x, const Image& y) {
  require_same_size(x, y);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < x.pixels.size(); ++i) {
    const int difference = x.pixels[i] - y.pixels[i];
    sum += std::int64_t{difference} * difference;
  }
  if (sum == 0) return psnr_of_equal_images;
  return -10 * std::log10(static_cast<double>(sum) / (255.0 * 255.0 * static_cast<double>(x.pixels.size())));
}

}  // namespace ugatit
