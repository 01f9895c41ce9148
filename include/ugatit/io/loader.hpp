// Batches of training samples, decoded ahead of their use by a thread of its own.
//
// Slots form a ring: the thread fills slot after slot, `next` hands the oldest out, and a slot is free again when the
// following one is asked for. What a batch holds depends on its samples' numbers alone (samples.hpp), never on timing.
#pragma once

#include <ugatit/io/samples.hpp>

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>

namespace ugatit {

/// What a loader draws, and from where on.
struct LoaderSettings {
  SampleSettings samples;   ///< the folder, and how samples are made
  int batch = 1;            ///< images of a batch
  std::uint64_t start = 0;  ///< the number of the first sample: 0, or a `position` saved earlier
  int ahead = 4;            ///< how many batches are decoded ahead
};

/// An endless sequence of batches [batch, 3, S, S] of one domain.
template <std::floating_point T>
class Loader {
 public:
  /// Lists the folder and starts reading. `warn` gets one line for each unreadable file, from within `next`.
  explicit Loader(LoaderSettings settings, Samples::Warn warn = {})
      : samples_(std::move(settings.samples)),
        batch_(static_cast<std::size_t>(std::max(settings.batch, 0))),
        position_(settings.start),
        warn_(std::move(warn)),
        // Besides the batches ahead, one is in the caller's hands.
        slots_(static_cast<std::size_t>(std::max(settings.ahead, 1)) + 1) {
    if (settings.batch < 1) throw Error("a batch of " + std::to_string(settings.batch) + " images makes no sense");
    for (Slot& slot : slots_) slot.values.resize(batch_ * samples_.sample_size());
    thread_ = std::jthread([this, start = settings.start](const std::stop_token& stop) { fill(start, stop); });
  }
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  /// The next batch, [batch, 3, S, S] in [-1, 1]; valid until `next` is called again.
  /// Throws `Error` where no file of the folder can be read.
  std::span<const T> next() {
    std::unique_lock lock(mutex_);
    if (is_lent_) {
      is_lent_ = false;
      first_ = (first_ + 1) % slots_.size();
      --filled_;
      changed_.notify_all();
    }
    changed_.wait(lock, [this] { return filled_ > 0; });
    Slot& slot = slots_[first_];
    lock.unlock();  // a filled slot is not touched by the thread

    if (warn_) {
      for (const std::string& line : slot.warnings) warn_(line);
    }
    slot.warnings.clear();
    if (slot.error) std::rethrow_exception(slot.error);
    is_lent_ = true;
    position_ += batch_;
    return slot.values;
  }

  /// The number of the sample that comes next: with it as `start`, a new loader goes on where this one is.
  std::uint64_t position() const { return position_; }
  std::size_t file_count() const { return samples_.file_count(); }  ///< images in the folder

 private:
  struct Slot {
    std::vector<T> values;
    std::vector<std::string> warnings;
    std::exception_ptr error;
  };

  void fill(std::uint64_t k, const std::stop_token& stop) {
    for (std::size_t at = 0;; at = (at + 1) % slots_.size()) {
      {
        std::unique_lock lock(mutex_);
        if (!changed_.wait(lock, stop, [this] { return filled_ < slots_.size(); })) return;
      }
      Slot& slot = slots_[at];
      try {
        for (std::size_t i = 0; i < batch_ && !stop.stop_requested(); ++i, ++k) {
          samples_.get(k, std::span(slot.values).subspan(i * samples_.sample_size(), samples_.sample_size()),
                       [&slot](const std::string& line) { slot.warnings.push_back(line); });
        }
      } catch (...) {
        slot.error = std::current_exception();
      }
      const std::scoped_lock lock(mutex_);
      ++filled_;
      changed_.notify_all();
      if (slot.error) return;  // `next` throws it again each time it is called
    }
  }

  Samples samples_;  // used by the thread alone, once it runs
  std::size_t batch_;
  std::uint64_t position_;
  Samples::Warn warn_;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Slot> slots_;
  std::size_t first_ = 0;   // the slot that `next` hands out
  std::size_t filled_ = 0;  // slots that the thread has filled, the lent one included
  bool is_lent_ = false;

  std::jthread thread_;  // last: it stops and ends before what it uses is destroyed
};

}  // namespace ugatit
