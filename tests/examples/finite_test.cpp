// A training whose numbers overflow ends with one line, and its last good checkpoint stays.
#include "trained.hpp"

#include <ugatit/io/weights_file.hpp>

#include <algorithm>
#include <cmath>

using namespace ugatit;

namespace {

bool is_finite(const std::filesystem::path& checkpoint) {
  const WeightsFile file(checkpoint);
  return std::ranges::all_of(file.tensors(), [&](const TensorInfo& tensor) {
    std::vector<float> numbers(static_cast<std::size_t>(tensor.elements()));
    file.read_as(tensor.name, std::span(numbers));
    return std::ranges::all_of(numbers, [](float x) { return std::isfinite(x); });
  });
}

}  // namespace

TEST_CASE("A training that overflows names the first bad tensor and keeps the last good checkpoint") {
  for (const std::string rate : {"1e12", "1e30", "1e39"}) {
    const Copy folder;
    const std::string before = text_in(folder / light_checkpoint);
    const Outcome end =
        run(folder.path(), "train_selfie2anime",
            tiny + "--light True --result_dir light --iteration 8 --save_freq 1 --resume True --lr " + rate);
    INFO("--lr " << rate);
    CHECK(unlike_failure(end, 1, " finite") == "");
    CHECK(contains(end.err, "iteration "));
    CHECK(contains(end.err, "with --resume True and a smaller --lr"));
    CHECK(text_in(folder / light_checkpoint) == before);
    for (const auto& entry : std::filesystem::directory_iterator(folder / "light/drawn/model")) {
      INFO(entry.path());
      CHECK(is_finite(entry.path()));
    }
    // What it stands on can be trained on from.
    CHECK(run(folder.path(), "train_selfie2anime",
              tiny + "--light True --result_dir light --iteration 4 --resume True --start_iter 2")
              .code == 0);
  }
}
