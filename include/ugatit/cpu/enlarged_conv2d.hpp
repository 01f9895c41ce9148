// ops/enlarged_conv2d.hpp on the CPU: by Winograd's way or by tiles, straight from the small image, where the
// convolution would go that way (conv2d_choice.hpp); otherwise one after the other.
#pragma once

#include <ugatit/cpu/conv2d.hpp>
#include <ugatit/cpu/enlarged_tiles.hpp>
#include <ugatit/cpu/resample.hpp>
#include <ugatit/ops/enlarged_conv2d.hpp>

namespace ugatit {

namespace conv {

constexpr Index enlargement = 2;

/// Around the small image. The enlarged one's reflected border of 1 repeats its edge, and so the small one's.
inline Conv2dGeometry with_border_of_small(Conv2dGeometry g) {
  g.pad = {1, Border::replicate};
  return g;
}

/// An image twice as large, in memory of the arena.
template <class T>
class EnlargedImage {
 public:
  EnlargedImage(Cpu<T>& dev, const View<const T>& small)
      : memory_(dev.arena(), enlargement * enlargement * small.size()),
        view_{memory_.data(), small.batch, small.channels, enlargement * small.height, enlargement * small.width} {}

  const View<T>& view() const { return view_; }

 private:
  Buffer<Cpu<T>> memory_;
  View<T> view_;
};

}  // namespace conv

template <class T>
void enlarged_conv2d_forward(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> x, const T* w, const T* b, View<T> y) {
  const conv::Way way = conv::choose<T>(dev.products, g, y.extent());
  if (way == conv::Way::winograd) {
    return winograd::forward<winograd::Enlarged>(dev, conv::with_border_of_small(g), x, w, b, y);
  }
  if constexpr (std::is_same_v<T, float>) {
    if (way == conv::Way::tiles) return tiles::forward_enlarged(dev, tiles::best_unit(), g, x, w, b, y);
  }
  const conv::EnlargedImage<T> large(dev, x);
  upsample_forward(dev, conv::enlargement, x, large.view());
  conv2d_forward<T>(dev, g, large.view(), w, b, y);
}

template <class T>
void enlarged_conv2d_backward(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> x, View<const T> dy, const T* w,
                              T* dw, View<T> dx) {
  const conv::Way way = conv::choose<T>(dev.products, g, dy.extent());
  if (way == conv::Way::winograd) {
    return winograd::backward<winograd::Enlarged>(dev, conv::with_border_of_small(g), x, dy, w, dw, dx);
  }
  if constexpr (std::is_same_v<T, float>) {
    if (way == conv::Way::tiles) {
      if (dw != nullptr) tiles::backward_weight_enlarged(dev, tiles::best_unit(), g, x, dy, dw);
      if (dx.data != nullptr) tiles::backward_input_enlarged(dev, tiles::best_unit(), g, dy, w, dx);
      return;
    }
  }
  const conv::EnlargedImage<T> large(dev, x);
  if (dw != nullptr) {
    upsample_forward(dev, conv::enlargement, x, large.view());
    conv2d_backward_weight<T>(dev, g, large.view(), dy, dw);
  }
  if (dx.data != nullptr) {
    conv2d_backward_input<T>(dev, g, dy, w, large.view());
    upsample_backward<T>(dev, conv::enlargement, large.view(), dx);
  }
}

}  // namespace ugatit
