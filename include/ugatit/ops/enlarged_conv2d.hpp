// Enlargement by two (ops/resample.hpp) and the convolution after it (ops/conv2d.hpp) in one pass, which need not store
// the enlarged image: every pixel of it is there four times.
//
//   y = conv(enlarged(x), w) + b
#pragma once

#include <ugatit/ops/conv2d.hpp>
#include <ugatit/ops/resample.hpp>

namespace ugatit {

/// A device that has this operation. The geometry is the convolution's: 3×3, stride 1, a border of 1 that reflects. `b`
/// may be null, and so may `dw` and the data of dx, where they are not wanted.
template <class D>
concept ConvolvesEnlarged = requires(D& dev, const Conv2dGeometry& g, View<const typename D::Scalar> in,
                                     View<typename D::Scalar> out, const typename D::Scalar* w,
                                     typename D::Scalar* dw) {
  enlarged_conv2d_forward(dev, g, in, w, w, out);        // x, w, b -> y
  enlarged_conv2d_backward(dev, g, in, in, w, dw, out);  // x, dy, w -> dw +=, dx
};

}  // namespace ugatit
