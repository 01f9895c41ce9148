// Calls of cuDNN for one convolution, with the memory that its algorithms work in.
#pragma once

#include <ugatit/cuda/device.hpp>
#include <ugatit/ops/conv2d.hpp>

namespace ugatit {

namespace cudnn {

/// What cuDNN is asked for: x with its border already laid on.
template <class X, class Y>
ConvolutionSizes sizes_of(const Conv2dGeometry& g, View<X> x, View<Y> y, Products products) {
  const auto whole = [](Index i) { return static_cast<int>(i); };
  return {whole(x.batch),
          whole(x.channels),
          whole(x.height + g.pad.both()),
          whole(x.width + g.pad.both()),
          whole(y.channels),
          whole(y.height),
          whole(y.width),
          whole(g.kernel),
          whole(g.kernel),
          whole(g.stride),
          whole(g.stride),
          products};
}

/// The memory that an algorithm works in.
template <class T>
class Workspace {
 public:
  Workspace(Cuda<T>& dev, std::size_t bytes) : memory_(dev.arena(), static_cast<Index>(bytes)), bytes_(bytes) {}
  void* data() const { return bytes_ == 0 ? nullptr : memory_.data(); }
  std::size_t bytes() const { return bytes_; }

 private:
  BufferOf<std::byte, Cuda<T>> memory_;
  std::size_t bytes_;
};

constexpr float one = 1;
constexpr float zero = 0;

template <class T>
void run_graph(Cuda<T>& dev, const ExecutionPlan& plan, const void* x, const void* w, const void* y,
               const Workspace<T>& work) {
  UGATIT_CHECK(plan.run(dev.cudnn(), x, w, y, work.data()));
}

template <class T>
void run_forward(Cuda<T>& dev, const ConvolutionPlan& p, const void* x, const void* w, void* y) {
  const Workspace work(dev, p.forward.bytes);
  if (p.forward.graph) return run_graph(dev, *p.forward.graph, x, w, y, work);
  UGATIT_CHECK(cudnnConvolutionForward(dev.cudnn(), &one, p.x, x, p.w, w, p.forward.convolution, p.forward.algorithm,
                                       work.data(), work.bytes(), &zero, p.y, y));
}

template <class T>
void run_backward_input(Cuda<T>& dev, const ConvolutionPlan& p, const void* dy, const void* w, void* dx) {
  const Workspace work(dev, p.backward_input.bytes);
  if (p.backward_input.graph) return run_graph(dev, *p.backward_input.graph, dx, w, dy, work);
  UGATIT_CHECK(cudnnConvolutionBackwardData(dev.cudnn(), &one, p.w, w, p.y, dy, p.backward_input.convolution,
                                            p.backward_input.algorithm, work.data(), work.bytes(), &zero, p.x, dx));
}

/// `add` is 1 where the gradient is added to what is there, which is not for tensor cores, 0 where it is written.
template <class T>
void run_backward_weight(Cuda<T>& dev, const ConvolutionPlan& p, const void* x, const void* dy, const float& add,
                         void* dw) {
  const Workspace work(dev, p.backward_weight.bytes);
  if (p.backward_weight.graph) return run_graph(dev, *p.backward_weight.graph, x, dw, dy, work);
  UGATIT_CHECK(cudnnConvolutionBackwardFilter(dev.cudnn(), &one, p.x, x, p.y, dy, p.backward_weight.convolution,
                                              p.backward_weight.algorithm, work.data(), work.bytes(), &add, p.w, dw));
}

}  // namespace cudnn

}  // namespace ugatit
