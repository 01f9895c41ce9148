// KID and FID, against NumPy's and SciPy's (tests/reference/make_metrics.py).
#include "catch.hpp"
#include "io/support.hpp"

#include <ugatit/metrics/frechet_distance.hpp>
#include <ugatit/metrics/kernel_distance.hpp>

#include <sstream>

using namespace ugatit;

namespace {

// The same formula as in make_metrics.py.
FeatureMatrix features(Eigen::Index rows, Eigen::Index columns, int kind) {
  FeatureMatrix x(rows, columns);
  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index j = 0; j < columns; ++j) {
      const double row = static_cast<double>(i);
      const double column = static_cast<double>(j);
      x(i, j) = std::abs(std::sin(0.7 * row * (kind + 1) + 1.3 * column + 0.11 * row * column)) +
                0.2 * kind * std::cos(column);
    }
  }
  return x;
}

}  // namespace

TEST_CASE("KID and FID are NumPy's and SciPy's", "[metrics]") {
  std::ifstream file(std::filesystem::path(UGATIT_GOLDEN_FOLDER) / "sets.csv");
  std::string line;
  std::getline(file, line);
  REQUIRE(line == "rows,columns,first,second,kid,fid");
  int cases = 0;
  while (std::getline(file, line)) {
    INFO(line);
    std::vector<double> cells;
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(std::stod(cell));
    REQUIRE(cells.size() == 6);
    const auto rows = static_cast<Eigen::Index>(cells[0]);
    const auto columns = static_cast<Eigen::Index>(cells[1]);
    const FeatureMatrix x = features(rows, columns, static_cast<int>(cells[2]));
    const FeatureMatrix y = features(rows, columns, static_cast<int>(cells[3]));
    // Every subset is the whole set.
    const KernelDistance kid = kernel_distance(x, y);
    CHECK(kid.mean == Approx(cells[4]).epsilon(1e-9));
    CHECK(kid.deviation == Approx(0).margin(1e-6));
    CHECK(frechet_distance(x, y) == Approx(cells[5]).epsilon(1e-6));
    ++cases;
  }
  CHECK(cases == 4);
}

TEST_CASE("Sets that are alike are near, in either order, and subsets follow the seed", "[metrics]") {
  const FeatureMatrix x = features(60, 8, 0);
  const FeatureMatrix y = features(50, 8, 1);
  CHECK(frechet_distance(x, x) == Approx(0).margin(1e-6));
  CHECK(frechet_distance(x, y) == Approx(frechet_distance(y, x)));
  CHECK(kernel_distance(x, x).mean <= 0);
  const KernelDistanceSettings settings{200, 10, 1};
  const KernelDistance subsets = kernel_distance(x, y, settings);
  CHECK(subsets.deviation > 0);
  CHECK(subsets.mean == kernel_distance(x, y, settings).mean);
  CHECK(subsets.mean != kernel_distance(x, y, {200, 10, 2}).mean);
  // The estimate is unbiased: its mean over subsets is near that of the whole sets.
  CHECK(std::abs(subsets.mean - kernel_distance(x, y, {1, 50, 1}).mean) < 5 * subsets.deviation / std::sqrt(200.0));
}

TEST_CASE("A single image has no distribution", "[metrics]") {
  const FeatureMatrix one = features(1, 4, 0);
  const FeatureMatrix two = features(2, 4, 0);
  CHECK(contains(error_of([&] { kernel_distance(one, two); }), "two images or more"));
  CHECK(contains(error_of([&] { frechet_distance(two, one); }), "two images or more"));
}
