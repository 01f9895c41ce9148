// ops/conv2d.hpp on `Cuda<bfloat16>` by cuDNN: all factors are bfloat16 in [N, H, W, C], all sums float. Images of few
// channels, which are float, go there and come back; where cuDNN has no way, all of them go to float.
#pragma once

#include <ugatit/cuda/by_float.hpp>
#include <ugatit/cuda/conv2d.hpp>
#include <ugatit/cuda/half_weights.hpp>

namespace ugatit {

namespace cudnn {

using Halves = BufferOf<bfloat16, Cuda<bfloat16>>;

/// An image in bfloat16 with its border: itself, where it is that already.
class HalfImage {
 public:
  HalfImage(Cuda<bfloat16>& dev, PadGeometry g, View<const bfloat16> x) : data_(x.data) {
    if (g.both() == 0) return;
    memory_ = Halves(dev.arena(), with_border<bfloat16>(g, x, nullptr).size());
    pad_forward(dev, g, x, with_border<bfloat16>(g, x, memory_.data()));
    data_ = memory_.data();
  }
  HalfImage(Cuda<bfloat16>& dev, PadGeometry g, View<const float> x)
      : memory_(dev.arena(), with_border<float>(g, x, nullptr).size()), data_(memory_.data()) {
    halves::pack(dev, g, x, memory_.data());
  }
  const bfloat16* data() const { return data_; }

 private:
  Halves memory_;
  const bfloat16* data_;
};

/// What flows back, likewise.
template <class Y>
HalfImage upstream(Cuda<bfloat16>& dev, View<const Y> dy) {
  return {dev, PadGeometry{0, Border::zero}, dy};
}

/// Weights in bfloat16: made once for those that are held.
inline Halves packed(Cuda<bfloat16>& dev, const Conv2dGeometry& g, const float* w) {
  Halves* const held = dev.held_weights().find(w);
  if (held != nullptr && *held) return *held;
  Halves memory(dev.arena(), g.out_channels * g.taps());
  halves::pack_weights(dev, g.out_channels, g.in_channels, g.kernel * g.kernel, w, memory.data());
  if (held != nullptr) *held = memory;
  return memory;
}

template <class X, class Y>
const ConvolutionPlan& plan_in_halves(Cuda<bfloat16>& dev, const Conv2dGeometry& g, View<X> x, View<Y> y) {
  return dev.convolution_plans().of(dev.cudnn(), sizes_of(g, x, y, Products::bfloat16));
}

/// y += b
inline void add_bias(Cuda<bfloat16>& dev, View<bfloat16> y, const float* b) {
  const Eight* const before = eights(static_cast<const bfloat16*>(y.data));
  const Index columns = y.channels / 8;
  map_eights(dev, y.size(), y.data, [=] UGATIT_KERNEL(Index i) {
    const Eight own = before[i];
    const float* const shifts = b + Cell(columns, i).column * 8;
    return eight([&](int k) { return own.at(k) + shifts[k]; });
  });
}

inline void forward(Cuda<bfloat16>& dev, const ConvolutionPlan& plan, const bfloat16* x, const bfloat16* w,
                    const float* b, View<bfloat16> y) {
  run_forward(dev, plan, x, w, y.data);
  if (b != nullptr) add_bias(dev, y, b);
}

inline void forward(Cuda<bfloat16>& dev, const ConvolutionPlan& plan, const bfloat16* x, const bfloat16* w,
                    const float* b, View<float> y) {
  const Halves result(dev.arena(), y.size());
  run_forward(dev, plan, x, w, result.data());
  halves::unpack(dev, result.data(), b, y);
}

inline void backward_input(Cuda<bfloat16>& dev, PadGeometry g, const ConvolutionPlan& plan, const bfloat16* dy,
                           const bfloat16* w, View<bfloat16> dx) {
  if (g.both() == 0) return run_backward_input(dev, plan, dy, w, dx.data);
  const Halves memory(dev.arena(), with_border<bfloat16>(g, dx, nullptr).size());
  const View<bfloat16> padded = with_border<bfloat16>(g, dx, memory.data());
  run_backward_input(dev, plan, dy, w, padded.data);
  pad_backward(dev, g, View<const bfloat16>(padded), dx);
}

inline void backward_input(Cuda<bfloat16>& dev, PadGeometry g, const ConvolutionPlan& plan, const bfloat16* dy,
                           const bfloat16* w, View<float> dx) {
  const Index size = with_border<float>(g, dx, nullptr).size();
  const Halves result(dev.arena(), size);
  run_backward_input(dev, plan, dy, w, result.data());
  if (g.both() == 0) return halves::unpack(dev, result.data(), nullptr, dx);
  if (g.border != Border::replicate) return halves::unpack_folded(dev, g, result.data(), dx);
  const Buffer<Cuda<bfloat16>> memory(dev.arena(), size);
  const View<float> padded = with_border<float>(g, dx, memory.data());
  halves::unpack(dev, result.data(), nullptr, padded);
  pad_backward(dev, g, View<const float>(padded), dx);
}

}  // namespace cudnn

template <class X, class Y>
void conv2d_forward(Cuda<bfloat16>& dev, const Conv2dGeometry& g, View<const X> x, const float* w, const float* b,
                    View<Y> y) {
  using namespace cudnn;
  const ConvolutionPlan& plan = plan_in_halves(dev, g, x, y);
  if (plan.forward) {
    const Halves weights = packed(dev, g, w);
    const HalfImage image(dev, g.pad, x);
    return forward(dev, plan, image.data(), weights.data(), b, y);
  }
  const FromFloat result(dev, y);
  forward_in_float(dev, g, InFloat(dev, x).view(), w, b, result.view());
  result.finish();
}

template <class Y, class X>
void conv2d_backward_input(Cuda<bfloat16>& dev, const Conv2dGeometry& g, View<const Y> dy, const float* w, View<X> dx) {
  using namespace cudnn;
  const ConvolutionPlan& plan = plan_in_halves(dev, g, dx, dy);
  if (plan.backward_input) {
    const Halves weights = packed(dev, g, w);
    return backward_input(dev, g.pad, plan, upstream(dev, dy).data(), weights.data(), dx);
  }
  const FromFloat result(dev, dx);
  backward_input_in_float(dev, g, InFloat(dev, dy).view(), w, result.view());
  result.finish();
}

template <class X, class Y>
void conv2d_backward_weight(Cuda<bfloat16>& dev, const Conv2dGeometry& g, View<const X> x, View<const Y> dy,
                            float* dw) {
  using namespace cudnn;
  const ConvolutionPlan& plan = plan_in_halves(dev, g, x, dy);
  if (plan.backward_weight) {
    const HalfImage image(dev, g.pad, x);
    const Halves result(dev.arena(), g.out_channels * g.taps());
    run_backward_weight(dev, plan, image.data(), upstream(dev, dy).data(), zero, result.data());
    return halves::add_weights(dev, g.out_channels, g.in_channels, g.kernel * g.kernel, result.data(), dw);
  }
  backward_weight_in_float(dev, g, InFloat(dev, x).view(), InFloat(dev, dy).view(), dw);
}

}  // namespace ugatit
