// Random numbers that are the same for the same seed with every compiler.
//
// xoshiro256** by Blackman and Vigna (https://prng.di.unimi.it), seeded through splitmix64. The standard library's
// distributions differ between implementations, so the few that are needed are written here.
#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>

namespace ugatit {

/// A stream of random numbers. Streams of one seed with different `stream` or `index` are independent of each other:
/// a data loader takes one for each sample, so its position is a number instead of a state.
class Random {
 public:
  using State = std::array<std::uint64_t, 4>;  ///< of xoshiro256**: four words

  /// The stream `stream`, number `index`, of a seed.
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0, std::uint64_t index = 0) {
    std::uint64_t mixer = seed;
    mixer = splitmix(mixer) ^ (stream * 0x9e3779b97f4a7c15U);
    mixer = splitmix(mixer) ^ (index * 0xbf58476d1ce4e5b9U);
    for (std::uint64_t& word : state_) word = splitmix(mixer);
  }

  /// 64 random bits.
  std::uint64_t bits() {
    const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = std::rotl(state_[3], 45);
    return result;
  }

  /// Uniform in [0, 1), a multiple of 2^-53.
  double uniform() { return static_cast<double>(bits() >> 11U) * 0x1.0p-53; }

  /// Uniform in [-bound, bound). One rounding only, so contraction to fused multiply-add cannot change it.
  double symmetric(double bound) { return (2 * uniform() - 1) * bound; }

  /// A whole number in [0, n), for n below 2^53.
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(uniform() * static_cast<double>(n)); }

  bool coin() { return (bits() >> 63U) != 0; }  ///< true in half of all calls

  /// Normal with mean 0 and standard deviation 1 (Marsaglia's polar method; the second value is not kept).
  double normal() {
    while (true) {
      const double x = 2 * uniform() - 1;
      const double y = 2 * uniform() - 1;
      const double square = x * x + y * y;
      if (square < 1 && square > 0) return x * std::sqrt(-2 * std::log(square) / square);
    }
  }

  const State& state() const { return state_; }  ///< where the stream stands

 private:
  static std::uint64_t splitmix(std::uint64_t& x) {
    x += 0x9e3779b97f4a7c15U;
    std::uint64_t z = x;
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }

  State state_{};
};

}  // namespace ugatit
