// Sums and copies of whole values, and of channels; the way between the host's memory and the device's.
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// A device that keeps values of some shapes in other numbers than its scalar (`Element`) has these for all of them,
/// and
///   convert(dev, View<const A>, View<B>)  // the same numbers, in the other's order
///
/// A device that fills, copies and adds numbers and channels.
template <class D>
concept AddsElements = requires(D& dev, Index size, const typename D::Scalar* in, typename D::Scalar* out,
                                View<const typename D::Scalar> x, View<typename D::Scalar> y) {
  fill(dev, size, typename D::Scalar{}, out);  // out = value
  copy(dev, size, in, out);                    // out = in
  copy_from_host(dev, size, in, out);          // from the host's memory to the device's, numbers of any type
  copy_to_host(dev, size, in, out);            // and back; the host may read them when it returns
  add(dev, size, in, in, out);                 // out = a + b, `out` may be either of them
  join_channels(dev, x, x, y);                 // [N, A], [N, B] -> [N, A + B]
  split_channels(dev, x, y, y);                // back
  channel_sum_forward(dev, x, y);              // y[n, 0, i, j] = Σ_c x[n, c, i, j]
  channel_sum_backward_add(dev, x, y);         // dx[n, c, i, j] += dy[n, 0, i, j]
};

}  // namespace ugatit
