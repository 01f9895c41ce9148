// What figure draws of which weights.
#include "trained.hpp"

#include <ugatit/io/image_file.hpp>
#include <ugatit/io/resize.hpp>

namespace {

// Tiles of 128 with gaps of 4: the images are smaller and have been enlarged.
int columns_of(const std::filesystem::path& figure) {
  return (ugatit::read_image(figure).width - 4) / 132;
}

}  // namespace

TEST_CASE("figure has five columns where the discriminators are known, and three where not") {
  const Copy folder;
  for (const std::string& weights : {light_checkpoint, full_checkpoint}) {
    for (const std::string direction : {"A2B", "B2A"}) {
      const Outcome end = run(folder.path(), "figure",
                              "--weights " + weights + " --input drawn/testA --output f.png --direction " + direction);
      INFO(end.err);
      CHECK(end.code == 0);
      CHECK(end.out.empty());
      CHECK(columns_of(folder / "f.png") == 5);
    }
  }
  const ugatit::Image two = ugatit::read_image(folder / "f.png");
  const Outcome end = run(folder.path(), "figure",
                          "--weights light/drawn/model/drawn_A2B.safetensors --input drawn/testA/portrait_0001.png "
                          "--output g.png");
  CHECK(end.code == 0);
  CHECK(std::count(end.out.begin(), end.out.end(), '\n') == 1);
  CHECK(contains(end.out, "no discriminators of domain B"));
  CHECK(columns_of(folder / "g.png") == 3);
  CHECK(two.height - ugatit::read_image(folder / "g.png").height == 132);
}

TEST_CASE("figure shows the translation that translate writes") {
  const Copy folder;
  const std::string files = "--weights " + light_checkpoint + " --input drawn/testA/portrait_0001.png --output ";
  REQUIRE(run(folder.path(), "translate", files + "t.png").code == 0);
  REQUIRE(run(folder.path(), "figure", files + "f.png").code == 0);
  const ugatit::Image figure = ugatit::read_image(folder / "f.png");
  CHECK(crop(figure, 4 + 4 * 132, figure.height - 132, 128, 128) ==
        resize(ugatit::read_image(folder / "t.png"), 128, 128));
}

TEST_CASE("figure names what it cannot read") {
  const Copy folder;
  put(folder / "drawn/testA/0.png", "This is no image.\n");
  Outcome end = run(folder.path(), "figure", "--weights " + light_checkpoint + " --input drawn/testA --output f.png");
  CHECK(unlike_failure(end, 1, "skipped: drawn/testA/0.png") == "");
  CHECK(columns_of(folder / "f.png") == 5);
  end = run(folder.path(), "figure", "--weights " + light_checkpoint + " --input drawn/testA/0.png --output no.png");
  CHECK(unlike_failure(end, 1, "drawn/testA/0.png") == "");
  end = run(folder.path(), "figure",
            "--weights light/drawn/model/drawn_A2B.safetensors --direction B2A --input drawn/testA --output no.png");
  CHECK(unlike_failure(end, 1, "genB2A") == "");
  CHECK_FALSE(std::filesystem::exists(folder / "no.png"));
}
