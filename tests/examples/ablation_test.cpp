// What ablation prints and draws, and what it refuses.
#include "program.hpp"

#include <ugatit/io/image_file.hpp>

namespace {

std::string tiny(int size) {
  return "--iteration 2 --batch_size 1 --train 2 --test 2 --threads 1 --img_size " + std::to_string(size);
}

}  // namespace

TEST_CASE("ablation trains with one norm and shows what came out") {
  const TemporaryFolder folder;
  const Outcome end = run(folder.path(), "ablation", tiny(48) + " --norm batch --sheet sheet.png");
  INFO(end.err);
  REQUIRE(end.code == 0);
  CHECK(contains(end.out, "\n(photos) "));
  CHECK(contains(end.out, "\nbatch "));
  CHECK_FALSE(contains(end.out, "\nlayer "));
  const ugatit::Image sheet = ugatit::read_image(folder / "sheet.png");
  CHECK(sheet.width == 2 * 48);
  CHECK(sheet.height == 3 * 48);  // photos, translations, cartoons
}

TEST_CASE("ablation refuses what it cannot do") {
  const TemporaryFolder folder;
  CHECK(unlike_failure(run(folder.path(), "ablation", tiny(48) + " --norm spectral"), 2, "--norm").empty());
  CHECK(unlike_failure(run(folder.path(), "ablation", tiny(50)), 1, "multiples of 4").empty());
}
