// Text in pictures, in the plain bitmap letters of stb_easy_font: 7 pixels high, lines 12 pixels apart.
#pragma once

#include <ugatit/io/image.hpp>
#include <ugatit/io/stb.hpp>

#include <array>
#include <cmath>
#include <string>

namespace ugatit {

namespace lettering {

/// What the font has: ASCII letters and '\n'; '?' stands for others.
inline std::string known(std::string text) {
  for (char& c : text) {
    if (c != '\n' && (c < ' ' || c > '~')) c = '?';
  }
  return text;
}

}  // namespace lettering

/// The width of `text` in pixels, its longest line's; `scale` is the side of one dot.
inline int text_width(const std::string& text, int scale = 1) {
  return scale * stb_easy_font_width(lettering::known(text).data());
}

/// The height of `text` in pixels, 12 a line.
inline int text_height(const std::string& text, int scale = 1) {
  return scale * 12 * (1 + static_cast<int>(std::count(text.begin(), text.end(), '\n')));
}

/// Writes `text` with its upper left corner at column `left` and row `top`; what lies outside the image is cut off.
inline void draw_text(Image& image, int left, int top, const std::string& text,
                      const std::array<std::uint8_t, 3>& colour, int scale = 1) {
  // The font comes as rectangles: four corners each, of three coordinates and a colour.
  struct Corner {
    float x, y, z;
    std::array<unsigned char, 4> unused;
  };
  static_assert(sizeof(Corner) == 16);
  std::string letters = lettering::known(text);
  std::vector<Corner> corners(letters.size() * 4 * 32);
  const int count = stb_easy_font_print(0, 0, letters.data(), nullptr, corners.data(),
                                        static_cast<int>(corners.size() * sizeof(Corner)));
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    const Corner& first = corners[4 * i];
    const Corner& last = corners[4 * i + 2];
    const auto edge = [scale](float at, int from, int limit) {
      return std::clamp(from + scale * static_cast<int>(std::lrint(at)), 0, limit);
    };
    for (int y = edge(first.y, top, image.height); y < edge(last.y, top, image.height); ++y) {
      for (int x = edge(first.x, left, image.width); x < edge(last.x, left, image.width); ++x) {
        std::ranges::copy(colour, image.at(x, y));
      }
    }
  }
}

}  // namespace ugatit
