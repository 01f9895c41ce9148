// What of a processor multiplies bfloat16: its matrix unit (AMX), AVX-512's products of pairs, or float's arithmetic.
// Found when the program runs, whatever processor it was built for.
#pragma once

#include <ugatit/core/shape.hpp>

#if defined(__x86_64__) && defined(__linux__)
#define UGATIT_TILE_UNITS

#include <sys/syscall.h>

#include <cpuid.h>
#include <cstdint>
#include <cstring>
#include <immintrin.h>
#include <unistd.h>
#endif

namespace ugatit::tiles {

constexpr Index side = 16;  ///< rows and columns of a tile of results

/// Ways to multiply, the best last.
enum class Unit { portable, avx512, amx };

#ifdef UGATIT_TILE_UNITS

namespace units {

/// How the matrix unit takes its tiles (Intel's programming reference, palette 1).
struct alignas(64) Configuration {
  std::uint8_t palette = 1;
  std::uint8_t start = 0;
  std::uint8_t reserved[14] = {};
  std::uint16_t bytes_of_row[16] = {};
  std::uint8_t rows[16] = {};

  explicit Configuration(Index depth) {
    for (int tile = 0; tile < 8; ++tile) {
      const bool is_a = tile == 4 || tile == 5;
      const bool is_b = tile >= 6;
      bytes_of_row[tile] = static_cast<std::uint16_t>(is_a ? 2 * depth : 4 * side);
      rows[tile] = static_cast<std::uint8_t>(is_b ? depth / 2 : side);
    }
  }
};

[[gnu::target("amx-tile")]] inline void configure(const Configuration& c) {
  _tile_loadconfig(&c);
}
[[gnu::target("amx-tile")]] inline void release() {
  _tile_release();
}

/// Linux lends the matrix unit's registers to processes that ask.
inline bool is_lent_matrix_unit() {
  constexpr long request_permission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr long tile_data = 18;
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

inline Unit find() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (__get_cpuid_count(7, 0, &a, &b, &c, &d) == 0) return Unit::portable;
  const bool has_matrix_unit = (d >> 22U & 1U) != 0 && (d >> 24U & 1U) != 0;
  if (has_matrix_unit && is_lent_matrix_unit()) return Unit::amx;
  // The compiler's own check asks the operating system too whether it saves AVX-512's registers.
  const bool has_avx512 = __builtin_cpu_supports("avx512f") != 0;
  if (has_avx512 && __get_cpuid_count(7, 1, &a, &b, &c, &d) != 0 && (a >> 5U & 1U) != 0) return Unit::avx512;
  return Unit::portable;
}

}  // namespace units

/// The best unit of this processor.
inline Unit best_unit() {
  static const Unit unit = units::find();
  return unit;
}

#else

/// The best unit of this processor.
inline Unit best_unit() {
  return Unit::portable;
}

#endif

/// Readies a unit for products of that depth, for one thread and one scope.
class Session {
 public:
  Session([[maybe_unused]] Unit unit, [[maybe_unused]] Index depth) {
#ifdef UGATIT_TILE_UNITS
    is_open_ = unit == Unit::amx;
    if (is_open_) units::configure(units::Configuration(depth));
#endif
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() {
#ifdef UGATIT_TILE_UNITS
    if (is_open_) units::release();
#endif
  }

 private:
#ifdef UGATIT_TILE_UNITS
  bool is_open_ = false;
#endif
};

}  // namespace ugatit::tiles
