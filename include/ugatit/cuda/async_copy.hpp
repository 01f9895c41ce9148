// core/async_copy.hpp by way of memory that a GPU can reach itself.
#pragma once

#include <ugatit/core/async_copy.hpp>
#include <ugatit/cuda/check.hpp>

#include <algorithm>

namespace ugatit {

template <class T>
class Cuda;

namespace gpu {

/// Memory of the host that the system leaves where it is, and what the GPU's last copy of it was.
template <class Number>
class PinnedCopy {
 public:
  /// For `size` numbers.
  explicit PinnedCopy(Index size) : bytes_(static_cast<std::size_t>(size) * sizeof(Number)) {
    void* memory = nullptr;
    UGATIT_CHECK(cudaMallocHost(&memory, std::max<std::size_t>(bytes_, 1)));
    data_ = static_cast<Number*>(memory);
    UGATIT_CHECK(cudaEventCreateWithFlags(&done_, cudaEventDisableTiming));
  }
  PinnedCopy(const PinnedCopy&) = delete;
  PinnedCopy& operator=(const PinnedCopy&) = delete;
  ~PinnedCopy() {
    if (done_ != nullptr) {
      cudaEventSynchronize(done_);
      cudaEventDestroy(done_);
    }
    cudaFreeHost(data_);
  }

  Number* data() const { return data_; }

  /// To the GPU.
  void send(cudaStream_t stream, Number* to) {
    UGATIT_CHECK(cudaMemcpyAsync(to, data_, bytes_, cudaMemcpyHostToDevice, stream));
    UGATIT_CHECK(cudaEventRecord(done_, stream));
  }
  /// From the GPU.
  void fetch(cudaStream_t stream, const Number* from) {
    UGATIT_CHECK(cudaMemcpyAsync(data_, from, bytes_, cudaMemcpyDeviceToHost, stream));
    UGATIT_CHECK(cudaEventRecord(done_, stream));
  }
  /// Until it is done.
  void wait() const { UGATIT_CHECK(cudaEventSynchronize(done_)); }

 private:
  std::size_t bytes_;
  Number* data_ = nullptr;
  cudaEvent_t done_ = nullptr;
};

}  // namespace gpu

/// To a GPU.
template <class T, class Number>
class AsyncWrite<Cuda<T>, Number> {
 public:
  AsyncWrite(Cuda<T>& dev, Index size) : dev_(dev), size_(size), copies_(size) {}

  void start(const Number* from, Number* to) {
    gpu::PinnedCopy<Number>& copy = copies_.start();
    copy.wait();
    std::copy_n(from, size_, copy.data());
    copy.send(dev_.stream(), to);
  }

 private:
  Cuda<T>& dev_;
  Index size_;
  CopiesInTurn<gpu::PinnedCopy<Number>> copies_;
};

/// From a GPU.
template <class T, class Number>
class AsyncRead<Cuda<T>, Number> {
 public:
  AsyncRead(Cuda<T>& dev, Index size) : dev_(dev), size_(static_cast<std::size_t>(size)), copies_(size) {}

  void start(const Number* from) { copies_.start().fetch(dev_.stream(), from); }

  std::span<const Number> finish() {
    const gpu::PinnedCopy<Number>& copy = copies_.finish();
    copy.wait();
    return {copy.data(), size_};
  }

 private:
  Cuda<T>& dev_;
  std::size_t size_;
  CopiesInTurn<gpu::PinnedCopy<Number>> copies_;
};

}  // namespace ugatit
