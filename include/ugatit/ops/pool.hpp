// Average and maximum over the whole map or over windows.
//
// The maximum's gradient goes to the first position (row by row) that holds it; it is found again from x instead of
// being remembered. Windowed pooling pads with nothing: border windows are smaller (maximum, average_inside) or count
// the padding as zeros (average, PyTorch's default).
#pragma once

#include <ugatit/core/error.hpp>
#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// What is made of a window.
enum class Pool {
  average,        ///< the mean, zeros outside of the image included
  maximum,        ///< the largest number
  average_inside  ///< of windows: the mean of what lies inside the image
};

/// Sizes of a pooling.
struct PoolGeometry {
  Pool kind = Pool::average;  ///< what is made of a window
  Index window = 2;           ///< its side, in pixels
  Index stride = 2;           ///< pixels from window to window
  Index padding = 0;          ///< pixels on each side

  /// Throws `Error` for images that are smaller than the window.
  Extent out(const Extent& in) const {
    if (in.height + 2 * padding < window || in.width + 2 * padding < window) {
      throw Error("a pooling window of " + std::to_string(window) + " does not fit into " + describe(in));
    }
    return {in.batch, (in.height + 2 * padding - window) / stride + 1, (in.width + 2 * padding - window) / stride + 1};
  }
};

/// Both kinds of global pooling. A device that gains from both at once has its own.
template <class D, class E>
void global_pools_forward(D& dev, View<const E> x, typename D::Scalar* average, typename D::Scalar* maximum) {
  global_pool_forward(dev, Pool::average, x, average);
  global_pool_forward(dev, Pool::maximum, x, maximum);
}

/// Global pooling gives [batch, channels]; its backward pass overwrites dx, that of both kinds together adds to it.
template <class D>
concept Pools = requires(D& dev, Pool kind, PoolGeometry g, View<const typename D::Scalar> in,
                         View<typename D::Scalar> out, const typename D::Scalar* values, typename D::Scalar* pooled) {
  global_pool_forward(dev, kind, in, pooled);                // x -> y
  global_pool_tangent(dev, kind, in, in, values, pooled);    // v, x, y -> the derivative of y along v
  global_pool_backward(dev, kind, values, in, values, out);  // dy, x, y -> dx
  // dy of the average, dy of the maximum, x, y of the maximum -> dx += of both
  global_pools_backward_add(dev, values, values, in, values, out);
  pool_forward(dev, g, in, out);           // x -> y
  pool_backward(dev, g, in, in, in, out);  // dy, x, y -> dx
};

}  // namespace ugatit
