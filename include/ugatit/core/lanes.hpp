// Streams of a device that run side by side, each with memory of its own.
//
// Lanes are a tree: work forks from a lane to lanes that are its own, and joins it again. Memory that one lane is done
// with another one may still be at, so each allocates from an arena of its own, and what another lane frees is put
// aside until all lanes have met in the first one.
//
// Lanes are more or less urgent: a trail is less so than its lane, and a part may be more so than those beside it.
//
// What a stream is, `Streams` says (cuda/streams.hpp); the tests' streams run what they were given in any order that is
// allowed (tests/cuda/host_streams.hpp).
#pragma once

#include <ugatit/core/arena.hpp>
#include <ugatit/core/side_by_side.hpp>

#include <algorithm>
#include <array>
#include <concepts>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

namespace ugatit {

/// Streams: `Queue` is one, what is put on it runs in order, and before what is less urgent where both could run;
/// `Event` is a place in that order, `record` there, and what another stream is given `before` that comes after it.
/// `Memory` is an arena's, and `first_chunk` and `chunk` how many bytes arenas take at once, that of the first lane and
/// those of others, which also take at least 1/`growth` of what they have.
template <class S>
concept StreamsOfDevice = requires(typename S::Queue& queue, typename S::Event& event) {
  typename S::Memory;
  requires std::constructible_from<typename S::Queue, int>;  // how urgent
  event.record(queue);
  event.before(queue);
  { S::first_chunk + S::chunk + S::growth } -> std::convertible_to<std::size_t>;
};

template <StreamsOfDevice S>
class Trail;

/// A stream and memory for what runs on it; they end after all that uses them.
template <StreamsOfDevice S>
struct Lane {
  static constexpr std::size_t longest_trail = 6;  ///< works that may trail behind it at once

  typename S::Queue queue;                             ///< where everything is put, in order
  typename S::Event event;                             ///< where others fork and join
  typename S::Event mark;                              ///< where the next work of its trail may begin
  std::array<typename S::Event, longest_trail> steps;  ///< where works of its trail end
  Trail<S>* trail = nullptr;                           ///< of this lane, while there is one
  Arena<typename S::Memory> arena;                     ///< for values that are made here
  std::vector<std::unique_ptr<Lane>> branches;         ///< lanes that fork from this one
  int urgency;                                         ///< of what runs here
  bool taken = false;                                  ///< whether it belongs to a fork that is not over

  Lane(int how_urgent, std::size_t chunk_bytes, std::size_t growth)
      : queue(how_urgent), arena(chunk_bytes, growth), urgency(how_urgent) {}  ///< nothing is on it yet
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane() { queue.finish(); }
};

/// The lanes of a device, of which one is current.
template <StreamsOfDevice S>
class Lanes {
 public:
  Lanes() : first_(1, S::first_chunk, 0), current_(&first_) {}  ///< one lane

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
    static_assert(!is_urgent<First>, "the first part stays on its lane; put an urgent one behind it");
    const Fork<sizeof...(rest)> fork(*this, {current_->urgency + (is_urgent<Rest> ? 1 : 0)...});
    fork.run(*current_, first);
    std::size_t branch = 0;
    (fork.run(fork.branch(branch++), rest), ...);
  }

  /// Work on a branch, in memory that nothing else is in.
  template <class Work>
  void apart(const Work& work) {
    const Fork<1> fork(*this, {current_->urgency});
    fork.run(fork.branch(0), work);
  }

  /// core/trail.hpp; defined below.
  template <class Work>
  void with_trail(const Work& work);
  void mark() { current_->mark.record(current_->queue); }  ///< likewise
  /// Likewise; there has been a mark since the one before.
  template <class Work, class... Kept>
  void later(const Work& work, const Kept&... kept);

 private:
  friend class Trail<S>;

  // From the lane that is current, and to it again.
  template <std::size_t Count>
  class Fork {
   public:
    Fork(Lanes& all, const std::array<int, Count>& urgencies) : all_(all), from_(*all.current_) {
      for (std::size_t i = 0; i < Count; ++i) branches_[i] = &take(urgencies[i]);
      ++all_.depth_;
      from_.event.record(from_.queue);
      for (Lane<S>* lane : branches_) from_.event.before(lane->queue);
      from_.arena.hold(true);
      for (Lane<S>* lane : branches_) lane->arena.hold(true);
    }
    Fork(const Fork&) = delete;
    Fork& operator=(const Fork&) = delete;
    ~Fork() {
      for (Lane<S>* lane : branches_) {
        lane->event.record(lane->queue);
        lane->event.before(from_.queue);
        lane->taken = false;
      }
      from_.arena.hold(false);
      all_.current_ = &from_;
      if (--all_.depth_ == 0) each(all_.first_, [](Lane<S>& lane) { lane.arena.settle(); });
    }

    Lane<S>& branch(std::size_t number) const { return *branches_[number]; }

    template <class Part>
    void run(Lane<S>& lane, const Part& part) const {
      all_.current_ = &lane;
      lane.arena.hold(false);
      part();
      lane.arena.hold(true);
      all_.current_ = &from_;
    }

   private:
    // The first free branch of that urgency, or a new one.
    Lane<S>& take(int urgency) {
      auto free = std::ranges::find_if(from_.branches,
                                       [&](const auto& lane) { return !lane->taken && lane->urgency == urgency; });
      if (free == from_.branches.end()) {
        free = from_.branches.insert(free, std::make_unique<Lane<S>>(urgency, S::chunk, S::growth));
      }
      (*free)->taken = true;
      return **free;
    }

    Lanes& all_;
    Lane<S>& from_;
    std::array<Lane<S>*, Count> branches_{};
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

/// Works that run on a branch, each as soon as what its lane was given before the mark is done.
template <StreamsOfDevice S>
class Trail {
 public:
  /// Of the lane that is current.
  explicit Trail(Lanes<S>& all)
      : lane_(*all.current_), fork_(all, {lane_.urgency - 1}), before_(std::exchange(lane_.trail, this)) {
    lane_.arena.hold(false);
  }
  Trail(const Trail&) = delete;
  Trail& operator=(const Trail&) = delete;
  ~Trail() { lane_.trail = before_; }

  /// The lane goes on. Of works that are not known to be done there are few, so that what they keep is little.
  template <class Work, class... Kept>
  void add(const Work& work, const Kept&... kept) {
    Lane<S>& branch = fork_.branch(0);
    const std::size_t step = next_++ % longest;
    if (kept_[step]) lane_.steps[step].before(lane_.queue);
    kept_[step].reset();
    lane_.mark.before(branch.queue);
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
  typename Lanes<S>::template Fork<1> fork_;
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

/// A device whose work runs on lanes.
template <StreamsOfDevice S>
class RunsOnLanes {
 public:
  using ArenaType = Arena<typename S::Memory>;                ///< in the device's memory
  ArenaType& arena() { return lanes_.current().arena; }       ///< values come from it
  std::size_t reserved() const { return lanes_.reserved(); }  ///< bytes taken from the device

  /// Each part on a stream of its own, the first on this one; all of them meet at the end (core/side_by_side.hpp).
  template <class... Part>
  void side_by_side(const Part&... parts) {
    lanes_.side_by_side(parts...);
  }

  /// Work on another stream, in memory that nothing else is in.
  template <class Work>
  void apart(const Work& work) {
    lanes_.apart(work);
  }

  /// core/trail.hpp: on another stream.
  template <class Work>
  void with_trail(const Work& work) {
    lanes_.with_trail(work);
  }
  bool trails() { return lanes_.current().trail != nullptr; }  ///< whether there is a trail now
  void mark() { lanes_.mark(); }                               ///< where that which trails next may begin
  /// Behind what the stream is given from the mark on.
  template <class Work, class... Kept>
  void later(const Work& work, const Kept&... kept) {
    lanes_.later(work, kept...);
  }

 protected:
  RunsOnLanes() = default;
  ~RunsOnLanes() = default;
  typename S::Queue& queue_of_lane() { return lanes_.current().queue; }  ///< where work is put, in order

 private:
  Lanes<S> lanes_;
};

}  // namespace ugatit
