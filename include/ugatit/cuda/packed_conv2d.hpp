// ops/conv2d.hpp on `Cuda<tf32>` and `Cuda<bfloat16>` by cuDNN: all factors are such numbers in [N, H, W, C], all sums
// float. Images of few channels, which are float in [N, C, H, W], go there and come back with columns folded into
// channels; where cuDNN has no way, all of them go to float.
#pragma once

#include <ugatit/cuda/by_float.hpp>
#include <ugatit/cuda/conv2d.hpp>
#include <ugatit/cuda/folded_columns.hpp>
#include <ugatit/cuda/packed_weights.hpp>

namespace ugatit {

namespace cudnn {

/// Numbers as the plan has them.
template <ChannelsLast E>
using Packed = BufferOf<E, Cuda<E>>;

/// What cuDNN is asked for where channels are last, and where few of them are folded.
template <class X, class Y>
ConvolutionSizes sizes_on_tensor_cores(const Conv2dGeometry& g, View<X> x, View<Y> y, Products products) {
  ConvolutionSizes sizes = sizes_of(g, x, y, products);
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
  return sizes;
}

/// The plan for that.
template <ChannelsLast E, class X, class Y>
const ConvolutionPlan& plan_on_tensor_cores(Cuda<E>& dev, const Conv2dGeometry& g, View<X> x, View<Y> y) {
  const ConvolutionSizes sizes = sizes_on_tensor_cores(g, x, y, dev.products);
  return dev.convolution_plans().of(dev.cudnn(), sizes, dev.benchmark);
}

/// Whether there may be such a plan.
template <class X, class Y>
constexpr bool goes_on_tensor_cores(const Conv2dGeometry& g) {
  if constexpr (!channels_last<X>) return folded::from_few(g);
  return channels_last<Y> || folded::to_few(g);
}

/// Memory for weights as that plan has them, or their gradient.
template <class X, class Y, ChannelsLast E>
Packed<E> memory_for_weights(Cuda<E>& dev, const Conv2dGeometry& g) {
  Index size = g.out_channels * g.taps();
  if constexpr (!channels_last<X>) {
    size = g.out_channels * g.kernel * folded::channels(g.kernel, g.in_channels);
  } else if constexpr (!channels_last<Y>) {
    size = folded::outputs(g.kernel, g.out_channels) * g.kernel * g.in_channels;
  }
  return {dev.arena(), size};
}

/// Weights as that plan has them: made once for those that are held.
template <class X, class Y, ChannelsLast E>
Packed<E> packed(Cuda<E>& dev, const Conv2dGeometry& g, const float* w) {
  using Form = typename HeldWeights<Cuda<E>, E>::Form;
  return dev.held_weights().form(w, [&] {
    Form form{memory_for_weights<X, Y>(dev, g), {}};
    if constexpr (!channels_last<X>) {
      folded::pack_weights_from_few(dev, g, w, form.numbers.data());
    } else if constexpr (!channels_last<Y>) {
      folded::pack_weights_to_few(dev, g, w, form.numbers.data());
    } else {
      form.sizes = WeightSizes::of(g);
      packing::pack_weights(dev, form.sizes, w, form.numbers.data());
    }
    return form;
  });
}

/// Its gradient, to be added to the weights'.
template <class X, class Y, ChannelsLast E>
void add_weights(Cuda<E>& dev, const Conv2dGeometry& g, const E* gradient, float* dw) {
  if constexpr (!channels_last<X>) {
    folded::add_weights_from_few(dev, g, gradient, dw);
  } else if constexpr (!channels_last<Y>) {
    folded::add_weights_to_few(dev, g, gradient, dw);
  } else {
    packing::add_weights(dev, WeightSizes::of(g), gradient, dw);
  }
}

/// Memory for x as the plan has it: with its border, or folded.
template <ChannelsLast E, class X>
Packed<E> memory_for_x(Cuda<E>& dev, const Conv2dGeometry& g, View<X> x, Index out_width) {
  if constexpr (channels_last<X>) {
    return {dev.arena(), with_border<E>(g.pad, x, nullptr).size()};
  } else {
    return {dev.arena(), x.batch * (x.height + g.pad.both()) * out_width * folded::channels(g.kernel, x.channels)};
  }
}

/// An image of few channels, folded.
template <ChannelsLast E>
class FoldedImage {
 public:
  FoldedImage(Cuda<E>& dev, const Conv2dGeometry& g, View<const float> x, Index out_width)
      : memory_(memory_for_x(dev, g, x, out_width)) {
    folded::spread_image(dev, g, x, out_width, memory_.data());
  }
  const E* data() const { return memory_.data(); }

 private:
  Packed<E> memory_;
};

/// x as the plan has it.
template <ChannelsLast E, class X>
auto packed_image(Cuda<E>& dev, const Conv2dGeometry& g, View<const X> x, Index out_width) {
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
template <class X, ChannelsLast E>
class PackedGradient {
 public:
  template <class Y>
  PackedGradient(Cuda<E>& dev, const Conv2dGeometry& g, View<const Y> dy) {
    if constexpr (channels_last<Y>) {
      data_ = dy.data;
    } else {
      memory_ = Packed<E>(dev.arena(), folded_size<X>(g, dy));
      data_ = memory_.data();
      if constexpr (channels_last<X>) {
        folded::distribute(dev, g.kernel, dy, memory_.data());
      } else {
        packing::pack(dev, dy, memory_.data());
      }
    }
  }
  const E* data() const { return data_; }

 private:
  Packed<E> memory_;
  const E* data_ = nullptr;
};

/// What weights learn, as that plan gives it; nothing where there is none.
template <ChannelsLast E, class X, class Y>
Packed<E> packed_weights_gradient(Cuda<E>& dev, const Conv2dGeometry& g, View<const X> x, View<const Y> dy) {
  if (!goes_on_tensor_cores<X, Y>(g)) return {};
  const ConvolutionPlan& plan = plan_on_tensor_cores(dev, g, x, dy);
  if (!plan.backward_weight) return {};
  Packed<E> result = memory_for_weights<X, Y>(dev, g);
  const auto image = packed_image(dev, g, x, dy.width);
  const PackedGradient<X, E> gradient(dev, g, dy);
  run_backward_weight(dev, plan, image.data(), gradient.data(), zero, result.data());
  return result;
}

/// y += b
template <ChannelsLast E>
void add_bias(Cuda<E>& dev, View<E> y, const float* b) {
  const Eight<E>* const before = eights(static_cast<const E*>(y.data));
  const Index columns = y.channels / 8;
  map_eights(dev, y.size(), y.data, [=] UGATIT_KERNEL(Index i) {
    const Eight<E> own = before[i];
    const float* const shifts = b + Cell(columns, i).column * 8;
    return eight<E>([&](int k) { return own.at(k) + shifts[k]; });
  });
}

}  // namespace cudnn

template <ChannelsLast E, class X, class Y>
void conv2d_forward(Cuda<E>& dev, const Conv2dGeometry& g, View<const X> x, const float* w, const float* b, View<Y> y) {
  using namespace cudnn;
  if (goes_on_tensor_cores<X, Y>(g)) {
    const ConvolutionPlan& plan = plan_on_tensor_cores(dev, g, x, y);
    if (plan.forward) {
      const Packed<E> weights = packed<X, Y>(dev, g, w);
      const auto image = packed_image(dev, g, x, y.width);
      if constexpr (channels_last<Y>) {
        run_forward(dev, plan, image.data(), weights.data(), y.data);
        return b == nullptr ? void() : add_bias(dev, y, b);
      } else {
        const Packed<E> result(dev.arena(), folded_size<X>(g, y));
        run_forward(dev, plan, image.data(), weights.data(), result.data());
        if constexpr (channels_last<X>) return folded::collect(dev, g.kernel, result.data(), b, y);
        return packing::unpack(dev, result.data(), b, y);
      }
    }
  }
  const FromFloat result(dev, y);
  forward_in_float(dev, g, InFloat(dev, x).view(), w, b, result.view());
  result.finish();
}

template <ChannelsLast E, class Y, class X>
void conv2d_backward_input(Cuda<E>& dev, const Conv2dGeometry& g, View<const Y> dy, const float* w, View<X> dx) {
  using namespace cudnn;
  if (goes_on_tensor_cores<X, Y>(g)) {
    const ConvolutionPlan& plan = plan_on_tensor_cores(dev, g, dx, dy);
    if (plan.backward_input) {
      const Packed<E> weights = packed<X, Y>(dev, g, w);
      const PackedGradient<X, E> gradient(dev, g, dy);
      if constexpr (channels_last<X>) {
        if (g.pad.both() == 0) return run_backward_input(dev, plan, gradient.data(), weights.data(), dx.data);
      }
      const Packed<E> result = memory_for_x(dev, g, dx, dy.width);
      run_backward_input(dev, plan, gradient.data(), weights.data(), result.data());
      if constexpr (channels_last<X>) {
        return pad_backward(dev, g.pad, View<const E>(with_border<E>(g.pad, dx, result.data())), dx);
      } else {
        return folded::gather_image(dev, g, result.data(), dy.width, dx);
      }
    }
  }
  const FromFloat result(dev, dx);
  backward_input_in_float(dev, g, InFloat(dev, dy).view(), w, result.view());
  result.finish();
}

template <ChannelsLast E, class X, class Y>
void conv2d_backward_weight(Cuda<E>& dev, const Conv2dGeometry& g, View<const X> x, View<const Y> dy, float* dw) {
  if (const auto result = cudnn::packed_weights_gradient(dev, g, x, dy)) {
    return cudnn::add_weights<X, Y>(dev, g, result.data(), dw);
  }
  cudnn::backward_weight_in_float(dev, g, InFloat(dev, x).view(), InFloat(dev, dy).view(), dw);
}

/// What weights learn in the form in which they are packed (ops/convolved_adam.hpp).
template <ChannelsLast E>
BufferOf<E, Cuda<E>> conv2d_convolved(Cuda<E>& dev, const Conv2dGeometry& g, View<const E> x, View<const E> dy) {
  if (auto result = cudnn::packed_weights_gradient(dev, g, x, dy)) return result;
  return packing::packed_gradient(dev, g, [&](float* dw) {
    cudnn::backward_weight_in_float(dev, g, InFloat(dev, x).view(), InFloat(dev, dy).view(), dw);
  });
}

}  // namespace ugatit
