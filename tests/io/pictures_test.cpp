// What is drawn for people: heat maps, contact sheets, and images from what networks say.
#include "catch.hpp"
#include "support.hpp"

#include <ugatit/io/heat_map.hpp>
#include <ugatit/io/image_file.hpp>
#include <ugatit/io/pixels.hpp>
#include <ugatit/io/sheet.hpp>

#include <limits>

using namespace ugatit;

TEST_CASE("JET is OpenCV's", "[io][pictures]") {
  const Image expected = read_image(golden("jet.png"));
  for (int level = 0; level < 256; ++level) {
    CAPTURE(level);
    CHECK(std::ranges::equal(jet(static_cast<std::uint8_t>(level)), std::span(expected.at(level, 0), 3)));
  }
  CHECK(jet(0) == std::array<std::uint8_t, 3>{0, 0, 128});
  CHECK(jet(255) == std::array<std::uint8_t, 3>{128, 0, 0});
}

TEST_CASE("A heat map is drawn as the published code draws it with OpenCV", "[io][pictures]") {
  std::vector<float> values;
  for (int y = 0; y < 12; ++y) {
    for (int x = 0; x < 16; ++x) values.push_back(static_cast<float>((7 * x + 13 * y + x * y) % 64) / 32 - 0.75F);
  }
  for (const int size : {50, 9}) {
    CAPTURE(size);
    const Image expected = read_image(golden("heat_" + std::to_string(size) + ".png"));
    CHECK(heat_map(std::span(values), 12, 16, size) == expected);
  }
}

TEST_CASE("A heat map of equal values is blue, one of NaN is refused", "[io][pictures]") {
  std::vector<double> values(9, 3.0);
  CHECK(heat_map(std::span(values), 3, 3, 4).at(2, 2)[2] == 128);
  CHECK(contains(error_of([&] { heat_map(std::span(values), 3, 4, 4); }), "cannot have 9 values"));
  values[4] = std::numeric_limits<double>::quiet_NaN();
  CHECK(contains(error_of([&] { heat_map(std::span(values), 3, 3, 4); }), "not finite"));
}

TEST_CASE("A contact sheet has a column for each sample and a row for each kind", "[io][pictures]") {
  const auto tile = [](std::uint8_t level) {
    Image image(2, 3);
    std::ranges::fill(image.pixels, level);
    return image;
  };
  const Image sheet = contact_sheet({{tile(1), tile(2)}, {tile(3), tile(4)}, {tile(5), tile(6)}});
  REQUIRE(sheet.width == 6);
  REQUIRE(sheet.height == 6);
  CHECK(sheet.at(0, 0)[0] == 1);
  CHECK(sheet.at(1, 3)[0] == 2);
  CHECK(sheet.at(2, 2)[1] == 3);
  CHECK(sheet.at(5, 5)[2] == 6);

  CHECK(!error_of([] { contact_sheet({}); }).empty());
  CHECK(!error_of([] { contact_sheet({{}}); }).empty());
  CHECK(contains(error_of([&] { contact_sheet({{tile(1), tile(2)}, {tile(3)}}); }), "equally many"));
  CHECK(contains(error_of([&] { contact_sheet({{tile(1)}, {Image(3, 3)}}); }), "2x3 and 3x3"));
}

TEMPLATE_TEST_CASE("Levels survive the way to the network and back", "[io][pictures]", float, double) {
  const Image image = pattern();
  std::vector<TestType> values(image.pixels.size());
  to_chw(image, std::span(values));
  CHECK(from_chw(std::span(values), image.height, image.width) == image);
  // Planes in the order R, G, B.
  CHECK(values[16] == (TestType(240) / 255 - TestType(0.5)) / TestType(0.5));
  CHECK(values[17 * 11] == -1);
  CHECK(values[17 * 11 + 17] == (TestType(23) / 255 - TestType(0.5)) / TestType(0.5));
  CHECK(!error_of([&] { to_chw(image, std::span(values).first(5)); }).empty());
  CHECK(!error_of([&] { from_chw(std::span(values), 5, 5); }).empty());
}

TEST_CASE("Images from networks are rounded, halves to even, and clamped", "[io][pictures]") {
  const auto level = [](double x) {
    const std::vector<double> values(3, x);
    return int{from_chw(std::span(values), 1, 1).pixels[0]};
  };
  CHECK(level(-1) == 0);
  CHECK(level(1) == 255);
  CHECK(level(-7) == 0);
  CHECK(level(std::numeric_limits<double>::infinity()) == 255);
  CHECK(level(0) == 128);                // 127.5
  CHECK(level(2 * 0.5 / 255 - 1) == 0);  // 0.5
  CHECK(level(2 * 100.4 / 255 - 1) == 100);
  CHECK(level(2 * 100.6 / 255 - 1) == 101);
  CHECK(contains(error_of([&] { level(std::numeric_limits<double>::quiet_NaN()); }), "NaN"));
}
