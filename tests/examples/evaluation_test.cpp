// Scores while training, the best checkpoint, and averages of the weights.
#include "trained.hpp"

#include <ugatit/io/image_file.hpp>
#include <ugatit/io/resize.hpp>
#include <ugatit/io/weights_file.hpp>
#include <ugatit/metrics/ssim.hpp>

using namespace ugatit;

namespace {

const std::string scored = tiny + "--light True --result_dir scored --ema 0.9 ";

/// The cells of each row of a CSV file, the header included.
std::vector<std::vector<std::string>> cells_of(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(file, line);) {
    rows.emplace_back();
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  return rows;
}

/// All numbers of the tensors whose name starts with `prefix`, by the rest of their names.
std::map<std::string, std::vector<float>> tensors_of(const std::filesystem::path& path, const std::string& prefix) {
  const WeightsFile file(path);
  std::map<std::string, std::vector<float>> all;
  for (const TensorInfo& tensor : file.tensors()) {
    if (!tensor.name.starts_with(prefix)) continue;
    std::vector<float> numbers(static_cast<std::size_t>(tensor.elements()));
    file.read_as(tensor.name, std::span(numbers));
    all[tensor.name.substr(prefix.size())] = std::move(numbers);
  }
  return all;
}

/// A training of four iterations, scored at 2 and 4.
const TemporaryFolder& scored_training() {
  static const Copy folder;
  static const Outcome end = run(folder.path(), "train_selfie2anime", scored + "--iteration 4 --evaluate_every 2");
  INFO(end.err);
  REQUIRE(end.code == 0);
  REQUIRE(contains(end.out, "iteration 4:  l1 "));
  return folder;
}

}  // namespace

TEST_CASE("Scores are those of the averages' translations against their partners") {
  const TemporaryFolder& folder = scored_training();
  const auto rows = cells_of(folder / "scored/drawn/metrics.csv");
  REQUIRE(rows.size() == 3);
  CHECK(rows[0] == std::vector<std::string>{"iteration", "l1", "l1_A2B", "l1_B2A", "ssim", "ssim_A2B", "ssim_B2A"});
  CHECK(rows[1][0] == "2");
  CHECK(rows[2][0] == "4");

  REQUIRE(run(folder.path(), "train_selfie2anime", scored + "--phase create").code == 0);
  double sum_l1 = 0;
  double sum_ssim = 0;
  for (const std::string name : {"portrait_0001.png", "portrait_0002.png"}) {
    const Image translated = read_image(folder / ("scored/drawn/create/A2B_" + name));
    const Image truth = resize(read_image(folder / ("drawn/testB/" + name)), 32, 32);
    sum_l1 += l1(truth, translated);
    sum_ssim += ssim(truth, translated);
  }
  CHECK(std::stod(rows[2][2]) == Approx(sum_l1 / 2).epsilon(1e-8));
  CHECK(std::stod(rows[2][5]) == Approx(sum_ssim / 2).epsilon(1e-8));
  CHECK(std::stod(rows[2][1]) == Approx((std::stod(rows[2][2]) + std::stod(rows[2][3])) / 2).epsilon(1e-8));
}

TEST_CASE("The best checkpoint is that of the best score") {
  const TemporaryFolder& folder = scored_training();
  const auto rows = cells_of(folder / "scored/drawn/metrics.csv");
  const std::string best = std::stod(rows[2][1]) < std::stod(rows[1][1]) ? "4" : "2";
  CHECK(WeightsFile(folder / "scored/drawn/model/drawn_best.safetensors").metadata().at("iteration") == best);
}

TEST_CASE("Generators are written as averages, and translate takes those of a checkpoint") {
  const TemporaryFolder& folder = scored_training();
  const std::string model = "scored/drawn/model/drawn_";
  const auto averages = tensors_of(folder / (model + "params_0000004.safetensors"), "ema/genA2B.");
  CHECK(averages.size() > 10);
  CHECK(averages == tensors_of(folder / (model + "A2B.safetensors"), "genA2B."));
  CHECK(averages != tensors_of(folder / (model + "params_0000004.safetensors"), "genA2B."));

  const std::string translate = "--input drawn/testA/portrait_0001.png --weights " + model;
  for (const std::string arguments : {"A2B.safetensors --output a.png", "params_0000004.safetensors --output b.png",
                                      "params_0000004.safetensors --output c.png --ema True"}) {
    REQUIRE(run(folder.path(), "translate", translate + arguments).code == 0);
  }
  CHECK(text_in(folder / "a.png") == text_in(folder / "c.png"));
  CHECK(text_in(folder / "a.png") != text_in(folder / "b.png"));
}

TEST_CASE("What cannot be scored or resumed is said before anything is trained") {
  const Copy folder;
  const auto failure = [&](const std::string& flags, const std::string& part) {
    return unlike_failure(run(folder.path(), "train_selfie2anime", tiny + "--light True " + flags), 1, part);
  };
  CHECK(failure("--result_dir new --evaluate_every 1 --metric kid", "--metric kid needs --inception") == "");
  CHECK(failure("--result_dir new --evaluate_every 1 --inception none.pth", "none.pth does not exist") == "");
  for (const std::string name : {"portrait_0001", "portrait_0002"}) {
    std::filesystem::rename(folder / ("drawn/testB/" + name + ".png"), folder / ("drawn/testB/other_" + name));
  }
  CHECK(failure("--result_dir new --evaluate_every 1", "no images of one name in testA and testB") == "");
  CHECK_FALSE(std::filesystem::exists(folder / "new/drawn/losses.csv"));

  // Averages start from a checkpoint that has none, and are missed where it has some.
  const std::string resume = tiny + "--light True --result_dir light --resume True ";
  REQUIRE(run(folder.path(), "train_selfie2anime", resume + "--iteration 3 --ema 0.9").code == 0);
  CHECK(failure("--result_dir light --resume True --iteration 4", "resume with --ema 0.9") == "");
}

TEST_CASE("A table of other columns is not written on") {
  const Copy folder;
  put(folder / "light/drawn/losses.csv", "iteration,d_loss\n1,2\n2,2\n");
  const Outcome end =
      run(folder.path(), "train_selfie2anime", tiny + "--light True --result_dir light --resume True --iteration 3");
  CHECK(unlike_failure(end, 1, "light/drawn/losses.csv has other columns") == "");
}
