// Windows laid out as channels: what a convolution with a kernel of any rectangle sees, so that a 1×1 convolution is
// one.
//
//   y[n, (c·H + k)·W + l, i, j] = x[n, c, i + k − (H−1)/2, j + l − (W−1)/2], zero outside of the image
//   dx[n, c, i, j] = Σ_{k,l} dy[n, (c·H + k)·W + l, i − k + (H−1)/2, j − l + (W−1)/2]
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// A window of odd sides; the image keeps its size.
struct UnfoldGeometry {
  Index height = 1;  ///< of a window, odd
  Index width = 1;   ///< of a window, odd

  constexpr Index taps() const { return height * width; }  ///< numbers of a window
};

template <class D>
concept UnfoldsWindows = requires(D& dev, UnfoldGeometry g, View<const typename D::Scalar> in,
                                  View<typename D::Scalar> out) {
  unfold_forward(dev, g, in, out);   // x -> y
  unfold_backward(dev, g, in, out);  // dy -> dx
};

}  // namespace ugatit
