// --tensorboard: event files, anew with a new training, one more with a resumed one.
#include "trained.hpp"

namespace {

std::size_t event_files_in(const std::filesystem::path& folder) {
  const auto files = files_in(folder);
  for (const auto& [name, bytes] : files) {
    CHECK(name.starts_with("events.out.tfevents."));
    CHECK(contains(bytes, "brain.Event:2"));
    CHECK(contains(bytes, "losses/g_loss"));
    CHECK(contains(bytes, "rho/genB2A.UpBlock2.8.rho"));
    CHECK(contains(bytes, "sheet/B2A"));
  }
  return files.size();
}

}  // namespace

TEST_CASE("A training writes event files for TensorBoard when asked to") {
  const Copy folder;
  CHECK_FALSE(std::filesystem::exists(folder / "light/drawn/tensorboard"));
  const std::string flags = tiny + "--light True --result_dir light --tensorboard True ";
  REQUIRE(run(folder.path(), "train_selfie2anime", flags + "--iteration 3 --resume True").code == 0);
  CHECK(event_files_in(folder / "light/drawn/tensorboard") == 1);
  REQUIRE(run(folder.path(), "train_selfie2anime", flags + "--iteration 4 --resume True").code == 0);
  CHECK(event_files_in(folder / "light/drawn/tensorboard") == 2);
  REQUIRE(run(folder.path(), "train_selfie2anime", flags + "--iteration 1").code == 0);
  CHECK(event_files_in(folder / "light/drawn/tensorboard") == 1);
}
