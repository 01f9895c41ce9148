// Nearest-neighbour enlargement by a whole factor: y[i, j] = x[i / f, j / f]; dx sums the f·f copies.
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// A device that enlarges images by a whole factor.
template <class D>
concept Resamples = requires(D& dev, Index factor, View<const typename D::Scalar> in, View<typename D::Scalar> out) {
  upsample_forward(dev, factor, in, out);   // x -> y
  upsample_backward(dev, factor, in, out);  // dy -> dx
};

}  // namespace ugatit
