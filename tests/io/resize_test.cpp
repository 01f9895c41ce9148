// Resizing against Pillow; flips, crops and the training transform.
#include "catch.hpp"
#include "support.hpp"

#include <ugatit/io/augment.hpp>
#include <ugatit/io/image_file.hpp>

using namespace ugatit;

TEST_CASE("Resizing equals Pillow's", "[io][resize]") {
  const Image noise = read_image(golden("noise.png"));
  constexpr int sizes[][2] = {{80, 45}, {9, 7}, {37, 10}, {13, 29}, {1, 1}, {64, 5}, {36, 28}, {38, 30}};
  for (const auto& [width, height] : sizes) {
    CAPTURE(width, height);
    const Image expected = read_image(golden("noise_" + std::to_string(width) + "x" + std::to_string(height) + ".png"));
    CHECK(distance(resize(noise, width, height), expected) == 0);
  }
  CHECK(resize(noise, noise.width, noise.height) == noise);
  CHECK(!error_of([&] { resize(noise, 0, 5); }).empty());
  CHECK(!error_of([&] { resize(noise, 5, -1); }).empty());
}

TEST_CASE("A flip mirrors, a crop cuts out", "[io][resize]") {
  const Image image = pattern();
  CHECK(flip(flip(image)) == image);
  CHECK(flip(image).at(0, 4)[0] == image.at(16, 4)[0]);

  const Image part = crop(image, 3, 2, 5, 4);
  CHECK(part.width == 5);
  CHECK(part.height == 4);
  CHECK(part.at(1, 1)[2] == image.at(4, 3)[2]);
  CHECK(crop(image, 0, 0, 17, 11) == image);
  CHECK(contains(error_of([&] { crop(image, 13, 0, 5, 5); }), "does not lie inside"));
  CHECK(contains(error_of([&] { crop(image, -1, 0, 5, 5); }), "does not lie inside"));
  CHECK(contains(error_of([&] { crop(image, 0, 0, 5, 12); }), "does not lie inside"));
}

TEST_CASE("The training transform is a flip, S + 30 and a crop, and every choice occurs", "[io][resize]") {
  const Image image = pattern();
  constexpr int size = 8;
  const Image large = resize(image, size + 30, size + 30);
  const Image mirrored = resize(flip(image), size + 30, size + 30);
  std::vector<int> seen_left(31);
  std::vector<int> seen_top(31);
  int seen_flips = 0;
  constexpr int trials = 400;
  for (std::uint64_t i = 0; i < trials; ++i) {
    Random random(1, 2, i);
    Random same(1, 2, i);
    const Image out = augment(image, size, random);
    const bool is_flipped = same.coin();
    const int top = static_cast<int>(same.below(31));
    const int left = static_cast<int>(same.below(31));
    REQUIRE(out == crop(is_flipped ? mirrored : large, left, top, size, size));
    seen_flips += is_flipped ? 1 : 0;
    ++seen_left[static_cast<std::size_t>(left)];
    ++seen_top[static_cast<std::size_t>(top)];
  }
  CHECK((seen_flips > trials / 3 && seen_flips < trials * 2 / 3));
  CHECK(std::ranges::count(seen_left, 0) == 0);
  CHECK(std::ranges::count(seen_top, 0) == 0);
}
