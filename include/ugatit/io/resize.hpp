// Bilinear resizing with antialiasing, equal bit for bit to Pillow's on 8-bit images.
//
// Source: Pillow, src/libImaging/Resample.c (HPND licence), rewritten. Along one axis, output x has its centre at
// m = (x + ½)·s, s = in/out, and is a weighted mean of the inputs closer than r = max(s, 1). Input i weighs
// 1 - |i + ½ - m| / r, normalised. So enlarging is plain bilinear interpolation with half-pixel centres, and shrinking
// averages all that an output covers. Weights are rounded to 22 bits; the horizontal pass comes first and rounds to 8.
// (Recent Pillows sometimes do the vertical pass first, which is quicker and moves some pixels by 1 level.)
#pragma once

#include <ugatit/io/image.hpp>

#include <cmath>

namespace ugatit {

/// The weights of one output position along one axis.
struct ResizeWindow {
  int first = 0;                      ///< the first input position
  std::vector<std::int32_t> weights;  ///< of the input positions from `first` on, in units of 2^-22
};

/// Weights are whole numbers, of 2^22.
inline constexpr int resize_weight_bits = 22;

/// Which pixels of a line of `in_size` each of `out_size` is made of.
inline std::vector<ResizeWindow> resize_windows(int in_size, int out_size) {
  const double scale = static_cast<double>(in_size) / out_size;
  const double radius = std::max(scale, 1.0);
  std::vector<ResizeWindow> windows(static_cast<std::size_t>(out_size));
  std::vector<double> weights;
  for (int x = 0; x < out_size; ++x) {
    const double centre = (x + 0.5) * scale;
    const int first = std::max(static_cast<int>(centre - radius + 0.5), 0);
    const int end = std::min(static_cast<int>(centre + radius + 0.5), in_size);
    weights.clear();
    double sum = 0;
    for (int i = first; i < end; ++i) {
      weights.push_back(std::max(1 - std::abs((i - centre + 0.5) * (1 / radius)), 0.0));
      sum += weights.back();
    }
    ResizeWindow& window = windows[static_cast<std::size_t>(x)];
    window.first = first;
    for (const double w : weights) {
      window.weights.push_back(static_cast<std::int32_t>(0.5 + w / sum * (1 << resize_weight_bits)));
    }
  }
  return windows;
}

/// The weighted mean of three channels; `stride` is the distance of neighbouring inputs in bytes.
inline void resize_pixel(const ResizeWindow& window, const std::uint8_t* in, std::size_t stride, std::uint8_t* out) {
  std::int32_t sum[3];
  std::fill_n(sum, 3, 1 << (resize_weight_bits - 1));
  for (const std::int32_t weight : window.weights) {
    for (std::size_t c = 0; c < 3; ++c) sum[c] += in[c] * weight;
    in += stride;
  }
  for (std::size_t c = 0; c < 3; ++c) {
    out[c] = static_cast<std::uint8_t>(std::clamp(sum[c] >> resize_weight_bits, 0, 255));
  }
}

/// The image at another size.
inline Image resize(const Image& image, int width, int height) {
  if (width == image.width && height == image.height) return image;
  Image wide = image;
  if (width != image.width) {
    wide = Image(width, image.height);
    const auto windows = resize_windows(image.width, width);
    for (int y = 0; y < image.height; ++y) {
      for (int x = 0; x < width; ++x) {
        const ResizeWindow& window = windows[static_cast<std::size_t>(x)];
        resize_pixel(window, image.at(window.first, y), 3, wide.at(x, y));
      }
    }
  }
  if (height == image.height) return wide;
  Image out(width, height);
  const auto windows = resize_windows(image.height, height);
  for (int y = 0; y < height; ++y) {
    const ResizeWindow& window = windows[static_cast<std::size_t>(y)];
    for (int x = 0; x < width; ++x) {
      resize_pixel(window, wide.at(x, window.first), std::size_t{3} * static_cast<std::size_t>(width), out.at(x, y));
    }
  }
  return out;
}

}  // namespace ugatit
