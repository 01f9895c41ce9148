// Images in bfloat16 for operations that are for float: the way there, and the way back.
#pragma once

#include <ugatit/cuda/half_layout.hpp>

namespace ugatit {

/// An image in float, whatever it is in. It holds the memory.
template <LaunchesKernels D>
class InFloat {
 public:
  InFloat(D&, View<const float> x) : view_(x) {}
  InFloat(D& dev, View<const bfloat16> x) : memory_(dev.arena(), x.size()) {
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
template <LaunchesKernels D>
class FromFloat {
 public:
  FromFloat(D& dev, View<float> y) : dev_(dev), view_(y) {}
  FromFloat(D& dev, View<bfloat16> y)
      : dev_(dev),
        memory_(dev.arena(), y.size()),
        view_{memory_.data(), y.batch, y.channels, y.height, y.width},
        y_(y) {}
  View<float> view() const { return view_; }
  void finish() const {
    if (y_.data != nullptr) convert(dev_, View<const float>(view_), y_);
  }

 private:
  D& dev_;
  Buffer<D> memory_;
  View<float> view_;
  View<bfloat16> y_;
};

}  // namespace ugatit
