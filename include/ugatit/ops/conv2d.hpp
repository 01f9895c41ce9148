// Convolution (cross-correlation, as in the literature) with the border built in.
//
//   y[n,o,i,j] = b[o] + Σ_{c,k,l} w[o,c,k,l] · pad(x)[n, c, s·i+k, s·j+l]
//   dx = adjoint of the padding of Σ_o w[o,c,k,l] dy;   dw[o,c,k,l] += Σ_{n,i,j} dy[n,o,i,j] · pad(x)[n,c,s·i+k,s·j+l]
#pragma once

#include <ugatit/ops/border.hpp>

namespace ugatit {

/// Sizes of a convolution.
struct Conv2dGeometry {
  Index in_channels = 1;                ///< of x
  Index out_channels = 1;               ///< of y
  Index kernel = 3;                     ///< side of the window, in pixels
  Index stride = 1;                     ///< pixels from window to window
  PadGeometry pad{1, Border::reflect};  ///< what stands around x

  constexpr Index taps() const { return in_channels * kernel * kernel; }  ///< weights of one output channel

  /// Throws `Error` for images that are smaller than the window.
  Extent out(const Extent& in) const {
    const Extent padded = pad.out(in);
    if (padded.height < kernel || padded.width < kernel) {
      throw Error("a " + std::to_string(kernel) + "x" + std::to_string(kernel) + " convolution does not fit into " +
                  describe(padded) + " (padded); use larger images or fewer layers");
    }
    return {in.batch, (padded.height - kernel) / stride + 1, (padded.width - kernel) / stride + 1};
  }
};

/// w is [out, in, kernel, kernel]; b may be null. Activations are overwritten, dw is added to.
template <class D>
concept Convolves = requires(D& dev, const Conv2dGeometry& g, View<const typename D::Scalar> in,
                             View<typename D::Scalar> out, const typename D::Scalar* w, typename D::Scalar* dw) {
  conv2d_forward(dev, g, in, w, w, out);       // x, w, b -> y
  conv2d_backward_input(dev, g, in, w, out);   // dy, w -> dx
  conv2d_backward_weight(dev, g, in, in, dw);  // x, dy -> dw +=
  bias_backward(dev, in, dw);                  // dy -> db[c] += Σ dy over batch, height and width
};

/// Both gradients, where they are wanted: `dw` and the data of `dx` may be null.
template <class D, class X, class Y>
void conv2d_backward_in_turn(D& dev, const Conv2dGeometry& g, View<const X> x, View<const Y> dy,
                             const typename D::Scalar* w, typename D::Scalar* dw, View<X> dx) {
  if (dw != nullptr) conv2d_backward_weight(dev, g, x, dy, dw);
  if (dx.data != nullptr) conv2d_backward_input(dev, g, dy, w, dx);
}

/// The same. A device that gains from both at once has its own.
template <class D, class X, class Y>
void conv2d_backward(D& dev, const Conv2dGeometry& g, View<const X> x, View<const Y> dy, const typename D::Scalar* w,
                     typename D::Scalar* dw, View<X> dx) {
  conv2d_backward_in_turn(dev, g, x, dy, w, dw, dx);
}

}  // namespace ugatit
