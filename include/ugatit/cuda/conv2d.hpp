// ops/conv2d.hpp by cuDNN, in float, TF32 or bfloat16 (Products); where cuDNN has no way, by the plain kernels.
#pragma once

#include <ugatit/cuda/conv2d_direct.hpp>
#include <ugatit/cuda/half_layout.hpp>
#include <ugatit/cuda/launch.hpp>

namespace ugatit {

namespace cudnn {

using D = Cuda<float>;

// What cuDNN is asked for: x with its border already laid on.
inline ConvolutionSizes sizes_of(const Conv2dGeometry& g, View<const float> x, View<const float> y, Products products) {
  const auto whole = [](Index i) { return static_cast<int>(i); };
  return {whole(x.batch),
          whole(x.channels),
          whole(x.height + g.pad.both()),
          whole(x.width + g.pad.both()),
          whole(y.channels),
          whole(y.height),
          whole(y.width),
          whole(g.kernel),
          whole(g.stride),
          products};
}

/// The memory that an algorithm works in.
class Workspace {
 public:
  Workspace(D& dev, std::size_t bytes) : memory_(dev.arena(), static_cast<Index>(bytes)), bytes_(bytes) {}
  void* data() const { return bytes_ == 0 ? nullptr : memory_.data(); }
  std::size_t bytes() const { return bytes_; }

 private:
  BufferOf<std::byte, D> memory_;
  std::size_t bytes_;
};

constexpr float one = 1;
constexpr float zero = 0;

inline void run_forward(D& dev, const ConvolutionPlan& p, const void* x, const void* w, void* y) {
  const Workspace work(dev, p.forward.bytes);
  UGATIT_CHECK(cudnnConvolutionForward(dev.cudnn(), &one, p.x, x, p.w, w, p.forward.convolution, p.forward.algorithm,
                                       work.data(), work.bytes(), &zero, p.y, y));
}

inline void run_backward_input(D& dev, const ConvolutionPlan& p, const void* dy, const void* w, void* dx) {
  const Workspace work(dev, p.backward_input.bytes);
  UGATIT_CHECK(cudnnConvolutionBackwardData(dev.cudnn(), &one, p.w, w, p.y, dy, p.backward_input.convolution,
                                            p.backward_input.algorithm, work.data(), work.bytes(), &zero, p.x, dx));
}

// `add` is 1 where the gradient is added to what is there, 0 where it is written.
inline void run_backward_weight(D& dev, const ConvolutionPlan& p, const void* x, const void* dy, const float& add,
                                void* dw) {
  const Workspace work(dev, p.backward_weight.bytes);
  UGATIT_CHECK(cudnnConvolutionBackwardFilter(dev.cudnn(), &one, p.x, x, p.y, dy, p.backward_weight.convolution,
                                              p.backward_weight.algorithm, work.data(), work.bytes(), &add, p.w, dw));
}

/// x with its border, in memory of the arena where there is one.
class WithBorder {
 public:
  WithBorder(D& dev, PadGeometry g, View<const float> x) : data_(x.data) {
    if (g.both() == 0) return;
    View<float> padded{nullptr, x.batch, x.channels, x.height + g.both(), x.width + g.both()};
    memory_ = Buffer<D>(dev.arena(), padded.size());
    padded.data = memory_.data();
    pad_forward(dev, g, x, padded);
    data_ = padded.data;
  }
  const float* data() const { return data_; }

 private:
  Buffer<D> memory_;
  const float* data_;
};

/// An image in bfloat16 with its border, or weights.
class Packed {
 public:
  Packed(D& dev, PadGeometry g, View<const float> x)
      : memory_(dev.arena(), x.batch * x.channels * (x.height + g.both()) * (x.width + g.both())) {
    halves::pack(dev, g, x, memory_.data());
  }
  Packed(D& dev, const Conv2dGeometry& g, const float* w) : memory_(dev.arena(), g.out_channels * g.taps()) {
    halves::pack_weights(dev, g.out_channels, g.in_channels, g.kernel * g.kernel, w, memory_.data());
  }
  const bfloat16* data() const { return memory_.data(); }

 private:
  BufferOf<bfloat16, D> memory_;
};

inline constexpr PadGeometry no_border{0, Border::zero};

}  // namespace cudnn

inline void conv2d_forward(Cuda<float>& dev, const Conv2dGeometry& g, View<const float> x, const float* w,
                           const float* b, View<float> y) {
  using namespace cudnn;
  if (dev.products == Products::bfloat16) {
    const ConvolutionPlan& plan = dev.convolution_plans().of(dev.cudnn(), sizes_of(g, x, y, Products::bfloat16));
    if (plan.forward) {
      const Packed image(dev, g.pad, x);
      const Packed weights(dev, g, w);
      const BufferOf<bfloat16, D> result(dev.arena(), y.size());
      run_forward(dev, plan, image.data(), weights.data(), result.data());
      return halves::unpack(dev, result.data(), b, y);
    }
  }
  const Products products = dev.products == Products::own ? Products::own : Products::tf32;
  const ConvolutionPlan& plan = dev.convolution_plans().of(dev.cudnn(), sizes_of(g, x, y, products));
  if (!plan.forward) return direct::forward(dev, g, x, w, b, y);
  const WithBorder image(dev, g.pad, x);
  run_forward(dev, plan, image.data(), w, y.data);
  if (b == nullptr) return;
  for_each(dev, y.size(), [=] UGATIT_KERNEL(Index i) { y.data[i] += b[Place(y, i).c]; });
}

inline void conv2d_backward_input(Cuda<float>& dev, const Conv2dGeometry& g, View<const float> dy, const float* w,
                                  View<float> dx) {
  using namespace cudnn;
  const auto plan_for = [&](Products products) -> const ConvolutionPlan& {
    return dev.convolution_plans().of(dev.cudnn(), sizes_of(g, dx, dy, products));
  };
  const Index padded_size = dx.batch * dx.channels * (dx.height + g.pad.both()) * (dx.width + g.pad.both());
  if (dev.products == Products::bfloat16 && plan_for(Products::bfloat16).backward_input) {
    const Packed gradient(dev, no_border, dy);
    const Packed weights(dev, g, w);
    const BufferOf<bfloat16, D> result(dev.arena(), padded_size);
    run_backward_input(dev, plan_for(Products::bfloat16), gradient.data(), weights.data(), result.data());
    return g.pad.both() == 0 ? halves::unpack(dev, result.data(), nullptr, dx)
                             : halves::unpack_folded(dev, g.pad, result.data(), dx);
  }
  const ConvolutionPlan& plan = plan_for(dev.products == Products::own ? Products::own : Products::tf32);
  if (!plan.backward_input) return direct::backward_input(dev, g, dy, w, dx);
  if (g.pad.both() == 0) return run_backward_input(dev, plan, dy.data, w, dx.data);
  const Buffer<D> padded(dev.arena(), padded_size);
  run_backward_input(dev, plan, dy.data, w, padded.data());
  pad_backward(dev, g.pad, {padded.data(), dx.batch, dx.channels, dx.height + g.pad.both(), dx.width + g.pad.both()},
               dx);
}

inline void conv2d_backward_weight(Cuda<float>& dev, const Conv2dGeometry& g, View<const float> x, View<const float> dy,
                                   float* dw) {
  using namespace cudnn;
  const auto plan_for = [&](Products products) -> const ConvolutionPlan& {
    return dev.convolution_plans().of(dev.cudnn(), sizes_of(g, x, dy, products));
  };
  if (dev.products == Products::bfloat16 && plan_for(Products::bfloat16).backward_weight) {
    const Packed image(dev, g.pad, x);
    const Packed gradient(dev, no_border, dy);
    const BufferOf<bfloat16, D> result(dev.arena(), g.out_channels * g.taps());
    run_backward_weight(dev, plan_for(Products::bfloat16), image.data(), gradient.data(), zero, result.data());
    return halves::add_weights(dev, g.out_channels, g.in_channels, g.kernel * g.kernel, result.data(), dw);
  }
  const ConvolutionPlan& plan = plan_for(dev.products == Products::own ? Products::own : Products::tf32);
  if (!plan.backward_weight) return direct::backward_weight(dev, g, x, dy, dw);
  const WithBorder image(dev, g.pad, x);
  run_backward_weight(dev, plan, image.data(), dy.data, one, dw);
}

}  // namespace ugatit
