// Streams of a device that run side by side, each with memory of its own.
//
// Lanes are a tree: work forks from a lane to lanes that are its own, and joins it again. Memory that one lane is done
// with another one may still be at, so each allocates from an arena of its own, and what another lane frees is put
// aside until all lanes have met in the first one.
//
// What a stream is, `Streams` says (cuda/streams.hpp); the tests' streams run what they were given in any order that is
// allowed (tests/cuda/host_streams.hpp).
#pragma once

#include <ugatit/core/arena.hpp>

#include <array>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

namespace ugatit {

/// Streams: `Queue` is one, what is put on it runs in order; `Event` is a place in that order, `record` there, and what
/// another stream is given `before` that comes after it. `Memory` is an arena's, and `first_chunk` and `chunk` how many
/// bytes arenas take at once, that of the first lane and those of others.
template <class S>
concept StreamsOfDevice = requires(typename S::Queue& queue, typename S::Event& event) {
  typename S::Memory;
  event.record(queue);
  event.before(queue);
  { S::first_chunk + S::chunk } -> std::convertible_to<std::size_t>;
};

template <StreamsOfDevice S>
class Trail;

/// A stream and memory for what runs on it; they end after all that uses them.
template <StreamsOfDevice S>
struct Lane {
  static constexpr std::size_t longest_trail = 6;  ///< works that may trail behind it at once

  typename S::Queue queue;                             ///< where everything is put, in order
  typename S::Event event;                             ///< where others fork and join
  std::array<typename S::Event, longest_trail> steps;  ///< where works of its trail end
  Trail<S>* trail = nullptr;                           ///< of this lane, while there is one
  Arena<typename S::Memory> arena;                     ///< for values that are made here
  std::vector<std::unique_ptr<Lane>> branches;         ///< lanes that fork from this one
  std::size_t taken = 0;                               ///< how many of them belong to forks that are not over

  explicit Lane(std::size_t chunk_bytes) : arena(chunk_bytes) {}  ///< nothing is on it yet
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane() { queue.finish(); }
};

/// The lanes of a device, of which one is current.
template <StreamsOfDevice S>
class Lanes {
 public:
  Lanes() : first_(S::first_chunk), current_(&first_) {}  ///< one lane

  Lane<S>& current() { return *current_; }  ///< where work is put

  /// Bytes that all of them have taken from the device.
  std::size_t reserved() const {
    std::size_t bytes = 0;
    each(first_, [&](const Lane<S>& lane) { bytes += lane.arena.reserved(); });
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

  /// core/trail.hpp; defined below.
  template <class Work>
  void with_trail(const Work& work);
  /// Likewise.
  template <class Work, class... Kept>
  void later(const Work& work, const Kept&... kept);

 private:
  friend class Trail<S>;

  // From the lane that is current, and to it again.
  class Fork {
   public:
    Fork(Lanes& all, std::size_t count) : all_(all), from_(*all.current_), first_(from_.taken) {
      while (from_.branches.size() < first_ + count) {
        from_.branches.push_back(std::make_unique<Lane<S>>(S::chunk));
      }
      from_.taken += count;
      ++all_.depth_;
      from_.event.record(from_.queue);
      each_branch([this](Lane<S>& lane) { from_.event.before(lane.queue); });
      from_.arena.hold(true);
      each_branch([](Lane<S>& lane) { lane.arena.hold(true); });
    }
    Fork(const Fork&) = delete;
    Fork& operator=(const Fork&) = delete;
    ~Fork() {
      each_branch([this](Lane<S>& lane) {
        lane.event.record(lane.queue);
        lane.event.before(from_.queue);
      });
      from_.taken = first_;
      from_.arena.hold(false);
      all_.current_ = &from_;
      if (--all_.depth_ == 0) each(all_.first_, [](Lane<S>& lane) { lane.arena.settle(); });
    }

    std::size_t first() const { return first_; }

    template <class Part>
    void run(Lane<S>& lane, const Part& part) const {
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
    Lane<S>& from_;
    std::size_t first_;
  };

  template <class L, class F>
  static void each(L& lane, const F& f) {
    f(lane);
    for (const auto& branch : lane.branches) each(*branch, f);
  }

  Lane<S> first_;
  Lane<S>* current_;
  int depth_ = 0;  // forks that are not over
};

/// Works that run on a branch, each as soon as what its lane has been given before it is done.
template <StreamsOfDevice S>
class Trail {
 public:
  /// Of the lane that is current.
  explicit Trail(Lanes<S>& all) : lane_(*all.current_), fork_(all, 1), before_(std::exchange(lane_.trail, this)) {
    lane_.arena.hold(false);
  }
  Trail(const Trail&) = delete;
  Trail& operator=(const Trail&) = delete;
  ~Trail() { lane_.trail = before_; }

  /// The lane goes on. Of works that are not known to be done there are few, so that what they keep is little.
  template <class Work, class... Kept>
  void add(const Work& work, const Kept&... kept) {
    Lane<S>& branch = *lane_.branches[fork_.first()];
    const std::size_t step = next_++ % longest;
    if (kept_[step]) lane_.steps[step].before(lane_.queue);
    kept_[step].reset();
    lane_.event.record(lane_.queue);
    lane_.event.before(branch.queue);
    lane_.arena.hold(true);
    fork_.run(branch, work);
    lane_.arena.hold(false);
    lane_.steps[step].record(branch.queue);
    kept_[step] = std::make_shared<std::tuple<Kept...>>(kept...);
  }

 private:
  static constexpr std::size_t longest = Lane<S>::longest_trail;

  Lane<S>& lane_;
  std::array<std::shared_ptr<void>, longest> kept_;  // given back once the lanes have met: after the fork
  typename Lanes<S>::Fork fork_;
  Trail* before_;
  std::size_t next_ = 0;
};

template <StreamsOfDevice S>
template <class Work>
void Lanes<S>::with_trail(const Work& work) {
  const Trail<S> trail(*this);
  work();
}

template <StreamsOfDevice S>
template <class Work, class... Kept>
void Lanes<S>::later(const Work& work, const Kept&... kept) {
  current_->trail->add(work, kept...);
}

}  // namespace ugatit
