// ops/conv2d.hpp by cuDNN, in float, TF32 or bfloat16 (Products); where cuDNN has no way, by the plain kernels.
#pragma once

#include <ugatit/cuda/conv2d_direct.hpp>
#include <ugatit/cuda/half_layout.hpp>
#include <ugatit/cuda/half_weights.hpp>
#include <ugatit/cuda/launch.hpp>
#include <ugatit/cuda/map.hpp>

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

/// An image of x's size and its border.
inline View<float> with_border(PadGeometry g, View<const float> x, float* data) {
  return {data, x.batch, x.channels, x.height + g.both(), x.width + g.both()};
}

/// x with its border, in memory of the arena where there is one.
class WithBorder {
 public:
  WithBorder(D& dev, PadGeometry g, View<const float> x) : data_(x.data) {
    if (g.both() == 0) return;
    memory_ = Buffer<D>(dev.arena(), with_border(g, x, nullptr).size());
    pad_forward(dev, g, x, with_border(g, x, memory_.data()));
    data_ = memory_.data();
  }
  const float* data() const { return data_; }

 private:
  Buffer<D> memory_;
  const float* data_;
};

using Halves = BufferOf<bfloat16, D>;

/// An image in bfloat16 with its border.
inline Halves packed(D& dev, PadGeometry g, View<const float> x) {
  Halves memory(dev.arena(), with_border(g, x, nullptr).size());
  halves::pack(dev, g, x, memory.data());
  return memory;
}

/// Weights in bfloat16: made once for those that are held.
inline Halves packed(D& dev, const Conv2dGeometry& g, const float* w) {
  Halves* const held = dev.held_weights().find(w);
  if (held != nullptr && *held) return *held;
  Halves memory(dev.arena(), g.out_channels * g.taps());
  halves::pack_weights(dev, g.out_channels, g.in_channels, g.kernel * g.kernel, w, memory.data());
  if (held != nullptr) *held = memory;
  return memory;
}

/// What flows back into a convolution, in float, and in bfloat16 once somebody asks for that.
class Upstream {
 public:
  Upstream(D& dev, View<const float> dy) : dev_(dev), dy_(dy) {}
  View<const float> view() const { return dy_; }
  const bfloat16* halves() {
    if (!halves_) halves_ = packed(dev_, PadGeometry{0, Border::zero}, dy_);
    return halves_.data();
  }

 private:
  D& dev_;
  View<const float> dy_;
  Halves halves_;
};

inline const ConvolutionPlan& plan_of(D& dev, const Conv2dGeometry& g, View<const float> x, View<const float> y,
                                      bool in_halves) {
  const Products products = in_halves                       ? Products::bfloat16
                            : dev.products == Products::own ? Products::own
                                                            : Products::tf32;
  return dev.convolution_plans().of(dev.cudnn(), sizes_of(g, x, y, products));
}

inline void backward_input(D& dev, const Conv2dGeometry& g, Upstream& dy, const float* w, View<float> dx) {
  const Index padded_size = with_border(g.pad, dx, nullptr).size();
  if (dev.products == Products::bfloat16) {
    const ConvolutionPlan& plan = plan_of(dev, g, dx, dy.view(), true);
    if (plan.backward_input) {
      const Halves weights = packed(dev, g, w);
      const Halves result(dev.arena(), padded_size);
      run_backward_input(dev, plan, dy.halves(), weights.data(), result.data());
      if (g.pad.both() == 0) return halves::unpack(dev, result.data(), nullptr, dx);
      if (g.pad.border != Border::replicate) return halves::unpack_folded(dev, g.pad, result.data(), dx);
      const Buffer<D> padded(dev.arena(), padded_size);
      halves::unpack(dev, result.data(), nullptr, with_border(g.pad, dx, padded.data()));
      return pad_backward(dev, g.pad, with_border(g.pad, dx, padded.data()), dx);
    }
  }
  const ConvolutionPlan& plan = plan_of(dev, g, dx, dy.view(), false);
  if (!plan.backward_input) return direct::backward_input(dev, g, dy.view(), w, dx);
  if (g.pad.both() == 0) return run_backward_input(dev, plan, dy.view().data, w, dx.data);
  const Buffer<D> padded(dev.arena(), padded_size);
  run_backward_input(dev, plan, dy.view().data, w, padded.data());
  pad_backward(dev, g.pad, with_border(g.pad, dx, padded.data()), dx);
}

inline void backward_weight(D& dev, const Conv2dGeometry& g, View<const float> x, Upstream& dy, float* dw) {
  if (dev.products == Products::bfloat16) {
    const ConvolutionPlan& plan = plan_of(dev, g, x, dy.view(), true);
    if (plan.backward_weight) {
      const Halves image = packed(dev, g.pad, x);
      const Halves result(dev.arena(), g.out_channels * g.taps());
      run_backward_weight(dev, plan, image.data(), dy.halves(), zero, result.data());
      return halves::add_weights(dev, g.out_channels, g.in_channels, g.kernel * g.kernel, result.data(), dw);
    }
  }
  const ConvolutionPlan& plan = plan_of(dev, g, x, dy.view(), false);
  if (!plan.backward_weight) return direct::backward_weight(dev, g, x, dy.view(), dw);
  const WithBorder image(dev, g.pad, x);
  run_backward_weight(dev, plan, image.data(), dy.view().data, one, dw);
}

}  // namespace cudnn

inline void conv2d_forward(Cuda<float>& dev, const Conv2dGeometry& g, View<const float> x, const float* w,
                           const float* b, View<float> y) {
  using namespace cudnn;
  if (dev.products == Products::bfloat16) {
    const ConvolutionPlan& plan = plan_of(dev, g, x, y, true);
    if (plan.forward) {
      const Halves image = packed(dev, g.pad, x);
      const Halves weights = packed(dev, g, w);
      const Halves result(dev.arena(), y.size());
      run_forward(dev, plan, image.data(), weights.data(), result.data());
      return halves::unpack(dev, result.data(), b, y);
    }
  }
  const ConvolutionPlan& plan = plan_of(dev, g, x, y, false);
  if (!plan.forward) return direct::forward(dev, g, x, w, b, y);
  const WithBorder image(dev, g.pad, x);
  run_forward(dev, plan, image.data(), w, y.data);
  if (b == nullptr) return;
  for_each_team(dev, y.batch * y.channels, y.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    float* const to = y.data + plane * y.area();
    const float shift = b[Cell(y.channels, plane).column];
    map(team, y.area(), to, [=](Index i) { return to[i] + shift; });
  });
}

inline void conv2d_backward_input(Cuda<float>& dev, const Conv2dGeometry& g, View<const float> dy, const float* w,
                                  View<float> dx) {
  cudnn::Upstream upstream(dev, dy);
  cudnn::backward_input(dev, g, upstream, w, dx);
}

inline void conv2d_backward_weight(Cuda<float>& dev, const Conv2dGeometry& g, View<const float> x, View<const float> dy,
                                   float* dw) {
  cudnn::Upstream upstream(dev, dy);
  cudnn::backward_weight(dev, g, x, upstream, dw);
}

/// Both, side by side, with dy rounded once.
inline void conv2d_backward(Cuda<float>& dev, const Conv2dGeometry& g, View<const float> x, View<const float> dy,
                            const float* w, float* dw, View<float> dx) {
  cudnn::Upstream upstream(dev, dy);
  const auto learn = [&] { cudnn::backward_weight(dev, g, x, upstream, dw); };
  const auto go_back = [&] { cudnn::backward_input(dev, g, upstream, w, dx); };
  if (dx.data == nullptr) return dw == nullptr ? void() : learn();
  if (dw == nullptr) return go_back();
  if (dev.products == Products::bfloat16) upstream.halves();
  dev.side_by_side(go_back, learn);
}

}  // namespace ugatit
