// Enlargement and the convolution after it as one layer, for devices that have the operation (ops/enlarged_conv2d.hpp).
// Its tape keeps the small map alone.
#pragma once

#include <ugatit/nn/conv.hpp>
#include <ugatit/ops/enlarged_conv2d.hpp>

namespace ugatit {

namespace convolutions {

/// ops/enlarged_conv2d.hpp, of a convolution `G` of the enlarged map
template <Conv2dGeometry G>
struct Enlarged {
  static constexpr Conv2dGeometry geometry = G;
  static constexpr bool gives_convolved = false;

  static Extent out(const Extent& extent) { return geometry.out({extent.batch, 2 * extent.height, 2 * extent.width}); }

  template <class D, class... Args>
  static void forward(D& dev, const Args&... args) {
    enlarged_conv2d_forward(dev, geometry, args...);
  }

  template <class D, class... Args>
  static void backward(D& dev, const Args&... args) {
    enlarged_conv2d_backward(dev, geometry, args...);
  }
};

}  // namespace convolutions

/// What an enlargement by two and the layer `Next` are in one pass; nothing, where there is no such pass.
template <class Next>
struct EnlargedThen {};

/// Before a 3×3 convolution that keeps the size: `Map<I>` [N, I, H, W] → `Map<C>` [N, C, 2H, 2W]. Parameters: the
/// convolution's.
template <Index C, Bias WithBias>
struct EnlargedThen<PadConv<C, 3, 1, WithBias>> {
  /// The layer for an input.
  template <class In, class D>
  using On = convolutions::Passes<convolutions::Enlarged<PadConv<C, 3, 1, WithBias>::template geometry<In>()>, In, D,
                                  WithBias>;
};

}  // namespace ugatit
