// The kernels of cuda/ on the processor: a device whose teams have one thread each, or several, and whose memory can be
// touched by kernels and copies alone, as a GPU's.
//
// What a GPU adds to this are the sums within a warp and the convolutions of cuDNN; all else of the arithmetic is
// proved here, without one, and so is that nothing above ops/ reads the device's memory. With several threads and
// -fsanitize=thread, whatever one of a team reads while another writes it is found too, and with streams that are late
// (host_streams.hpp) what one stream does before it may.
#pragma once

#include "guarded_memory.hpp"
#include "host_streams.hpp"

#include <ugatit/core/lanes.hpp>
#include <ugatit/core/side_by_side.hpp>
#include <ugatit/cuda/held_weights.hpp>
#include <ugatit/cuda/kernels.hpp>
#include <ugatit/cuda/map_element.hpp>
#include <ugatit/cuda/packed_images.hpp>
#include <ugatit/cuda/packed_weights.hpp>

#include <algorithm>
#include <barrier>
#include <concepts>
#include <functional>
#include <thread>
#include <type_traits>
#include <vector>

namespace ugatit {

/// `OnHost<double>` is compared to the last digits, all others as a GPU would be; `OnHost<tf32>` has the kernels and
/// the order of numbers of `Cuda<tf32>`, but convolutions that round nothing.
template <class T>
class OnHost : public RunsOnLanes<HostStreams<GuardedMemory>> {
 public:
  using Scalar = std::conditional_t<channels_last<T>, float, T>;
  template <class Shape>
  using Element = std::conditional_t<channels_last<T>, MapElement<Shape, T>, Scalar>;
  using Streams = HostStreams<GuardedMemory>;
  static constexpr bool launches_kernels = true;
  static constexpr bool gains_from_batches = true;
  static constexpr bool lays_borders = channels_last<T>;

  typename Streams::Queue& queue() { return this->queue_of_lane(); }
  HeldWeights<OnHost, T>& held_weights() requires channels_last<T> { return held_weights_; }

  Mode mode;
  Index team = 1;  ///< threads of a team

 private:
  HeldWeights<OnHost, T> held_weights_;
};

// As on a GPU, under the rules of a graph that is recorded, but each time anew.
template <class T, class Shape, int Inputs>
class Replay<OnHost<T>, Shape, Inputs> {
 public:
  const Tensor<Shape, OnHost<T>>& input(OnHost<T>&, int, const Tensor<Shape, OnHost<T>>& x) { return x; }

  template <class Work>
  void run(OnHost<T>& dev, const Work& work) {
    const typename OnHost<T>::Streams::Recording recording(dev.queue());
    dev.apart(work);
    recording.end();
  }
};

template <class T, class F>
void for_each(OnHost<T>& dev, Index count, const F& f) {
  dev.queue().put([=] {
    const GuardedMemory::Reach reach;
    for (Index i = 0; i < count; ++i) f(i);
  });
}

// Not of a kernel's type, so that it is compiled once.
inline void on_host_threads(Index count, const std::function<void(const HostThread&)>& work) {
  std::barrier<> meet(count);
  std::vector<std::jthread> threads;
  for (Index rank = 0; rank < count; ++rank) {
    threads.emplace_back([&, rank] { work({rank, count, &meet}); });
  }
}

template <class T, class F>
void for_each_team(OnHost<T>& dev, Index teams, Index, const F& f) {
  dev.queue().put([=, size = dev.team] {
    const GuardedMemory::Reach reach;
    const auto all_teams = [&](const HostThread& thread) {
      for (Index t = 0; t < teams; ++t) f(Team(thread), t);
    };
    size == 1 ? all_teams({}) : on_host_threads(size, std::ref(all_teams));
  });
}

template <class T, class Number>
void copy_from_host(OnHost<T>& dev, Index size, const Number* in, Number* out) {
  dev.queue().put([=] {
    const GuardedMemory::Reach reach;
    std::copy_n(in, size, out);
  });
  dev.queue().finish();
}

template <class T, class Number>
void copy_to_host(OnHost<T>& dev, Index size, const Number* in, Number* out) {
  dev.queue().put([=] {
    const GuardedMemory::Reach reach;
    std::copy_n(in, size, out);
  });
  dev.queue().finish();
}

template <std::floating_point T>
void conv2d_forward(OnHost<T>& dev, const Conv2dGeometry& g, View<const T> x, const T* w, const T* b, View<T> y) {
  direct::forward(dev, g, x, w, b, y);
}

template <std::floating_point T>
void conv2d_backward_input(OnHost<T>& dev, const Conv2dGeometry& g, View<const T> dy, const T* w, View<T> dx) {
  direct::backward_input(dev, g, dy, w, dx);
}

template <std::floating_point T>
void conv2d_backward_weight(OnHost<T>& dev, const Conv2dGeometry& g, View<const T> x, View<const T> dy, T* dw) {
  direct::backward_weight(dev, g, x, dy, dw);
}

// With channels last, what a GPU does where cuDNN has no way. Weights are packed as for cuDNN all the same, to see that
// what is packed of them is up to date.

/// Throws `Error` where somebody changed weights that are held, but not what is packed of them.
template <ChannelsLast E>
void require_packed(OnHost<E>& dev, const Conv2dGeometry& g, const float* w) {
  const WeightSizes sizes = WeightSizes::of(g);
  const auto packed = dev.held_weights().form(w, [&] {
    typename HeldWeights<OnHost<E>, E>::Form form{{dev.arena(), sizes.size()}, sizes};
    packing::pack_weights(dev, sizes, w, form.numbers.data());
    return form;
  });
  const Buffer<OnHost<E>> back(dev.arena(), sizes.size());
  fill(dev, sizes.size(), 0.0F, back.data());
  packing::add_weights(dev, sizes, packed.data(), back.data());
  dev.queue().put([w, count = sizes.size(), unpacked = static_cast<const float*>(back.data())] {
    const GuardedMemory::Reach reach;
    const auto same = [](float weight, float number) { return to_float(rounded_to<E>(weight)) == number; };
    if (!std::equal(w, w + count, unpacked, same)) throw Error("weights are not as they were packed");
  });
}

template <ChannelsLast E, class X, class Y>
void conv2d_forward(OnHost<E>& dev, const Conv2dGeometry& g, View<const X> x, const float* w, const float* b,
                    View<Y> y) {
  const FromFloat result(dev, y);
  require_packed(dev, g, w);
  direct::forward(dev, g, InFloat(dev, x).view(), w, b, result.view());
  result.finish();
}

template <ChannelsLast E, class Y, class X>
void conv2d_backward_input(OnHost<E>& dev, const Conv2dGeometry& g, View<const Y> dy, const float* w, View<X> dx) {
  const FromFloat result(dev, dx);
  require_packed(dev, g, w);
  direct::backward_input(dev, g, InFloat(dev, dy).view(), w, result.view());
  result.finish();
}

template <ChannelsLast E, class X, class Y>
void conv2d_backward_weight(OnHost<E>& dev, const Conv2dGeometry& g, View<const X> x, View<const Y> dy, float* dw) {
  direct::backward_weight(dev, g, InFloat(dev, x).view(), InFloat(dev, dy).view(), dw);
}

template <ChannelsLast E>
BufferOf<E, OnHost<E>> conv2d_convolved(OnHost<E>& dev, const Conv2dGeometry& g, View<const E> x, View<const E> dy) {
  return packing::packed_gradient(dev, g, [&](float* dw) { conv2d_backward_weight(dev, g, x, dy, dw); });
}

}  // namespace ugatit
