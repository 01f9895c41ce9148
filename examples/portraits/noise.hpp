// Noise that is a function of the place: the texture of skin, hair, cloth and film.
#pragma once

#include "vector.hpp"

#include <cstdint>

namespace ugatit::portraits {

/// A number in [0, 1) for a cell of the grid, the same on every machine.
inline double cell_noise(std::int64_t x, std::int64_t y, std::uint32_t salt) {
  std::uint32_t h = static_cast<std::uint32_t>(x) * 0x8da6b343U ^ static_cast<std::uint32_t>(y) * 0xd8163841U ^ salt;
  h ^= h >> 15U;
  h *= 0x2c1b3c6dU;
  h ^= h >> 12U;
  h *= 0x297a2d39U;
  h ^= h >> 15U;
  return static_cast<double>(h) * 0x1.0p-32;
}

/// The cell that holds `x`. Without std::floor, which is a library call where the machine's own instruction is not
/// used.
inline std::int64_t cell_of(double x) {
  const auto whole = static_cast<std::int64_t>(x);
  return whole - (static_cast<double>(whole) > x ? 1 : 0);
}

/// Smooth noise in [0, 1) with one random value per unit square.
inline double noise(Vec2 p, std::uint32_t salt) {
  const std::int64_t x = cell_of(p.x);
  const std::int64_t y = cell_of(p.y);
  const double right = p.x - static_cast<double>(x);
  const double down = p.y - static_cast<double>(y);
  const double u = right * right * (3 - 2 * right);
  const double v = down * down * (3 - 2 * down);
  return mix(mix(cell_noise(x, y, salt), cell_noise(x + 1, y, salt), u),
             mix(cell_noise(x, y + 1, salt), cell_noise(x + 1, y + 1, salt), u), v);
}

/// Noise on three scales, in [0, 1).
inline double cloud(Vec2 p, std::uint32_t salt) {
  return (4 * noise(p, salt) + 2 * noise(p * 2.03, salt + 1) + noise(p * 4.1, salt + 2)) / 7;
}

}  // namespace ugatit::portraits
