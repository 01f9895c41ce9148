// ops/conv2d.hpp on `Cuda<bfloat16>` by cuDNN: all factors are bfloat16 in [N, H, W, C], all sums float. Images of few
// channels, which are float, go there and come back with columns folded into channels; where cuDNN has no way, all of
// them go to float.
#pragma once

#include <ugatit/cuda/by_float.hpp>
#include <ugatit/cuda/conv2d.hpp>
#include <ugatit/cuda/folded_columns.hpp>
#include <ugatit/cuda/half_weights.hpp>

namespace ugatit {

namespace cudnn {

using HalfDevice = Cuda<bfloat16>;
using Halves = BufferOf<bfloat16, HalfDevice>;

/// The plan for images in bfloat16, and those of few channels folded.
template <class X, class Y>
const ConvolutionPlan& plan_in_halves(HalfDevice& dev, const Conv2dGeometry& g, View<X> x, View<Y> y) {
  ConvolutionSizes sizes = sizes_of(g, x, y, Products::bfloat16);
  if constexpr (!channels_last<X>) {
    sizes.in_channels = static_cast<int>(folded::channels(g.kernel, x.channels));
    sizes.width = sizes.out_width;
    sizes.kernel_width = 1;
    sizes.stride_across = 1;
  } else if constexpr (!channels_last<Y>) {
    sizes.out_channels = static_cast<int>(folded::outputs(g.kernel, y.channels));
    sizes.out_width = sizes.width;
    sizes.kernel_width = 1;
  }
  return dev.convolution_plans().of(dev.cudnn(), sizes, dev.benchmark);
}

/// Whether there may be such a plan.
template <class X, class Y>
constexpr bool goes_in_halves(const Conv2dGeometry& g) {
  if constexpr (!channels_last<X>) return folded::from_few(g);
  return channels_last<Y> || folded::to_few(g);
}

/// Memory for weights as that plan has them, or their gradient.
template <class X, class Y>
Halves memory_for_weights(HalfDevice& dev, const Conv2dGeometry& g) {
  Index size = g.out_channels * g.taps();
  if constexpr (!channels_last<X>) {
    size = g.out_channels * g.kernel * folded::channels(g.kernel, g.in_channels);
  } else if constexpr (!channels_last<Y>) {
    size = folded::outputs(g.kernel, g.out_channels) * g.kernel * g.in_channels;
  }
  return {dev.arena(), size};
}

/// Weights as that plan has them: made once for those that are held.
template <class X, class Y>
Halves packed(HalfDevice& dev, const Conv2dGeometry& g, const float* w) {
  Halves* const held = dev.held_weights().find(w);
  if (held != nullptr && *held) return *held;
  Halves memory = memory_for_weights<X, Y>(dev, g);
  if constexpr (!channels_last<X>) {
    folded::pack_weights_from_few(dev, g, w, memory.data());
  } else if constexpr (!channels_last<Y>) {
    folded::pack_weights_to_few(dev, g, w, memory.data());
  } else {
    halves::pack_weights(dev, g.out_channels, g.in_channels, g.kernel * g.kernel, w, memory.data());
  }
  if (held != nullptr) *held = memory;
  return memory;
}

/// Its gradient, to be added to the weights'.
template <class X, class Y>
void add_weights(HalfDevice& dev, const Conv2dGeometry& g, const bfloat16* gradient, float* dw) {
  if constexpr (!channels_last<X>) {
    folded::add_weights_from_few(dev, g, gradient, dw);
  } else if constexpr (!channels_last<Y>) {
    folded::add_weights_to_few(dev, g, gradient, dw);
  } else {
    halves::add_weights(dev, g.out_channels, g.in_channels, g.kernel * g.kernel, gradient, dw);
  }
}

/// Memory for x as the plan has it: with its border, or folded.
template <class X>
Halves memory_for_x(HalfDevice& dev, const Conv2dGeometry& g, View<X> x, Index out_width) {
  if constexpr (channels_last<X>) {
    return {dev.arena(), with_border<bfloat16>(g.pad, x, nullptr).size()};
  } else {
    return {dev.arena(), x.batch * (x.height + g.pad.both()) * out_width * folded::channels(g.kernel, x.channels)};
  }
}

/// An image of few channels, folded.
class FoldedImage {
 public:
  FoldedImage(HalfDevice& dev, const Conv2dGeometry& g, View<const float> x, Index out_width)
      : memory_(memory_for_x(dev, g, x, out_width)) {
    folded::spread_image(dev, g, x, out_width, memory_.data());
  }
  const bfloat16* data() const { return memory_.data(); }

 private:
  Halves memory_;
};

/// x as the plan has it.
template <class X>
auto half_image(HalfDevice& dev, const Conv2dGeometry& g, View<const X> x, Index out_width) {
  if constexpr (channels_last<X>) {
    return WithBorder(dev, g.pad, x);
  } else {
    return FoldedImage(dev, g, x, out_width);
  }
}

/// How many numbers y has as the plan has it.
template <class X, class Y>
Index folded_size(const Conv2dGeometry& g, View<Y> y) {
  if constexpr (channels_last<X> && !channels_last<Y>) {
    return y.batch * y.height * (y.width + g.kernel - 1) * folded::outputs(g.kernel, y.channels);
  }
  return y.size();
}

/// dy as the plan has it. X is of x.
template <class X, class Y>
class HalfGradient {
 public:
  HalfGradient(HalfDevice& dev, const Conv2dGeometry& g, View<const Y> dy) {
    if constexpr (channels_last<Y>) {
      data_ = dy.data;
    } else {
      memory_ = Halves(dev.arena(), folded_size<X>(g, dy));
      data_ = memory_.data();
      if constexpr (channels_last<X>) {
        folded::distribute(dev, g.kernel, dy, memory_.data());
      } else {
        halves::pack(dev, dy, memory_.data());
      }
    }
  }
  const bfloat16* data() const { return data_; }

 private:
  Halves memory_;
  const bfloat16* data_ = nullptr;
};

/// y += b
inline void add_bias(HalfDevice& dev, View<bfloat16> y, const float* b) {
  const Eight* const before = eights(static_cast<const bfloat16*>(y.data));
  const Index columns = y.channels / 8;
  map_eights(dev, y.size(), y.data, [=] UGATIT_KERNEL(Index i) {
    const Eight own = before[i];
    const float* const shifts = b + Cell(columns, i).column * 8;
    return eight([&](int k) { return own.at(k) + shifts[k]; });
  });
}

}  // namespace cudnn

template <class X, class Y>
void conv2d_forward(Cuda<bfloat16>& dev, const Conv2dGeometry& g, View<const X> x, const float* w, const float* b,
                    View<Y> y) {
  using namespace cudnn;
  if (goes_in_halves<X, Y>(g)) {
    const ConvolutionPlan& plan = plan_in_halves(dev, g, x, y);
    if (plan.forward) {
      const Halves weights = packed<X, Y>(dev, g, w);
      const auto image = half_image(dev, g, x, y.width);
      if constexpr (channels_last<Y>) {
        run_forward(dev, plan, image.data(), weights.data(), y.data);
        return b == nullptr ? void() : add_bias(dev, y, b);
      } else {
        const Halves result(dev.arena(), folded_size<X>(g, y));
        run_forward(dev, plan, image.data(), weights.data(), result.data());
        if constexpr (channels_last<X>) return folded::collect(dev, g.kernel, result.data(), b, y);
        return halves::unpack(dev, result.data(), b, y);
      }
    }
  }
  const FromFloat result(dev, y);
  forward_in_float(dev, g, InFloat(dev, x).view(), w, b, result.view());
  result.finish();
}

template <class Y, class X>
void conv2d_backward_input(Cuda<bfloat16>& dev, const Conv2dGeometry& g, View<const Y> dy, const float* w, View<X> dx) {
  using namespace cudnn;
  if (goes_in_halves<X, Y>(g)) {
    const ConvolutionPlan& plan = plan_in_halves(dev, g, dx, dy);
    if (plan.backward_input) {
      const Halves weights = packed<X, Y>(dev, g, w);
      const HalfGradient<X, Y> gradient(dev, g, dy);
      if constexpr (channels_last<X>) {
        if (g.pad.both() == 0) return run_backward_input(dev, plan, gradient.data(), weights.data(), dx.data);
      }
      const Halves result = memory_for_x(dev, g, dx, dy.width);
      run_backward_input(dev, plan, gradient.data(), weights.data(), result.data());
      if constexpr (channels_last<X>) {
        return pad_backward(dev, g.pad, View<const bfloat16>(with_border<bfloat16>(g.pad, dx, result.data())), dx);
      } else {
        return folded::gather_image(dev, g, result.data(), dy.width, dx);
      }
    }
  }
  const FromFloat result(dev, dx);
  backward_input_in_float(dev, g, InFloat(dev, dy).view(), w, result.view());
  result.finish();
}

template <class X, class Y>
void conv2d_backward_weight(Cuda<bfloat16>& dev, const Conv2dGeometry& g, View<const X> x, View<const Y> dy,
                            float* dw) {
  using namespace cudnn;
  if (goes_in_halves<X, Y>(g)) {
    const ConvolutionPlan& plan = plan_in_halves(dev, g, x, dy);
    if (plan.backward_weight) {
      const auto image = half_image(dev, g, x, dy.width);
      const HalfGradient<X, Y> gradient(dev, g, dy);
      const Halves result = memory_for_weights<X, Y>(dev, g);
      run_backward_weight(dev, plan, image.data(), gradient.data(), zero, result.data());
      return add_weights<X, Y>(dev, g, result.data(), dw);
    }
  }
  backward_weight_in_float(dev, g, InFloat(dev, x).view(), InFloat(dev, dy).view(), dw);
}

}  // namespace ugatit
