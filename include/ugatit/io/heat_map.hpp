// The picture of an attention map, as the published code's cam() draws it.
//
// m = x - min x, m / max m, times 255 cut to 8 bits; enlarged as OpenCV's resize does (bilinear, half-pixel centres, no
// antialiasing); coloured with JET. Equal to OpenCV's result bit for bit, so its fixed-point steps are kept: weights of
// 11 bits, a horizontal pass that keeps all bits, a vertical one that drops 4 + 16 + 2 bits.
#pragma once

#include <ugatit/io/colour_map.hpp>

#include <cmath>
#include <concepts>
#include <type_traits>

namespace ugatit {

/// Where one output position of OpenCV's bilinear resizing reads: `low` and `low + 1`, either of which may lie outside.
struct LinearTap {
  int low = 0;          ///< the first of two neighbours
  int low_weight = 0;   ///< in units of 2^-11
  int high_weight = 0;  ///< likewise
};

/// Where pixel `x` of `out_size` looks in a line of `in_size`, with half-pixel centres.
inline LinearTap linear_tap(int in_size, int out_size, int x) {
  const auto centre = static_cast<float>((x + 0.5) * (static_cast<double>(in_size) / out_size) - 0.5);
  const float low = std::floor(centre);
  const float part = centre - low;
  return {static_cast<int>(low), static_cast<int>(std::lrint((1 - part) * 2048)),
          static_cast<int>(std::lrint(part * 2048))};
}

/// OpenCV's resize with INTER_LINEAR for one 8-bit channel.
inline std::vector<std::uint8_t> resize_linear(std::span<const std::uint8_t> grey, int height, int width,
                                               int out_height, int out_width) {
  std::vector<int> rows(static_cast<std::size_t>(height) * static_cast<std::size_t>(out_width));
  for (int x = 0; x < out_width; ++x) {
    LinearTap tap = linear_tap(width, out_width, x);
    // At the left and right edge OpenCV takes the outermost column alone; at the top and bottom it mixes the row with
    // itself, which rounds differently.
    if (tap.low < 0) tap = {0, 2048, 0};
    if (tap.low >= width - 1) tap = {width - 1, 2048, 0};
    const int high = std::min(tap.low + 1, width - 1);
    for (int y = 0; y < height; ++y) {
      const std::uint8_t* row = grey.data() + std::ptrdiff_t{y} * width;
      rows[static_cast<std::size_t>(std::ptrdiff_t{y} * out_width + x)] =
          row[tap.low] * tap.low_weight + row[high] * tap.high_weight;
    }
  }
  std::vector<std::uint8_t> out;
  out.reserve(static_cast<std::size_t>(out_height) * static_cast<std::size_t>(out_width));
  for (int y = 0; y < out_height; ++y) {
    const LinearTap tap = linear_tap(height, out_height, y);
    const int* low = rows.data() + std::ptrdiff_t{std::clamp(tap.low, 0, height - 1)} * out_width;
    const int* high = rows.data() + std::ptrdiff_t{std::clamp(tap.low + 1, 0, height - 1)} * out_width;
    for (int x = 0; x < out_width; ++x) {
      const int sum = (((low[x] >> 4) * tap.low_weight) >> 16) + (((high[x] >> 4) * tap.high_weight) >> 16);
      out.push_back(static_cast<std::uint8_t>((sum + 2) >> 2));
    }
  }
  return out;
}

/// The attention map `values` [height, width] as a coloured image of `out_height` x `out_width`: blue low, red high.
/// A constant map is all blue. Throws `Error` for values that are not finite.
template <class T>
requires std::floating_point<std::remove_const_t<T>> Image heat_map(std::span<T> values, int height, int width,
                                                                    int out_height, int out_width) {
  if (height < 1 || width < 1 || values.size() != static_cast<std::size_t>(std::ptrdiff_t{height} * width)) {
    throw Error("a heat map of " + std::to_string(height) + "x" + std::to_string(width) + " cannot have " +
                std::to_string(values.size()) + " values");
  }
  for (const T x : values) {
    if (!std::isfinite(x)) throw Error("a heat map has values that are not finite; has the training diverged?");
  }
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const auto range = *high - *low;
  std::vector<std::uint8_t> grey;
  grey.reserve(values.size());
  for (const T x : values) {
    const auto share = range > 0 ? (x - *low) / range : std::remove_const_t<T>{0};
    grey.push_back(static_cast<std::uint8_t>(std::clamp<std::remove_const_t<T>>(255 * share, 0, 255)));
  }
  Image image(out_width, out_height);
  std::uint8_t* pixel = image.pixels.data();
  for (const std::uint8_t level : resize_linear(grey, height, width, out_height, out_width))
    pixel = std::ranges::copy(jet(level), pixel).out;
  return image;
}

/// The same as a square of `size` pixels a side.
template <class T>
requires std::floating_point<std::remove_const_t<T>> Image heat_map(std::span<T> values, int height, int width,
                                                                    int size) {
  return heat_map(values, height, width, size, size);
}

}  // namespace ugatit
