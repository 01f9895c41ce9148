// Streams that run on the processor what they were given, in any order that is allowed: chance says which of them go
// first, and changes its mind from time to time.
// What a GPU's streams would read too early, or after somebody else has written there, comes out different from time to
// time, so that an order that nobody has asked for is found without a GPU.
//
// While a `Recording` lives they also keep the rules of a CUDA graph that is recorded from a stream: all work comes
// after something in the graph and is met by what ends it, and nobody waits for the GPU.
#pragma once

#include <ugatit/core/error.hpp>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
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
  static constexpr std::size_t growth = 16;

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

  class Queue;

  /// How much of each stream's work is done when a place in the order is reached.
  using Reached = std::map<const Queue*, int>;

  /// What has been recorded of a graph so far: where each of its streams is.
  struct Graph {
    std::map<const Queue*, Reached> streams;
  };

  /// The graph that is being recorded, if one is.
  static std::shared_ptr<Graph>& graph() {
    static std::shared_ptr<Graph> recorded;
    return recorded;
  }

  /// Records a graph from a stream while it lives.
  class Recording {
   public:
    explicit Recording(const Queue& origin) : origin_(origin) {
      graph() = std::make_shared<Graph>();
      graph()->streams[&origin];
    }
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;
    ~Recording() { graph() = nullptr; }

    /// Throws where something of another stream is not met by the first one.
    void end() const {
      for (const auto& [queue, at] : graph()->streams) {
        if (graph()->streams[&origin_][queue] != at.at(queue)) throw Error("a stream of a graph is not joined");
      }
    }

   private:
    const Queue& origin_;
  };

  /// One stream.
  class Queue {
   public:
    explicit Queue(int /*urgency*/) { all().push_back(this); }  // any order that is allowed is tried
    Queue(const Queue&) = delete;
    Queue& operator=(const Queue&) = delete;
    ~Queue() { std::erase(all(), this); }

    void put(std::function<void()> run) {
      if (graph()) {
        const auto found = graph()->streams.find(this);
        if (found == graph()->streams.end()) throw Error("work beside a graph that is recorded");
        ++found->second[this];
      }
      are_late() ? work_.push_back({std::move(run), {}}) : run();
    }
    void wait_for(std::shared_ptr<bool> mark) {
      if (!*mark) work_.push_back({{}, std::move(mark)});
    }
    void finish() {
      if (graph()) throw Error("a graph that is recorded waits for its work");
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
      graph_ = graph();
      if (graph_) reached_ = graph_->streams.at(&queue);
    }
    void before(Queue& queue) const {
      if (graph() && graph() == graph_) {
        Reached& own = graph()->streams[&queue];
        for (const auto& [other, count] : reached_) own[other] = std::max(own[other], count);
        ++own[&queue];  // even one that does nothing must be joined
      } else if (graph()) {
        throw Error("a graph that is recorded waits for something before it");
      }
      if (mark_) queue.wait_for(mark_);
    }

   private:
    std::shared_ptr<bool> mark_;
    std::shared_ptr<Graph> graph_;  // that it is part of, and where
    Reached reached_;
  };
};

}  // namespace ugatit
