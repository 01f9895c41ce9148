// A progress line: how far, how fast, how long still.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <unistd.h>

namespace ugatit::examples {

/// "2 h 05 min", "3 min 20 s", "12 s"
inline std::string duration(double seconds) {
  const long total = static_cast<long>(seconds + 0.5);
  char text[64];
  if (total >= 3600) {
    std::snprintf(text, sizeof text, "%ld h %02ld min", total / 3600, total / 60 % 60);
  } else if (total >= 60) {
    std::snprintf(text, sizeof text, "%ld min %02ld s", total / 60, total % 60);
  } else {
    std::snprintf(text, sizeof text, "%ld s", total);
  }
  return text;
}

/// Counts steps and says when a line is due: on a terminal one line that is overwritten a few times a second, elsewhere
/// (a log file) a new line every ten seconds.
class Progress {
 public:
  using Clock = std::chrono::steady_clock;

  Progress(long done, long total, const char* unit) : first_(done), done_(done), total_(total), unit_(unit) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() { break_line(); }

  /// One more step is done; `details` is called for the middle of the line if one is due.
  template <class Details>
  void step(const Details& details) {
    ++done_;
    const Clock::time_point now = Clock::now();
    const double quiet = is_terminal_ ? 0.2 : 10;
    if (done_ < total_ && seconds(now - last_line_) < quiet) return;
    last_line_ = now;
    const double speed = static_cast<double>(done_ - first_) / std::max(seconds(now - start_), 1e-9);
    std::string line = std::to_string(done_) + "/" + std::to_string(total_) + " " + unit_ + details();
    char rate[96];
    std::snprintf(rate, sizeof rate, speed >= 1 ? "  %.2f %s/s" : "  %.3f %s/s", speed, unit_);
    line += rate;
    if (done_ < total_) {
      line += "  " + duration(static_cast<double>(total_ - done_) / speed) + " left";
    } else {
      line += "  in " + duration(seconds(now - start_));
    }
    show(line);
  }

  /// Ends the line that stands on the terminal, before something else is printed.
  void break_line() {
    if (is_terminal_ && shown_ != 0) std::fputc('\n', stdout);
    shown_ = 0;
    std::fflush(stdout);
  }

 private:
  static double seconds(Clock::duration d) { return std::chrono::duration<double>(d).count(); }

  void show(const std::string& line) {
    if (!is_terminal_) {
      std::printf("%s\n", line.c_str());
    } else {
      const std::size_t cover = shown_ > line.size() ? shown_ - line.size() : 0;
      std::printf("\r%s%s", line.c_str(), std::string(cover, ' ').c_str());
      shown_ = line.size();
      if (done_ >= total_) break_line();
    }
    std::fflush(stdout);
  }

  long first_;
  long done_;
  long total_;
  const char* unit_;
  bool is_terminal_ = ::isatty(STDOUT_FILENO) != 0;
  std::size_t shown_ = 0;
  Clock::time_point start_ = Clock::now();
  Clock::time_point last_line_ = start_ - std::chrono::hours(1);
};

}  // namespace ugatit::examples
