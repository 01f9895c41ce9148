// Distances of pairs of images, against scikit-image's (tests/reference/make_metrics.py).
#include "catch.hpp"
#include "io/support.hpp"

#include <ugatit/metrics/pair.hpp>
#include <ugatit/metrics/ssim.hpp>

#include <random>
#include <sstream>

using namespace ugatit;

namespace {

// The same formulas as in make_metrics.py.
Image drawn(int width, int height, const std::string& kind) {
  Image image(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int c = 0; c < 3; ++c) {
        const int wave = (3 * x + 2 * y + 40 * c) % 256;
        const int noise = (x * x * 31 + y * y * 17 + x * y * 7 + 61 * c + 13 * x) % 251;
        const int level = kind == "wave" ? wave : kind == "near" ? std::min(wave + noise / 8, 255) : noise;
        image.at(x, y)[c] = static_cast<std::uint8_t>(level);
      }
    }
  }
  return image;
}

}  // namespace

TEST_CASE("L1, PSNR and SSIM are scikit-image's", "[metrics]") {
  std::ifstream file(std::filesystem::path(UGATIT_GOLDEN_FOLDER) / "pairs.csv");
  std::string line;
  std::getline(file, line);
  REQUIRE(line == "width,height,x,y,l1,psnr,ssim");
  int cases = 0;
  while (std::getline(file, line)) {
    INFO(line);
    std::vector<std::string> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
    REQUIRE(cells.size() == 7);
    const int width = std::stoi(cells[0]);
    const int height = std::stoi(cells[1]);
    const Image x = drawn(width, height, cells[2]);
    const Image y = drawn(width, height, cells[3]);
    CHECK(l1(x, y) == Approx(std::stod(cells[4])).margin(1e-10));
    CHECK(psnr(x, y) == Approx(std::stod(cells[5])).margin(1e-8));
    CHECK(ssim(x, y) == Approx(std::stod(cells[6])).margin(1e-9));
    ++cases;
  }
  CHECK(cases == 12);
}

TEST_CASE("Distances do not depend on the order of the pair, and lie in their range", "[metrics]") {
  const std::uint32_t seed = fresh_seed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  Image x(7 + static_cast<int>(random() % 30), 7 + static_cast<int>(random() % 30));
  Image y = x;
  for (std::uint8_t& level : x.pixels) level = static_cast<std::uint8_t>(random());
  for (std::uint8_t& level : y.pixels) level = static_cast<std::uint8_t>(random());
  CHECK(l1(x, y) == l1(y, x));
  CHECK(psnr(x, y) == psnr(y, x));
  CHECK(ssim(x, y) == Approx(ssim(y, x)).margin(1e-12));
  CHECK(std::abs(ssim(x, y)) < 1);
  CHECK(ssim(x, x) == Approx(1));

  // What is the same in both is no difference: mirrored images are as far apart.
  CHECK(ssim(flip(x), flip(y)) == Approx(ssim(x, y)).margin(1e-12));
}

TEST_CASE("Images that cannot be compared are refused", "[metrics]") {
  const Image x(8, 9);
  const Image y(9, 8);
  CHECK(contains(error_of([&] { l1(x, y); }), "8x9 and 9x8"));
  CHECK(contains(error_of([&] { psnr(x, y); }), "8x9 and 9x8"));
  CHECK(contains(error_of([&] { ssim(x, y); }), "8x9 and 9x8"));
  CHECK(contains(error_of([] { ssim(Image(6, 20), Image(6, 20)); }), "too small for SSIM"));
}
