// Between images (bytes, channels side by side) and what networks see (numbers in [-1, 1], one plane a channel).
//
// To the network: (x / 255 - ½) / ½, in that order and in the scalar type, as torchvision's ToTensor and Normalize do.
// Back: (x · ½ + ½) · 255, rounded to the nearest, halves to even, and clamped, as the published code's imwrite does.
#pragma once

#include <ugatit/io/image.hpp>

#include <array>
#include <cmath>
#include <concepts>
#include <type_traits>

namespace ugatit {

/// Writes an image as [3, height, width] in [-1, 1]. Throws `Error` unless `out` has just that many numbers.
template <std::floating_point T>
void to_chw(const Image& image, std::span<T> out) {
  if (out.size() != image.pixels.size()) {
    throw Error("an image of " + std::to_string(image.width) + "x" + std::to_string(image.height) + " does not fill " +
                std::to_string(out.size()) + " numbers");
  }
  std::array<T, 256> scaled;
  for (std::size_t level = 0; level < 256; ++level) scaled[level] = (static_cast<T>(level) / 255 - T(0.5)) / T(0.5);
  const std::size_t area = out.size() / 3;
  for (std::size_t i = 0; i < area; ++i) {
    for (std::size_t c = 0; c < 3; ++c) out[c * area + i] = scaled[image.pixels[3 * i + c]];
  }
}

/// The image whose planes [3, height, width] are `values`, -1 black and 1 white; what lies outside is clamped.
/// Throws `Error` for a wrong number of values and for NaN.
template <class T>
requires std::floating_point<std::remove_const_t<T>> Image from_chw(std::span<T> values, int height, int width) {
  Image image(width, height);
  if (values.size() != image.pixels.size()) {
    throw Error("an image of " + std::to_string(width) + "x" + std::to_string(height) + " is not made of " +
                std::to_string(values.size()) + " numbers");
  }
  using Scalar = std::remove_const_t<T>;
  const std::size_t area = values.size() / 3;
  for (std::size_t i = 0; i < area; ++i) {
    for (std::size_t c = 0; c < 3; ++c) {
      const Scalar level = (values[c * area + i] * Scalar(0.5) + Scalar(0.5)) * 255;
      if (std::isnan(level)) throw Error("an image has values that are not numbers (NaN); has the training diverged?");
      image.pixels[3 * i + c] = static_cast<std::uint8_t>(std::lrint(std::clamp<Scalar>(level, 0, 255)));
    }
  }
  return image;
}

}  // namespace ugatit
