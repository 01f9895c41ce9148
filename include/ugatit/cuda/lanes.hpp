// Streams of a GPU that run side by side, each with memory of its own.
//
// Memory that one lane is done with another one may still be at: each lane allocates from an arena of its own, and what
// is freed by another lane than its own is put aside until both have met.
#pragma once

#include <ugatit/cuda/convolution_plan.hpp>
#include <ugatit/cuda/memory.hpp>

#include <memory>
#include <vector>

namespace ugatit {

namespace gpu {

/// A stream, the library's handle bound to it, and memory for what runs on it; they end after all that uses them.
struct Lane {
  cudaStream_t stream = nullptr;  ///< where everything is put, in order
  cudaEvent_t event = nullptr;    ///< a place in that order
  cudnnHandle_t cudnn = nullptr;  ///< bound to the stream
  Arena<DeviceMemory> arena;      ///< for values that are made here

  /// On the GPU that is current.
  explicit Lane(std::size_t chunk_bytes) : arena(chunk_bytes) {
    UGATIT_CHECK(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
    UGATIT_CHECK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    UGATIT_CHECK(cudnnCreate(&cudnn));
    UGATIT_CHECK(cudnnSetStream(cudnn, stream));
  }
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane() {
    cudaStreamSynchronize(stream);
    cudnnDestroy(cudnn);
    cudaEventDestroy(event);
    cudaStreamDestroy(stream);
  }

  /// What is put on this lane from now on waits for what is on the other one.
  void wait_for(Lane& other) {
    UGATIT_CHECK(cudaEventRecord(other.event, other.stream));
    UGATIT_CHECK(cudaStreamWaitEvent(stream, other.event, 0));
  }
};

/// The lanes of a device, of which one is current. Work forks from it to others, and joins it again.
class Lanes {
 public:
  /// One lane, on the GPU that is current.
  Lanes() { lanes_.push_back(std::make_unique<Lane>(std::size_t{256} << 20U)); }

  Lane& current() { return *lanes_[current_]; }  ///< where work is put

  /// Bytes that all of them have taken from the GPU.
  std::size_t reserved() const {
    std::size_t bytes = 0;
    for (const auto& lane : lanes_) bytes += lane->arena.reserved();
    return bytes;
  }

  /// Each part on a lane of its own. A part may fork again.
  template <class... Part>
  void side_by_side(const Part&... parts) {
    const Fork fork(*this, sizeof...(parts));
    std::size_t number = fork.first();
    (fork.run(number++, parts), ...);
  }

 private:
  // From the lane that was current, and to it again.
  class Fork {
   public:
    Fork(Lanes& all, std::size_t count) : all_(all), from_(all.current_), first_(all.taken_), end_(all.taken_ + count) {
      while (lanes().size() < end_) lanes().push_back(std::make_unique<Lane>(std::size_t{32} << 20U));
      all_.taken_ = end_;
      each([this](Lane& lane) { lane.wait_for(*lanes()[from_]); });
      each([](Lane& lane) { lane.arena.hold(true); });
      lanes()[from_]->arena.hold(true);
    }
    Fork(const Fork&) = delete;
    Fork& operator=(const Fork&) = delete;
    ~Fork() {
      Lane& from = *lanes()[from_];
      each([&](Lane& lane) {  // an error here is met again at the next call
        cudaEventRecord(lane.event, lane.stream);
        cudaStreamWaitEvent(from.stream, lane.event, 0);
      });
      each([](Lane& lane) { lane.arena.settle(); });
      from.arena.settle();
      from.arena.hold(false);
      all_.current_ = from_;
      all_.taken_ = first_;
    }

    std::size_t first() const { return first_; }

    template <class Part>
    void run(std::size_t number, const Part& part) const {
      all_.current_ = number;
      all_.current().arena.hold(false);
      part();
      all_.current().arena.hold(true);
    }

   private:
    std::vector<std::unique_ptr<Lane>>& lanes() const { return all_.lanes_; }

    template <class F>
    void each(const F& f) const {
      for (std::size_t i = first_; i < end_; ++i) f(*lanes()[i]);
    }

    Lanes& all_;
    std::size_t from_, first_, end_;
  };

  std::vector<std::unique_ptr<Lane>> lanes_;
  std::size_t current_ = 0;
  std::size_t taken_ = 1;  // those before this one belong to forks that are not over
};

}  // namespace gpu

}  // namespace ugatit
