// Ctrl-C and SIGTERM ask a training to save and stop; a second one stops at once.
#pragma once

#include <csignal>

namespace ugatit::examples {

inline volatile std::sig_atomic_t interrupt_signal = 0;

inline void watch_for_interrupts() {
  struct sigaction action = {};
  action.sa_handler = [](int signal) {
    interrupt_signal = signal;
    std::signal(signal, SIG_DFL);
  };
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

inline bool interrupted() {
  return interrupt_signal != 0;
}

}  // namespace ugatit::examples
