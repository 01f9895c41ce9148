// Letters in pictures, and labelled figures.
#include "catch.hpp"
#include "support.hpp"

#include <ugatit/io/figure.hpp>

using namespace ugatit;

namespace {

Image plain(int width, int height, std::uint8_t level) {
  Image image(width, height);
  std::ranges::fill(image.pixels, level);
  return image;
}

// The image as lines of '#' where it is black.
std::string black_dots(const Image& image) {
  std::string dots;
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) dots += image.at(x, y)[0] == 0 ? '#' : '.';
    dots += '\n';
  }
  return dots;
}

}  // namespace

TEST_CASE("Letters are drawn where they are asked for, at any scale, and cut off at the edges", "[io][pictures]") {
  Image image = plain(6, 9, 255);
  draw_text(image, 0, 0, "L", {0, 0, 0});
  const std::string small = black_dots(image);
  CHECK(small.find('#') != std::string::npos);

  Image large = plain(12, 18, 255);
  draw_text(large, 0, 0, "L", {0, 0, 0}, 2);
  bool is_doubled = true;
  for (int y = 0; y < 18; ++y) {
    for (int x = 0; x < 12; ++x) is_doubled &= large.at(x, y)[0] == image.at(x / 2, y / 2)[0];
  }
  CHECK(is_doubled);

  Image moved = plain(8, 12, 255);
  draw_text(moved, 2, 3, "L", {0, 0, 0});
  CHECK(black_dots(crop(moved, 2, 3, 6, 9)) == small);
  draw_text(image, -3, -3, "cut off", {0, 0, 0}, 5);
  draw_text(image, 90, 90, "outside", {0, 0, 0});

  CHECK(text_width("wide") > text_width("i"));
  CHECK(text_width("wide", 3) == 3 * text_width("wide"));
  CHECK(text_width("one\nlonger") == text_width("longer"));
  CHECK(text_height("one\ntwo", 2) == 48);
  CHECK(text_width("\xc3\xa9\x01") == text_width("???"));  // what the font has not
}

TEST_CASE("A figure has a row for each image below its labels", "[io][pictures]") {
  const Image figure = labelled_figure({"first", "second\nline"},
                                       {{plain(20, 10, 1), plain(20, 10, 2)}, {plain(20, 10, 3), plain(20, 10, 4)}});
  // Gaps of 4, labels of two lines.
  REQUIRE(figure.width == 4 + 24 + 24);
  REQUIRE(figure.height == 4 + 24 + 4 + 14 + 14);
  CHECK(crop(figure, 4, 32, 20, 10) == plain(20, 10, 1));
  CHECK(crop(figure, 28, 32, 20, 10) == plain(20, 10, 2));
  CHECK(crop(figure, 28, 46, 20, 10) == plain(20, 10, 4));
  CHECK(crop(figure, 0, 42, 52, 4) == plain(52, 4, 255));
  CHECK(black_dots(crop(figure, 4, 4, 20, 12)).find('#') != std::string::npos);

  CHECK(!error_of([] { labelled_figure({}, {}); }).empty());
  CHECK(contains(error_of([] { labelled_figure({"a", "b"}, {{plain(2, 2, 0)}}); }), "one image for each label"));
  CHECK(contains(error_of([] { labelled_figure({"a"}, {{plain(2, 2, 0)}, {plain(3, 2, 0)}}); }), "2x2 and 3x2"));
}
