// Twenty iterations of the real program against PyTorch's loss curves (tests/golden/README.md).
#include "program.hpp"

#include <algorithm>
#include <cmath>

namespace {

using Rows = std::vector<std::vector<double>>;

/// The numbers of a CSV file, without its header.
Rows rows_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  Rows rows;
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(std::stod(cell));
  }
  return rows;
}

Rows golden_curve(const std::string& name) {
  return rows_of(std::filesystem::path(UGATIT_GOLDEN_FOLDER) / ("curve_" + name + ".csv"));
}

/// The rows that the program writes for curve_NAME.pt.
Rows curve_of_program(const std::string& name, const std::string& flags) {
  const TemporaryFolder folder;
  std::filesystem::create_directory_symlink(UGATIT_GOLDEN_FOLDER, folder / "golden");
  const Outcome end =
      run(folder.path(), "train_selfie2anime",
          "--init_weights golden/curve_" + name + ".pt --data_dir golden --dataset curve --ch 8 --img_size 128 " +
              "--iteration 20 --augment_flag False --shuffle False " + flags);
  INFO(end.err);
  REQUIRE(end.code == 0);
  return rows_of(folder / "results/curve/losses.csv");
}

constexpr std::size_t d_loss = 1, g_loss = 2;

/// The largest relative difference of columns [first, last].
double deviation(const Rows& a, const Rows& b, std::size_t first, std::size_t last) {
  REQUIRE(a.size() == 20);
  REQUIRE(b.size() == 20);
  double worst = 0;
  for (std::size_t row = 0; row < a.size(); ++row) {
    REQUIRE(last < b[row].size());
    REQUIRE(last < a[row].size());
    for (std::size_t column = first; column <= last; ++column) {
      const double error = std::abs(a[row][column] - b[row][column]) / std::abs(b[row][column]);
      worst = std::isfinite(error) ? std::max(worst, error) : HUGE_VAL;
    }
  }
  return worst;
}

/// Float32 strays from the exact curve no further than twice what PyTorch's does.
void check_float32(const std::string& name, const Rows& rows) {
  const Rows exact = golden_curve(name + "_float64");
  const Rows torch = golden_curve(name + "_float32");
  for (const std::size_t column : {d_loss, g_loss}) {
    CHECK(deviation(rows, exact, column, column) <= 2 * deviation(torch, exact, column, column));
  }
}

}  // namespace

TEST_CASE("The light model's loss curve in float64 is PyTorch's", "[slow]") {
  const Rows rows = curve_of_program("light", "--light True --precision float64");
  const Rows exact = golden_curve("light_float64");
  REQUIRE(rows.size() == 20);
  CHECK(deviation(rows, exact, 0, exact[0].size() - 1) <= 1e-8);
}

TEST_CASE("The light model's loss curve in float32 is as near as PyTorch's", "[slow]") {
  check_float32("light", curve_of_program("light", "--light True --precision float32"));
}

// On a GPU, by benchmarks/gpu.sh: the program of a build with CUDA.
TEST_CASE("On a GPU the light model's loss curve in float32 is as near as PyTorch's", "[.gpu][slow]") {
  check_float32("light", curve_of_program("light", "--light True --device cuda --precision float32"));
}

TEST_CASE("On a GPU the light model's loss curve in bfloat16 stays near", "[.gpu][slow]") {
  const Rows rows = curve_of_program("light", "--light True --device cuda --precision bfloat16");
  CHECK(deviation(rows, golden_curve("light_float64"), d_loss, g_loss) <= 0.1);
}

TEST_CASE("The full model's loss curve in float64 is PyTorch's", "[slow]") {
  // The totals: single terms amplify rounding about three times an iteration, in PyTorch against itself too.
  const Rows rows = curve_of_program("full", "--n_dis 4 --precision float64");
  CHECK(deviation(rows, golden_curve("full_float64"), d_loss, g_loss) <= 1e-8);
}

TEST_CASE("The full model's loss curve in float32 is as near as PyTorch's", "[slow]") {
  check_float32("full", curve_of_program("full", "--n_dis 4 --precision float32"));
}
