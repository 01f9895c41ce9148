// The streams of a GPU, for core/lanes.hpp.
#pragma once

#include <ugatit/cuda/memory.hpp>

#include <cstddef>

namespace ugatit::gpu {

/// On the GPU that is current.
struct Streams {
  using Memory = DeviceMemory;  ///< the GPU's
  // Of those that were tried, together the ones with which the models take the least memory in all.
  static constexpr std::size_t first_chunk = 16UL << 20U;  ///< weights, and what is translated
  static constexpr std::size_t chunk = 2UL << 20U;  ///< of other lanes: some need little, some a few large blocks
  static constexpr std::size_t growth = 16;         ///< these take at least a sixteenth of what they have

  /// A stream and cuDNN's handle for it.
  class Queue {
   public:
    /// Blocks of the more urgent one are given a multiprocessor first. A GPU has six steps; beyond them all are alike.
    explicit Queue(int urgency) {
      UGATIT_CHECK(cudaStreamCreateWithPriority(&stream_, cudaStreamNonBlocking, -urgency));
      UGATIT_CHECK(cudnnCreate(&cudnn_));
      UGATIT_CHECK(cudnnSetStream(cudnn_, stream_));
    }
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;
    ~Queue() {
      cudnnDestroy(cudnn_);
      cudaStreamDestroy(stream_);
    }

    cudaStream_t stream() const { return stream_; }          ///< where everything is put, in order
    cudnnHandle_t cudnn() const { return cudnn_; }           ///< bound to the stream
    void finish() const { cudaStreamSynchronize(stream_); }  ///< waits for all that is on it

   private:
    cudaStream_t stream_ = nullptr;
    cudnnHandle_t cudnn_ = nullptr;
  };

  /// A place in the order of a stream's work.
  class Event {
   public:
    Event() { UGATIT_CHECK(cudaEventCreateWithFlags(&event_, cudaEventDisableTiming)); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    ~Event() { cudaEventDestroy(event_); }

    /// After all that is on it now. An error here is met again at the next call.
    void record(const Queue& queue) { cudaEventRecord(event_, queue.stream()); }
    /// What is put on that stream from now on comes after it.
    void before(const Queue& queue) const { cudaStreamWaitEvent(queue.stream(), event_, 0); }

   private:
    cudaEvent_t event_ = nullptr;
  };
};

}  // namespace ugatit::gpu
