// The CPU as a device: Eigen's packets and products, one pool of threads, memory from the host.
#pragma once

#include <ugatit/core/arena.hpp>
#include <ugatit/core/device.hpp>
#include <ugatit/cpu/thread_pool.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace ugatit {

/// `Cpu<float>` trains and translates; `Cpu<double>` is for gradient checks and comparisons to the last digit.
template <class T>
class Cpu {
 public:
  using Scalar = T;
  using ArenaType = Arena<HostMemory>;

  /// `threads` = 0 takes one for each processor.
  explicit Cpu(int threads = 0) : pool_(threads), scratch_(static_cast<std::size_t>(pool_.size())) {}

  ArenaType& arena() { return arena_; }
  ThreadPool& pool() { return pool_; }

  /// Working memory of one thread, at least `size` scalars, kept from call to call. One operation uses it at a time.
  T* scratch(int thread, Index size) {
    Scratch& own = scratch_[static_cast<std::size_t>(thread)];
    if (own.size < size) {
      own.memory.reset(HostMemory::take(static_cast<std::size_t>(size) * sizeof(T)));
      own.size = size;
    }
    return reinterpret_cast<T*>(own.memory.get());
  }

  Mode mode;

 private:
  struct GiveBack {
    void operator()(std::byte* memory) const { HostMemory::give_back(memory); }
  };
  struct Scratch {
    std::unique_ptr<std::byte, GiveBack> memory;
    Index size = 0;
  };

  ArenaType arena_;
  ThreadPool pool_;
  std::vector<Scratch> scratch_;
};

/// Calls f(begin, end) on pieces of [0, size) in parallel; `grain` is the size of a piece.
template <class T, class F>
void parallel_pieces(Cpu<T>& dev, Index size, Index grain, const F& f) {
  const Index pieces = (size + grain - 1) / grain;
  dev.pool().run(pieces, [&](Index piece, int) {
    const Index begin = piece * grain;
    f(begin, begin + grain < size ? begin + grain : size);
  });
}

}  // namespace ugatit
