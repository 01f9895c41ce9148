// Colours: linear light while a photo is lit, display values while a cartoon is painted.
#pragma once

#include "vector.hpp"

#include <cmath>

namespace ugatit::portraits {

/// Red, green and blue; 1 is white.
struct Colour {
  double r = 0;
  double g = 0;
  double b = 0;
  friend bool operator==(const Colour&, const Colour&) = default;
};

inline Colour operator+(Colour a, Colour b) {
  return {a.r + b.r, a.g + b.g, a.b + b.b};
}
inline Colour operator*(Colour a, Colour b) {
  return {a.r * b.r, a.g * b.g, a.b * b.b};
}
inline Colour operator*(Colour a, double k) {
  return {a.r * k, a.g * k, a.b * k};
}
inline Colour mix(Colour a, Colour b, double t) {
  return {mix(a.r, b.r, t), mix(a.g, b.g, t), mix(a.b, b.b, t)};
}
inline double luminance(Colour a) {
  return 0.21 * a.r + 0.72 * a.g + 0.07 * a.b;
}

/// 0xRRGGBB, as painters write colours down.
inline Colour hex(unsigned rgb) {
  return {static_cast<double>(rgb >> 16U & 255U) / 255, static_cast<double>(rgb >> 8U & 255U) / 255,
          static_cast<double>(rgb & 255U) / 255};
}

/// Hue, saturation and value, each 0 to 1; the hue goes round.
inline Colour hsv(double hue, double saturation, double value) {
  const auto channel = [&](double shift) {
    const double turn = (hue + shift - std::floor(hue + shift)) * 6;
    return value * (1 - saturation * (1 - clamp01(std::abs(turn - 3) - 1)));
  };
  return {channel(0), channel(2.0 / 3), channel(1.0 / 3)};
}

/// From display values to linear light.
inline Colour to_linear(Colour a) {
  return {std::pow(a.r, 2.2), std::pow(a.g, 2.2), std::pow(a.b, 2.2)};
}

/// From linear light to display values, with a shoulder so that highlights do not clip.
inline Colour to_display(Colour a) {
  const auto channel = [](double x) {
    x = std::max(0.0, x);
    const double toned = x < 0.6 ? x : 0.6 + 0.4 * (x - 0.6) / (x - 0.6 + 0.4);
    return std::pow(toned, 1 / 2.2);
  };
  return {channel(a.r), channel(a.g), channel(a.b)};
}

/// Paler (towards grey) for `k` < 1, more colourful for `k` > 1.
inline Colour saturate(Colour a, double k) {
  const double grey = luminance(a);
  return {mix(grey, a.r, k), mix(grey, a.g, k), mix(grey, a.b, k)};
}

}  // namespace ugatit::portraits
