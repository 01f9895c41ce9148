// Structural similarity (Wang et al., 2004), as scikit-image computes it: structural_similarity(x, y, channel_axis=2,
// data_range=255) with its defaults.
//
// Each channel on its own, in every window of 7x7 pixels that lies inside the image, all 49 weighing the same, with
// means m, sample variances v (divided by 48) and the sample covariance c:
//   S = (2 m_x m_y + C1) (2 c + C2) / ((m_x² + m_y² + C1) (v_x + v_y + C2)),  C1 = (0.01·255)², C2 = (0.03·255)²
// The result is the mean over windows and channels: 1 for equal images, around 0 for unrelated ones.
#pragma once

#include <ugatit/metrics/pair.hpp>

#include <array>

namespace ugatit {

/// The side of SSIM's windows, and the least side of an image.
inline constexpr int ssim_window = 7;

namespace ssim_terms {

/// Sums over pixels: of x, y, x², y² and xy. Whole numbers, so sliding them along loses nothing.
using Sums = std::array<int, 5>;

inline void add(Sums& sums, const Sums& other, int sign) {
  for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += sign * other[i];
}

inline Sums of_pixel(int x, int y) {
  return {x, y, x * x, y * y, x * y};
}

/// S of one window.
inline double similarity(const Sums& sums) {
  constexpr double n = ssim_window * ssim_window;
  constexpr double c1 = 0.01 * 255 * 0.01 * 255;
  constexpr double c2 = 0.03 * 255 * 0.03 * 255;
  const double mx = sums[0] / n;
  const double my = sums[1] / n;
  const double vx = (sums[2] - n * mx * mx) / (n - 1);
  const double vy = (sums[3] - n * my * my) / (n - 1);
  const double c = (sums[4] - n * mx * my) / (n - 1);
  return (2 * mx * my + c1) * (2 * c + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2));
}

}  // namespace ssim_terms

/// The structural similarity of two images. Throws `Error` for images of different sizes and for sides below 7.
inline double ssim(const Image& x, const Image& y) {
  using namespace ssim_terms;
  require_same_size(x, y);
  if (x.width < ssim_window || x.height < ssim_window) {
    throw Error("images of " + std::to_string(x.width) + "x" + std::to_string(x.height) +
                " are too small for SSIM, which looks at windows of 7x7; compare larger ones");
  }
  double total = 0;
  for (int channel = 0; channel < Image::channels; ++channel) {
    std::vector<Sums> columns(static_cast<std::size_t>(x.width), Sums{});  // of the last 7 rows
    const auto add_row = [&](int row, int sign) {
      for (int column = 0; column < x.width; ++column) {
        add(columns[static_cast<std::size_t>(column)], of_pixel(x.at(column, row)[channel], y.at(column, row)[channel]),
            sign);
      }
    };
    for (int row = 0; row < x.height; ++row) {
      add_row(row, 1);
      if (row >= ssim_window) add_row(row - ssim_window, -1);
      if (row < ssim_window - 1) continue;
      Sums window{};
      for (std::size_t column = 0; column < columns.size(); ++column) {
        add(window, columns[column], 1);
        if (column >= ssim_window) add(window, columns[column - ssim_window], -1);
        if (column >= ssim_window - 1) total += similarity(window);
      }
    }
  }
  const double windows = static_cast<double>(x.width - ssim_window + 1) * (x.height - ssim_window + 1);
  return total / (Image::channels * windows);
}

}  // namespace ugatit
