// An NVIDIA GPU as a device: streams, arenas in its memory, cuDNN.
//
// Everything is put on a stream in order and nothing waits, except for copies from and to the host that are not
// asynchronous ones. Any C++ compiler can read this header; the operations (launch.hpp, kernels.hpp, conv2d.hpp) are
// for nvcc.
#pragma once

#include <ugatit/core/lanes.hpp>
#include <ugatit/core/side_by_side.hpp>
#include <ugatit/cuda/async_copy.hpp>
#include <ugatit/cuda/convolution_plan.hpp>
#include <ugatit/cuda/held_weights.hpp>
#include <ugatit/cuda/map_element.hpp>
#include <ugatit/cuda/streams.hpp>

#include <array>
#include <concepts>
#include <string>

namespace ugatit {

namespace gpu {

/// Makes GPU number `device` current. Throws `Error` where there is none that can be used.
inline void select(int device) {
  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (status != cudaSuccess || count == 0) {
    cudaGetLastError();
    throw Error(std::string("no NVIDIA GPU can be used here") +
                (status == cudaSuccess ? "" : std::string(" (") + cudaGetErrorString(status) + ")") +
                "; use --device cpu");
  }
  if (device >= count) {
    throw Error("there is no GPU number " + std::to_string(device) + ", only " + std::to_string(count) +
                "; use a smaller number");
  }
  UGATIT_CHECK(cudaSetDevice(device));
}

/// Makes it current before anything is made on it.
struct Selected {
  explicit Selected(int device) { select(device); }  ///< throws `Error` likewise
};

/// Whether there is a GPU that can be used.
inline bool is_present() {
  int count = 0;
  const bool found = cudaGetDeviceCount(&count) == cudaSuccess && count > 0;
  cudaGetLastError();
  return found;
}

}  // namespace gpu

namespace gpu {

/// What convolutions multiply in where maps are numbers of type T.
template <class T>
inline constexpr Products products = std::same_as<T, bfloat16> ? Products::bfloat16
                                     : std::same_as<T, tf32>   ? Products::tf32
                                                               : Products::own;

}  // namespace gpu

/// An NVIDIA GPU: `Cuda<float>` computes in float, without tensor cores; on `Cuda<tf32>` and `Cuda<bfloat16>`
/// convolutions use them, maps are numbers of that type (`MapElement`), and weights, gradients and all sums stay float.
/// One thread of the host uses it.
template <class T>
class Cuda : private gpu::Selected, public RunsOnLanes<gpu::Streams> {
 public:
  using Scalar = float;  ///< of weights, vectors and images
  /// What values of a shape consist of.
  template <class Shape>
  using Element = MapElement<Shape, T>;
  static constexpr bool launches_kernels = true;          ///< its operations are kernels, but for convolutions
  static constexpr bool gains_from_batches = true;        ///< one image alone leaves much of it idle
  static constexpr bool works_by_itself = true;           ///< while the host goes on
  static constexpr bool lays_borders = channels_last<T>;  ///< of a convolution, in the layer before

  /// GPU number `device`, as CUDA counts them. Throws `Error` where there is none that can be used.
  explicit Cuda(int device = 0) : Selected(device) {}

  cudaStream_t stream() { return this->queue_of_lane().stream(); }  ///< work is put on it, in order
  cudnnHandle_t cudnn() { return this->queue_of_lane().cudnn(); }   ///< bound to the stream
  ConvolutionPlans& convolution_plans() { return plans_; }          ///< how cuDNN computes each convolution met so far
  /// That stay as they are for now, and have a form for tensor cores.
  HeldWeights<Cuda, T>& held_weights() requires channels_last<T> { return held_weights_; }

  Mode mode;                                              ///< how layers run
  static constexpr Products products = gpu::products<T>;  ///< what convolutions multiply in
  /// Whether convolutions on tensor cores are timed in several ways when they are first met, as by PyTorch's
  /// cudnn.benchmark. Which one is the fastest is up to chance at times, and with it the last bits of results.
  bool benchmark = false;

 private:
  ConvolutionPlans plans_;
  HeldWeights<Cuda, T> held_weights_;
};

/// Work as a CUDA graph: it runs as it is the first time, so that memory and plans are there, is recorded the second
/// time, and started as one from then on. It has a lane, and so memory, that nothing else runs in.
template <class T, class Shape, int Inputs>
class Replay<Cuda<T>, Shape, Inputs> {
 public:
  Replay() = default;
  Replay(const Replay&) = delete;
  Replay& operator=(const Replay&) = delete;
  ~Replay() { forget(); }

  /// Memory that stays in its place, with x copied to it. For an input of another size all begins anew.
  const Tensor<Shape, Cuda<T>>& input(Cuda<T>& dev, int number, const Tensor<Shape, Cuda<T>>& x) {
    Tensor<Shape, Cuda<T>>& place = places_.at(static_cast<std::size_t>(number));
    if (!place || place.extent() != x.extent()) {
      forget();
      place = Tensor<Shape, Cuda<T>>(dev, x.extent());
    }
    UGATIT_CHECK(cudaMemcpyAsync(place.data(), x.data(), static_cast<std::size_t>(x.size()) * sizeof(*x.data()),
                                 cudaMemcpyDeviceToDevice, dev.stream()));
    return place;
  }

  /// Does the work.
  template <class Work>
  void run(Cuda<T>& dev, const Work& work) {
    if (runs_++ == 0) return dev.apart(work);
    if (graph_ == nullptr) record(dev, work);
    UGATIT_CHECK(cudaGraphLaunch(graph_, dev.stream()));
  }

 private:
  template <class Work>
  void record(Cuda<T>& dev, const Work& work) {
    cudaGraph_t recorded = nullptr;
    // Relaxed: an arena may still have to ask for memory.
    UGATIT_CHECK(cudaStreamBeginCapture(dev.stream(), cudaStreamCaptureModeRelaxed));
    try {
      dev.apart(work);
    } catch (...) {
      cudaStreamEndCapture(dev.stream(), &recorded);
      cudaGraphDestroy(recorded);
      throw;
    }
    UGATIT_CHECK(cudaStreamEndCapture(dev.stream(), &recorded));
    const cudaError_t status = cudaGraphInstantiate(&graph_, recorded, cudaGraphInstantiateFlagUseNodePriority);
    cudaGraphDestroy(recorded);
    check(status, "cudaGraphInstantiate");
  }

  void forget() {
    if (graph_ != nullptr) cudaGraphExecDestroy(graph_);
    graph_ = nullptr;
    runs_ = 0;
  }

  std::array<Tensor<Shape, Cuda<T>>, static_cast<std::size_t>(Inputs)> places_;
  cudaGraphExec_t graph_ = nullptr;
  Index runs_ = 0;
};

}  // namespace ugatit
