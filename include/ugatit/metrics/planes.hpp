// What the Inception network computes with: one image as planes of numbers, convolutions of any rectangle, pooling.
//
// Convolution y = relu(W * x + b): the windows of some rows of outputs are laid out as the columns of a matrix (im2col)
// and multiplied by W [out, in·kh·kw]. Batch norm in inference is an affine map of each channel, folded into W and b.
// The border is zero. Average pooling leaves the border out of its mean, as TensorFlow does; max pooling ignores it.
#pragma once

#include <ugatit/core/error.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace ugatit {

/// [channels, height, width]
struct Planes {
  int channels = 0;           ///< planes
  int height = 0;             ///< pixels
  int width = 0;              ///< pixels
  std::vector<float> values;  ///< [C, H, W]

  Planes() = default;
  /// Zeros.
  Planes(int c, int h, int w)
      : channels(c), height(h), width(w), values(static_cast<std::size_t>(c) * static_cast<std::size_t>(h * w)) {}

  /// Row `y` of plane `c`.
  float* row(int c, int y) { return values.data() + (std::ptrdiff_t{c} * height + y) * width; }
  /// Row `y` of plane `c`.
  const float* row(int c, int y) const { return values.data() + (std::ptrdiff_t{c} * height + y) * width; }
};

/// A rectangle of pixels, and how it is moved over an image.
struct Window {
  int height = 1;  ///< pixels
  int width = 1;   ///< pixels
  int stride = 1;  ///< pixels, both ways
  int pad_y = 0;   ///< pixels above and below
  int pad_x = 0;   ///< pixels left and right

  int out_height(int h) const { return (h + 2 * pad_y - height) / stride + 1; }  ///< for `h` rows
  int out_width(int w) const { return (w + 2 * pad_x - width) / stride + 1; }    ///< for `w` columns
};

/// A convolution with its batch norm folded in, and ReLU.
struct FoldedConvolution {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;  ///< row-major, as `Planes`

  Window window;         ///< of the kernel
  Matrix weight;         ///< [out, in·kh·kw]
  Eigen::VectorXf bias;  ///< [out]
};

/// Lays out the windows of the output rows [from, to): [in·kh·kw, (to - from)·out_width].
inline void lay_out_windows(const Planes& x, const Window& w, int from, int to, FoldedConvolution::Matrix& columns) {
  const int out_width = w.out_width(x.width);
  columns.resize(std::ptrdiff_t{x.channels} * w.height * w.width, std::ptrdiff_t{to - from} * out_width);
  float* out = columns.data();
  for (int c = 0; c < x.channels; ++c) {
    for (int ky = 0; ky < w.height; ++ky) {
      for (int kx = 0; kx < w.width; ++kx) {
        for (int row = from; row < to; ++row) {
          const int y = row * w.stride + ky - w.pad_y;
          if (y < 0 || y >= x.height) {
            out = std::fill_n(out, out_width, 0.0F);
            continue;
          }
          const float* const in = x.row(c, y);
          for (int column = 0; column < out_width; ++column) {
            const int at = column * w.stride + kx - w.pad_x;
            *out++ = at >= 0 && at < x.width ? in[at] : 0.0F;
          }
        }
      }
    }
  }
}

/// relu(W * x + b)
inline Planes convolve(const Planes& x, const FoldedConvolution& layer) {
  using Matrix = FoldedConvolution::Matrix;
  const Window& w = layer.window;
  Planes y(static_cast<int>(layer.weight.rows()), w.out_height(x.height), w.out_width(x.width));
  const std::ptrdiff_t area = std::ptrdiff_t{y.height} * y.width;
  Eigen::Map<Matrix> out(y.values.data(), y.channels, area);
  if (w.height == 1 && w.width == 1 && w.stride == 1) {
    out.noalias() = layer.weight * Eigen::Map<const Matrix>(x.values.data(), x.channels, area);
  } else {
    // As many rows at a time as keep the windows within the cache.
    constexpr std::ptrdiff_t most_columns = 1024;
    const int rows = static_cast<int>(std::max<std::ptrdiff_t>(1, most_columns / y.width));
    Matrix columns;
    for (int from = 0; from < y.height; from += rows) {
      const int to = std::min(from + rows, y.height);
      lay_out_windows(x, w, from, to, columns);
      out.middleCols(std::ptrdiff_t{from} * y.width, columns.cols()).noalias() = layer.weight * columns;
    }
  }
  out.colwise() += layer.bias;
  out = out.cwiseMax(0.0F);
  return y;
}

/// Calls f(sum of a window's pixels, its greatest, how many lie inside) for each output.
template <class F>
Planes pool(const Planes& x, const Window& w, const F& f) {
  Planes y(x.channels, w.out_height(x.height), w.out_width(x.width));
  for (int c = 0; c < x.channels; ++c) {
    for (int row = 0; row < y.height; ++row) {
      const int top = std::max(row * w.stride - w.pad_y, 0);
      const int bottom = std::min(row * w.stride - w.pad_y + w.height, x.height);
      for (int column = 0; column < y.width; ++column) {
        const int left = std::max(column * w.stride - w.pad_x, 0);
        const int right = std::min(column * w.stride - w.pad_x + w.width, x.width);
        float sum = 0;
        float greatest = std::numeric_limits<float>::lowest();
        for (int at_y = top; at_y < bottom; ++at_y) {
          for (const float* at = x.row(c, at_y) + left; at != x.row(c, at_y) + right; ++at) {
            sum += *at;
            greatest = std::max(greatest, *at);
          }
        }
        y.row(c, row)[column] = f(sum, greatest, (bottom - top) * (right - left));
      }
    }
  }
  return y;
}

/// The largest in each window; what lies outside never wins.
inline Planes max_pool(const Planes& x, const Window& w) {
  return pool(x, w, [](float, float greatest, int) { return greatest; });
}

/// The mean of each window, of the pixels inside the image alone.
inline Planes average_pool(const Planes& x, const Window& w) {
  return pool(x, w, [](float sum, float, int count) { return sum / static_cast<float>(count); });
}

/// All channels of all parts, in order.
inline Planes concatenate(const std::vector<Planes>& parts) {
  Planes y(0, parts.front().height, parts.front().width);
  for (const Planes& part : parts) {
    y.channels += part.channels;
    y.values.insert(y.values.end(), part.values.begin(), part.values.end());
  }
  return y;
}

}  // namespace ugatit
