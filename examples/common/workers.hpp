// Threads that read, write and convert files while a device computes.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

namespace ugatit::examples {

/// Runs tasks in the order in which they come, several at a time.
class Workers {
 public:
  /// Without threads a task runs when its result is asked for.
  explicit Workers(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
  }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  /// What the task returns or throws, once it is there. Tasks that have not begun when this object ends never run.
  template <class Task>
  std::future<std::invoke_result_t<Task>> run(Task task) {
    if (threads_.empty()) return std::async(std::launch::deferred, std::move(task));
    // Shared, since a std::function has to be copied.
    const auto shared = std::make_shared<std::packaged_task<std::invoke_result_t<Task>()>>(std::move(task));
    {
      const std::scoped_lock lock(mutex_);
      tasks_.emplace_back([shared] { (*shared)(); });
    }
    changed_.notify_one();
    return shared->get_future();
  }

 private:
  void work(const std::stop_token& stop) {
    for (;;) {
      std::function<void()> task;
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this] { return !tasks_.empty(); })) return;
        if (stop.stop_requested()) return;
        task = std::move(tasks_.front());
        tasks_.pop_front();
      }
      task();
    }
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> tasks_;
  std::vector<std::jthread> threads_;  // last: they stop and end before what they use is destroyed
};

}  // namespace ugatit::examples
