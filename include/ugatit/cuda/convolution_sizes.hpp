// A convolution as cuDNN sees it.
#pragma once

#include <ugatit/core/device.hpp>

#include <compare>

namespace ugatit {

/// A convolution as cuDNN sees it, without a border.
struct ConvolutionSizes {
  int batch = 1;
  int in_channels = 1;
  int height = 1;  ///< of x, border included
  int width = 1;
  int out_channels = 1;
  int out_height = 1;
  int out_width = 1;
  int kernel_height = 1;
  int kernel_width = 1;
  int stride_down = 1;
  int stride_across = 1;
  Products products = Products::own;

  friend auto operator<=>(const ConvolutionSizes&, const ConvolutionSizes&) = default;
};

}  // namespace ugatit
