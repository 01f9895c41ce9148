// The colour map JET as OpenCV has it: from dark blue over cyan and yellow to dark red.
#pragma once

#include <ugatit/io/image.hpp>

#include <array>

namespace ugatit {

/// The colour of `level`, equal to OpenCV's COLORMAP_JET (in the order R, G, B).
///
/// With x = level / 255 a channel is 1.5 - |4x - c| within [0, 1], c = 3, 2, 1 for red, green, blue. Times 255 that
/// ends in .5 for most levels; OpenCV's table has the even neighbour there, except at one place.
inline std::array<std::uint8_t, 3> jet(std::uint8_t level) {
  const auto channel = [&](int c) {
    const int distance = std::abs(4 * level - 255 * c);
    return static_cast<std::uint8_t>(std::clamp((383 - distance) & ~1, 0, 255));
  };
  constexpr int odd_one = 159;
  return {channel(3), channel(2), level == odd_one ? std::uint8_t{1} : channel(1)};
}

}  // namespace ugatit
