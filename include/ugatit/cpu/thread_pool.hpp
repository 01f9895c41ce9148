// One pool of threads for all operations of a device.
//
// A job is a number of tasks that do not depend on each other; threads draw the next task from a counter. Which thread
// runs a task changes from run to run, what the task computes does not: results are independent of the number of
// threads as long as no task depends on it.
#pragma once

#include <ugatit/core/shape.hpp>

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace ugatit {

/// Threads that run the tasks of one operation after another; `run` returns when all are done.
class ThreadPool {
 public:
  /// `threads` counts the caller; 0 means one for each processor.
  explicit ThreadPool(int threads = 0) {
    for (int i = 1; i < count(threads); ++i)
      workers_.emplace_back([this, i](const std::stop_token& stop) { work(stop, i); });
  }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() {
    for (std::jthread& worker : workers_) worker.request_stop();
    generation_.fetch_add(1, std::memory_order_release);
    generation_.notify_all();
  }

  /// How many threads are meant: 0 is one for each processor.
  static int count(int threads) {
    return threads > 0 ? threads : static_cast<int>(std::thread::hardware_concurrency());
  }

  int size() const { return static_cast<int>(workers_.size()) + 1; }  ///< threads that work, with the one that calls

  /// Calls f(task, thread) for each task in [0, tasks), in any order, and returns when all are done. Nothing is
  /// allocated. `f` must not throw.
  template <class F>
  void run(Index tasks, const F& f) {
    if (workers_.empty() || tasks <= 1) {
      for (Index task = 0; task < tasks; ++task) f(task, 0);
      return;
    }
    call_ = [](const void* function, Index task, int thread) { (*static_cast<const F*>(function))(task, thread); };
    function_ = &f;
    tasks_ = tasks;
    next_.store(0, std::memory_order_relaxed);
    busy_.store(static_cast<int>(workers_.size()), std::memory_order_relaxed);
    generation_.fetch_add(1, std::memory_order_release);
    generation_.notify_all();
    draw_tasks(0);
    wait_for_workers();
  }

 private:
  // 50 to 200 microseconds, by processor: most operations follow each other closer than that, and being woken costs
  // as much as a small operation.
  static constexpr int spins = 4000;

  // Leaves the core to its other thread for a moment.
  static void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
  }

  void wait_for_workers() {
    for (int i = 0; i < spins; ++i) {
      if (busy_.load(std::memory_order_acquire) == 0) return;
      pause();
    }
    for (int left = busy_.load(std::memory_order_acquire); left != 0; left = busy_.load(std::memory_order_acquire)) {
      busy_.wait(left, std::memory_order_acquire);
    }
  }

  void draw_tasks(int thread) {
    for (Index task = next_.fetch_add(1, std::memory_order_relaxed); task < tasks_;
         task = next_.fetch_add(1, std::memory_order_relaxed)) {
      call_(function_, task, thread);
    }
  }

  void work(const std::stop_token& stop, int thread) {
    std::uint32_t seen = 0;
    while (true) {
      for (int i = 0; i < spins && generation_.load(std::memory_order_acquire) == seen; ++i) pause();
      generation_.wait(seen, std::memory_order_acquire);
      if (stop.stop_requested()) return;
      seen = generation_.load(std::memory_order_acquire);
      draw_tasks(thread);
      if (busy_.fetch_sub(1, std::memory_order_acq_rel) == 1) busy_.notify_one();
    }
  }

  void (*call_)(const void*, Index, int) = nullptr;
  const void* function_ = nullptr;
  Index tasks_ = 0;
  std::atomic<Index> next_{0};
  std::atomic<int> busy_{0};
  std::atomic<std::uint32_t> generation_{0};
  std::vector<std::jthread> workers_;  // last, so that it ends first
};

}  // namespace ugatit
