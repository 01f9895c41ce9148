// The CPU as a device: Eigen's packets and products, one pool of threads, memory from the host.
#pragma once

#include <ugatit/core/arena.hpp>
#include <ugatit/core/device.hpp>
#include <ugatit/cpu/thread_pool.hpp>
#include <ugatit/cpu/weight_forms.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace ugatit {

/// `Cpu<float>` trains and translates; `Cpu<double>` is for gradient checks and comparisons to the last digit.
template <class T>
class Cpu {
 public:
  using Scalar = T;                     ///< `float` or `double`
  using ArenaType = Arena<HostMemory>;  ///< from the host

  /// `threads` = 0 takes one for each processor.
  explicit Cpu(int threads = 0) : pool_(threads), scratch_(static_cast<std::size_t>(pool_.size())) {}

  ArenaType& arena() { return arena_; }                       ///< all values come from it
  ThreadPool& pool() { return pool_; }                        ///< runs the tasks of every operation
  WeightForms<Cpu>& held_weights() { return held_weights_; }  ///< that stay as they are for now

  /// Makes the working memory of every thread at least `size` scalars large. Called before the threads start: which of
  /// them draws a task is chance, and none should have to allocate in a later iteration.
  void reserve_scratch(Index size) {
    if (scratch_size_ >= size) return;
    for (Scratch& own : scratch_) own.reset(HostMemory::take(static_cast<std::size_t>(size) * sizeof(T)));
    scratch_size_ = size;
  }

  /// Working memory of one thread, as large as was reserved. One operation uses it at a time.
  T* scratch(int thread) { return reinterpret_cast<T*>(scratch_[static_cast<std::size_t>(thread)].get()); }

  Mode mode;                          ///< how layers run
  Products products = Products::own;  ///< what convolutions multiply in

 private:
  struct GiveBack {
    void operator()(std::byte* memory) const { HostMemory::give_back(memory); }
  };
  using Scratch = std::unique_ptr<std::byte, GiveBack>;

  ArenaType arena_;
  ThreadPool pool_;
  std::vector<Scratch> scratch_;
  Index scratch_size_ = 0;
  WeightForms<Cpu> held_weights_;
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
