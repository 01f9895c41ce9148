// From a function of the place to an image: four samples a pixel.
#pragma once

#include "colour.hpp"

#include <ugatit/io/image.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace ugatit::portraits {

inline std::uint8_t to_byte(double x) {
  return static_cast<std::uint8_t>(clamp01(x) * 255 + 0.5);
}

/// Calls `sample(point, width)` four times a pixel, for points in [-1, 1]² and the width of a sample, and
/// `develop(colour, point, x, y)` once a pixel to turn the mean into display values.
template <class Sample, class Develop>
Image render(int size, const Sample& sample, const Develop& develop) {
  Image image(size, size);
  const double pixel = 2.0 / size;
  // A rotated grid smooths edges that are nearly level or upright better than a straight one.
  constexpr Vec2 offsets[] = {{-0.125, -0.375}, {0.375, -0.125}, {-0.375, 0.125}, {0.125, 0.375}};
  for (int y = 0; y < size; ++y) {
    for (int x = 0; x < size; ++x) {
      const Vec2 centre{(x + 0.5) * pixel - 1, (y + 0.5) * pixel - 1};
      Colour sum;
      for (const Vec2 offset : offsets) sum = sum + sample(centre + offset * pixel, pixel * 0.5);
      const Colour shown = develop(sum * 0.25, centre, x, y);
      std::uint8_t* out = image.at(x, y);
      out[0] = to_byte(shown.r);
      out[1] = to_byte(shown.g);
      out[2] = to_byte(shown.b);
    }
  }
  return image;
}

}  // namespace ugatit::portraits
