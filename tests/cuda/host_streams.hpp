// Streams that run on the processor what they were given, in any order that is allowed: chance says which of them go
// first, and changes its mind from time to time.
// What a GPU's streams would read too early, or after somebody else has written there, comes out different from time to
// time, so that an order that nobody has asked for is found without a GPU.
#pragma once

#include <ugatit/core/error.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <vector>

namespace ugatit {

/// With `memory` for arenas.
template <class M>
struct HostStreams {
  using Memory = M;
  static constexpr std::size_t first_chunk = 1U << 20U;
  static constexpr std::size_t chunk = 1U << 16U;

  /// Whether work waits in its queue; else it runs at once.
  static bool& are_late() {
    static bool late = false;
    return late;
  }

  /// Says which go first.
  static std::mt19937& chance() {
    static std::mt19937 random;
    return random;
  }

  /// One stream.
  class Queue {
   public:
    Queue() { all().push_back(this); }
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;
    ~Queue() { std::erase(all(), this); }

    void put(std::function<void()> run) { are_late() ? work_.push_back({std::move(run), {}}) : run(); }
    void wait_for(std::shared_ptr<bool> mark) {
      if (!*mark) work_.push_back({{}, std::move(mark)});
    }
    void finish() {
      while (!work_.empty()) run_one();
    }

   private:
    // Something to do, or something to wait for.
    struct Work {
      std::function<void()> run;
      std::shared_ptr<bool> mark;
    };

    static std::vector<Queue*>& all() {
      static std::vector<Queue*> queues;
      return queues;
    }

    bool can_go_on() const { return !work_.empty() && (!work_.front().mark || *work_.front().mark); }

    static void run_one() {
      constexpr unsigned steady = 40;  // turns in one order, so that some fall far behind
      if (chance()() % steady == 0) std::ranges::shuffle(all(), chance());
      const auto next = std::ranges::find_if(all(), [](const Queue* queue) { return queue->can_go_on(); });
      if (next == all().end()) throw Error("streams wait for one another");
      const Work work = std::move((*next)->work_.front());
      (*next)->work_.pop_front();
      if (work.run) work.run();
    }

    std::deque<Work> work_;
  };

  /// A place in the order of a stream's work.
  class Event {
   public:
    void record(Queue& queue) {
      mark_ = std::make_shared<bool>(false);
      queue.put([mark = mark_] { *mark = true; });
    }
    void before(Queue& queue) const {
      if (mark_) queue.wait_for(mark_);
    }

   private:
    std::shared_ptr<bool> mark_;
  };
};

}  // namespace ugatit
