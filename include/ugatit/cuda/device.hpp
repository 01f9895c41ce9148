// An NVIDIA GPU as a device: one stream, an arena in its memory, cuDNN.
//
// Everything is put on the stream in order and nothing waits, except for copies to the host. Any C++ compiler can read
// this header; the operations (launch.hpp, kernels.hpp, conv2d.hpp) are for nvcc.
#pragma once

#include <ugatit/core/device.hpp>
#include <ugatit/cuda/convolution_plan.hpp>
#include <ugatit/cuda/memory.hpp>

#include <memory>

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

/// Whether there is a GPU that can be used.
inline bool is_present() {
  int count = 0;
  const bool found = cudaGetDeviceCount(&count) == cudaSuccess && count > 0;
  cudaGetLastError();
  return found;
}

/// The stream and the library's handle; they end after all that uses them.
struct Queue {
  cudaStream_t stream = nullptr;  ///< where everything is put, in order
  cudnnHandle_t cudnn = nullptr;  ///< bound to the stream

  /// On that GPU. Throws `Error` where there is none that can be used.
  explicit Queue(int device) {
    select(device);
    UGATIT_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    UGATIT_CHECK(cudnnCreate(&cudnn));
    UGATIT_CHECK(cudnnSetStream(cudnn, stream));
  }
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;
  ~Queue() {
    cudaStreamSynchronize(stream);
    cudnnDestroy(cudnn);
    cudaStreamDestroy(stream);
  }
};

}  // namespace gpu

/// `Cuda<float>` trains and translates on a GPU. One thread of the host uses it.
template <class T>
class Cuda {
 public:
  using Scalar = T;                               ///< `float`
  using ArenaType = Arena<DeviceMemory>;          ///< in the GPU's memory
  static constexpr bool launches_kernels = true;  ///< its operations are kernels, but for convolutions

  /// GPU number `device`, as CUDA counts them. Throws `Error` where there is none that can be used.
  explicit Cuda(int device = 0) : queue_(device), arena_(std::size_t{256} << 20U) {}

  ArenaType& arena() { return arena_; }                     ///< all values come from it
  cudaStream_t stream() const { return queue_.stream; }     ///< everything runs on it, in order
  cudnnHandle_t cudnn() const { return queue_.cudnn; }      ///< bound to the stream
  ConvolutionPlans& convolution_plans() { return plans_; }  ///< how cuDNN computes each convolution met so far

  Mode mode;                          ///< how layers run
  Products products = Products::own;  ///< what convolutions multiply in

 private:
  gpu::Queue queue_;
  ArenaType arena_;
  ConvolutionPlans plans_;
};

}  // namespace ugatit
