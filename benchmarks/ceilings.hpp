// What the processor can do at most, measured before the first benchmark, and counters that say how much of it one
// uses.
//
// GFLOP/s counts what the plain way would multiply and add, so a cleverer way may exceed the ceiling, and so may
// products in bfloat16 by a matrix unit: the ceiling is of multiply-adds in float32. GB/s counts each number that must
// be read or written once; the ceiling is of copying arrays that no cache holds, so what a cache holds may exceed it.
#pragma once

#include <ugatit/ugatit.hpp>

#include <benchmark/benchmark.h>

#include <chrono>

namespace ugatit {

/// Of one call of what is measured.
struct Work {
  double flop = 0;   ///< multiplications and additions
  double bytes = 0;  ///< read and written
};

/// Multiplications and additions of float32 in a second, by all threads of a device in their registers.
double most_flop(Cpu<float>& dev);

/// Bytes read and written in a second by copying, by all threads of a device.
double most_bytes(Cpu<float>& dev);

/// The most that all threads of a device do in a second; 0 where it is not known.
struct Ceilings {
  double flop = 0;   ///< multiplications and additions
  double bytes = 0;  ///< read and written

  /// Measures both.
  static Ceilings of(Cpu<float>& dev) { return {most_flop(dev), most_bytes(dev)}; }
};

/// Times the loop of a benchmark: Google Benchmark's own rates cannot be without a unit, as shares are.
class LoopTime {
 public:
  /// Adds the counters of a loop that has ended and did so much in each of its iterations.
  void report(benchmark::State& state, const Ceilings& most, const Work& work) const {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
    const double loops_a_second = static_cast<double>(state.iterations()) / seconds.count();
    const auto add = [&](const char* rate, const char* share, double amount, double ceiling) {
      if (amount > 0) state.counters[rate] = amount * loops_a_second * 1e-9;
      if (amount > 0 && ceiling > 0) state.counters[share] = amount * loops_a_second / ceiling;
    };
    add("GFLOP/s", "of_multiplying", work.flop, most.flop);
    add("GB/s", "of_copying", work.bytes, most.bytes);
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace ugatit
