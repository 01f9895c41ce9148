// Images of which channels are last for operations that are for [N, C, H, W]: the way there, and the way back.
#pragma once

#include <ugatit/cuda/packed_images.hpp>

namespace ugatit {

/// An image in float, whatever it is in. It holds the memory.
template <LaunchesKernels D>
class InFloat {
 public:
  InFloat(D&, View<const float> x) : view_(x) {}
  template <ChannelsLast E>
  InFloat(D& dev, View<const E> x) : memory_(dev.arena(), x.size()) {
    const View<float> copy{memory_.data(), x.batch, x.channels, x.height, x.width};
    convert(dev, x, copy);
    view_ = copy;
  }
  View<const float> view() const { return view_; }

 private:
  Buffer<D> memory_;
  View<const float> view_;
};

/// Where an operation writes an image in float; `finish` brings it to where it belongs.
template <LaunchesKernels D, class T>
class FromFloat {
 public:
  FromFloat(D& dev, View<T> y) : dev_(dev), y_(y) {
    if constexpr (channels_last<T>) memory_ = Buffer<D>(dev.arena(), y.size());
  }
  View<float> view() const {
    if constexpr (channels_last<T>) {
      return {memory_.data(), y_.batch, y_.channels, y_.height, y_.width};
    } else {
      return y_;
    }
  }
  void finish() const {
    if constexpr (channels_last<T>) convert(dev_, View<const float>(view()), y_);
  }

 private:
  D& dev_;
  Buffer<D> memory_;
  View<T> y_;
};

}  // namespace ugatit
