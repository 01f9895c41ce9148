// Ctrl-C and SIGTERM ask a training to save and stop; a second one stops at once.
#pragma once

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <ctime>

namespace ugatit::examples {

namespace interrupts {

/// When the first signal came, in milliseconds of the monotonic clock; 0 for not yet.
inline std::atomic<std::int64_t> first = 0;
static_assert(std::atomic<std::int64_t>::is_always_lock_free, "a signal handler may use it");

inline std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return std::int64_t{1000} * time.tv_sec + time.tv_nsec / 1'000'000 + 1;
}

/// `timeout` and some shells send one request twice, to the process and to its group: a second one is a wish of its own
/// only after a while.
inline void on_signal(int signal) {
  constexpr std::int64_t while_ = 1000;
  const int kept = errno;
  std::int64_t before = 0;
  if (!first.compare_exchange_strong(before, now()) && now() - before > while_) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);  // once this handler returns
  }
  errno = kept;
}

}  // namespace interrupts

inline void watch_for_interrupts() {
  struct sigaction action = {};
  action.sa_handler = interrupts::on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

inline bool interrupted() {
  return interrupts::first != 0;
}

}  // namespace ugatit::examples
