// Streams of a GPU that run side by side, each with memory of its own.
//
// Lanes are a tree: work forks from a lane to lanes that are its own, and joins it again. Memory that one lane is done
// with another one may still be at, so each allocates from an arena of its own, and what another lane frees is put
// aside until all lanes have met in the first one.
#pragma once

#include <ugatit/cuda/convolution_plan.hpp>
#include <ugatit/cuda/memory.hpp>

#include <memory>
#include <vector>

namespace ugatit {

namespace gpu {

/// A stream, the library's handle bound to it, and memory for what runs on it; they end after all that uses them.
struct Lane {
  cudaStream_t stream = nullptr;                ///< where everything is put, in order
  cudaEvent_t event = nullptr;                  ///< a place in that order
  cudnnHandle_t cudnn = nullptr;                ///< bound to the stream
  Arena<DeviceMemory> arena;                    ///< for values that are made here
  std::vector<std::unique_ptr<Lane>> branches;  ///< lanes that fork from this one
  std::size_t taken = 0;                        ///< how many of them belong to forks that are not over

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
};

/// The lanes of a device, of which one is current.
class Lanes {
 public:
  /// One lane, on the GPU that is current.
  Lanes() : first_(std::size_t{256} << 20U), current_(&first_) {}

  Lane& current() { return *current_; }  ///< where work is put

  /// Bytes that all of them have taken from the GPU.
  std::size_t reserved() const {
    std::size_t bytes = 0;
    each(first_, [&](const Lane& lane) { bytes += lane.arena.reserved(); });
    return bytes;
  }

  /// The first part on this lane, each of the others on one of its branches. A part may fork again.
  template <class First, class... Rest>
  void side_by_side(const First& first, const Rest&... rest) {
    const Fork fork(*this, sizeof...(rest));
    fork.run(*current_, first);
    std::size_t branch = fork.first();
    (fork.run(*current_->branches[branch++], rest), ...);
  }

  /// Work on a branch, in memory that nothing else is in.
  template <class Work>
  void apart(const Work& work) {
    const Fork fork(*this, 1);
    fork.run(*current_->branches[fork.first()], work);
  }

 private:
  // From the lane that is current, and to it again.
  class Fork {
   public:
    Fork(Lanes& all, std::size_t count) : all_(all), from_(*all.current_), first_(from_.taken) {
      while (from_.branches.size() < first_ + count) {
        from_.branches.push_back(std::make_unique<Lane>(std::size_t{16} << 20U));
      }
      from_.taken += count;
      ++all_.depth_;
      UGATIT_CHECK(cudaEventRecord(from_.event, from_.stream));
      each_branch([this](Lane& lane) { UGATIT_CHECK(cudaStreamWaitEvent(lane.stream, from_.event, 0)); });
      from_.arena.hold(true);
      each_branch([](Lane& lane) { lane.arena.hold(true); });
    }
    Fork(const Fork&) = delete;
    Fork& operator=(const Fork&) = delete;
    ~Fork() {
      each_branch([this](Lane& lane) {  // an error here is met again at the next call
        cudaEventRecord(lane.event, lane.stream);
        cudaStreamWaitEvent(from_.stream, lane.event, 0);
      });
      from_.taken = first_;
      from_.arena.hold(false);
      all_.current_ = &from_;
      if (--all_.depth_ == 0) each(all_.first_, [](Lane& lane) { lane.arena.settle(); });
    }

    std::size_t first() const { return first_; }

    template <class Part>
    void run(Lane& lane, const Part& part) const {
      all_.current_ = &lane;
      lane.arena.hold(false);
      part();
      lane.arena.hold(true);
      all_.current_ = &from_;
    }

   private:
    template <class F>
    void each_branch(const F& f) const {
      for (std::size_t i = first_; i < from_.taken; ++i) f(*from_.branches[i]);
    }

    Lanes& all_;
    Lane& from_;
    std::size_t first_;
  };

  template <class L, class F>
  static void each(L& lane, const F& f) {
    f(lane);
    for (const auto& branch : lane.branches) each(*branch, f);
  }

  Lane first_;
  Lane* current_;
  int depth_ = 0;  // forks that are not over
};

}  // namespace gpu

}  // namespace ugatit
