// ops/conv2d.hpp on images in float by cuDNN, without tensor cores; where cuDNN has no way, by the plain kernels.
#pragma once

#include <ugatit/cuda/conv2d_direct.hpp>
#include <ugatit/cuda/cudnn_run.hpp>
#include <ugatit/cuda/launch.hpp>
#include <ugatit/cuda/map.hpp>

namespace ugatit {

namespace cudnn {

/// An image of x's size and its border.
template <class T>
View<T> with_border(PadGeometry g, View<const T> x, T* data) {
  return {data, x.batch, x.channels, x.height + g.both(), x.width + g.both()};
}

/// x with its border, in memory of the arena where there is one.
template <class D, class T>
class WithBorder {
 public:
  WithBorder(D& dev, PadGeometry g, View<const T> x) : data_(x.data) {
    if (g.both() == 0) return;
    memory_ = BufferOf<T, D>(dev.arena(), with_border<T>(g, x, nullptr).size());
    pad_forward(dev, g, x, with_border<T>(g, x, memory_.data()));
    data_ = memory_.data();
  }
  const T* data() const { return data_; }

 private:
  BufferOf<T, D> memory_;
  const T* data_;
};

/// A way to compute in float. On devices for tensor cores it is for what those have no way for.
template <class T>
const ConvolutionPlan& plan_in_float(Cuda<T>& dev, const Conv2dGeometry& g, View<const float> x, View<const float> y) {
  return dev.convolution_plans().of(dev.cudnn(), sizes_of(g, x, y, Products::own), dev.benchmark);
}

template <class T>
void forward_in_float(Cuda<T>& dev, const Conv2dGeometry& g, View<const float> x, const float* w, const float* b,
                      View<float> y) {
  const ConvolutionPlan& plan = plan_in_float(dev, g, x, y);
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

template <class T>
void backward_input_in_float(Cuda<T>& dev, const Conv2dGeometry& g, View<const float> dy, const float* w,
                             View<float> dx) {
  const ConvolutionPlan& plan = plan_in_float(dev, g, dx, dy);
  if (!plan.backward_input) return direct::backward_input(dev, g, dy, w, dx);
  if (g.pad.both() == 0) return run_backward_input(dev, plan, dy.data, w, dx.data);
  const Buffer<Cuda<T>> memory(dev.arena(), with_border<float>(g.pad, dx, nullptr).size());
  const View<float> padded = with_border<float>(g.pad, dx, memory.data());
  run_backward_input(dev, plan, dy.data, w, padded.data);
  pad_backward(dev, g.pad, View<const float>(padded), dx);
}

template <class T>
void backward_weight_in_float(Cuda<T>& dev, const Conv2dGeometry& g, View<const float> x, View<const float> dy,
                              float* dw) {
  const ConvolutionPlan& plan = plan_in_float(dev, g, x, dy);
  if (!plan.backward_weight) return direct::backward_weight(dev, g, x, dy, dw);
  const WithBorder image(dev, g.pad, x);
  run_backward_weight(dev, plan, image.data(), dy.data, one, dw);
}

}  // namespace cudnn

inline void conv2d_forward(Cuda<float>& dev, const Conv2dGeometry& g, View<const float> x, const float* w,
                           const float* b, View<float> y) {
  cudnn::forward_in_float(dev, g, x, w, b, y);
}

inline void conv2d_backward_input(Cuda<float>& dev, const Conv2dGeometry& g, View<const float> dy, const float* w,
                                  View<float> dx) {
  cudnn::backward_input_in_float(dev, g, dy, w, dx);
}

inline void conv2d_backward_weight(Cuda<float>& dev, const Conv2dGeometry& g, View<const float> x, View<const float> dy,
                                   float* dw) {
  cudnn::backward_weight_in_float(dev, g, x, dy, dw);
}

/// Both, side by side.
template <class T, class X, class Y>
void conv2d_backward(Cuda<T>& dev, const Conv2dGeometry& g, View<const X> x, View<const Y> dy, const float* w,
                     float* dw, View<X> dx) {
  const auto learn = [&] { conv2d_backward_weight(dev, g, x, dy, dw); };
  const auto go_back = [&] { conv2d_backward_input(dev, g, dy, w, dx); };
  if (dx.data == nullptr) return dw == nullptr ? void() : learn();
  if (dw == nullptr) return go_back();
  dev.side_by_side(go_back, learn);
}

}  // namespace ugatit
