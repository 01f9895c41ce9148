// What translate, and the phases test and create, write where.
#include "trained.hpp"

#include <ugatit/io/image_file.hpp>
#include <ugatit/io/png.hpp>

#include <set>

namespace {

std::set<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& file : files_in(folder)) names.insert(file.first);
  return names;
}

ugatit::Image picture(int width, int height) {
  ugatit::Image image(width, height);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<std::uint8_t>(i * i / 7);
  return image;
}

}  // namespace

TEST_CASE("A folder keeps its names as PNG, with heat maps beside") {
  const Copy folder;
  std::filesystem::create_directory(folder / "in");
  std::filesystem::copy(golden("photo.jpg"), folder / "in/a.jpg");
  std::filesystem::copy(golden("rgb.bmp"), folder / "in/b.bmp");
  const Outcome end =
      run(folder.path(), "translate", "--weights " + light_checkpoint + " --input in --output out --heatmap heat");
  INFO(end.err);
  CHECK(end.code == 0);
  CHECK(names_in(folder / "out") == std::set<std::string>{"a.png", "b.png"});
  CHECK(names_in(folder / "heat") == names_in(folder / "out"));
  CHECK(ugatit::read_image(folder / "out/a.png").width == 32);
  CHECK(ugatit::read_image(folder / "heat/a.png").height == 32);
}

TEST_CASE("keep gives the photo's own size, on light models alone") {
  const Copy folder;
  ugatit::write_png(folder / "photo.png", picture(50, 38));
  const std::string files = " --input photo.png --output out.png --img_size ";
  CHECK(run(folder.path(), "translate", "--weights " + light_checkpoint + files + "keep").code == 0);
  const ugatit::Image result = ugatit::read_image(folder / "out.png");
  CHECK(result.width == 50);
  CHECK(result.height == 38);
  std::filesystem::remove(folder / "out.png");

  for (const std::string size : {"keep", "64"}) {
    const Outcome end = run(folder.path(), "translate", "--weights " + full_checkpoint + files + size);
    CHECK(unlike_failure(end, 1, "full model, which works at 32 alone") == "");
    CHECK_FALSE(std::filesystem::exists(folder / "out.png"));
  }
  CHECK(run(folder.path(), "translate", "--weights " + full_checkpoint + files + "32").code == 0);
}

TEST_CASE("Each direction has its generator, in the checkpoint and in a file of its own") {
  const Copy folder;
  for (const std::string direction : {"A2B", "B2A"}) {
    const std::string rest = " --input drawn/testA/portrait_0001.png --direction " + direction + " --output ";
    const std::string alone = "light/drawn/model/drawn_" + direction + ".safetensors";
    CHECK(run(folder.path(), "translate", "--weights " + light_checkpoint + rest + direction + ".png").code == 0);
    CHECK(run(folder.path(), "translate", "--weights " + alone + rest + "alone.png").code == 0);
    CHECK(text_in(folder / (direction + ".png")) == text_in(folder / "alone.png"));
  }
  CHECK(text_in(folder / "A2B.png") != text_in(folder / "B2A.png"));

  const Outcome end = run(folder.path(), "translate",
                          "--weights light/drawn/model/drawn_A2B.safetensors --direction B2A --output no.png "
                          "--input drawn/testA/portrait_0001.png");
  CHECK(unlike_failure(end, 1, "genB2A") == "");
}

TEST_CASE("The phases test and create write a picture for each test image") {
  const Copy folder;
  std::set<std::string> wanted;
  for (const std::string direction : {"A2B", "B2A"}) {
    for (const auto& name : names_in(folder / "drawn/testA")) wanted.insert(direction + "_" + name);
  }
  REQUIRE(wanted.size() == 4);
  for (const std::string phase : {"test", "create"}) {
    const Outcome end = run(folder.path(), "train_selfie2anime", tiny + "--light --result_dir light --phase " + phase);
    INFO(end.err);
    CHECK(end.code == 0);
    CHECK(names_in(folder / ("light/drawn/" + phase)) == wanted);
    const ugatit::Image image = ugatit::read_image(folder / ("light/drawn/" + phase) / *wanted.begin());
    CHECK(image.width == 32);
    CHECK(image.height == (phase == "test" ? 7 * 32 : 32));
  }
}
