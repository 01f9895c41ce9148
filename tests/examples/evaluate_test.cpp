// What evaluate says of two folders.
#include "program.hpp"

#include <ugatit/io/image_file.hpp>
#include <ugatit/metrics/pair.hpp>
#include <ugatit/metrics/ssim.hpp>

#include <nlohmann/json.hpp>

namespace {

using namespace ugatit;

/// A photo and, in `fake`, the same a little darker, under another ending.
struct PairOfImages : TemporaryFolder {
  Image real = read_image(golden("photo.jpg"));
  Image fake = real;

  PairOfImages() {
    for (std::uint8_t& level : fake.pixels) level = static_cast<std::uint8_t>(level * 3 / 4);
    std::filesystem::create_directories(*this / "real");
    std::filesystem::create_directories(*this / "fake");
    std::filesystem::copy(golden("photo.jpg"), *this / "real/photo.jpg");
    write_png(*this / "fake/photo.png", fake);
  }
};

}  // namespace

TEST_CASE("evaluate compares images of the same name, as a table and as JSON") {
  const PairOfImages folder;
  write_png(folder / "fake/alone.png", folder.fake);
  const Outcome end = run(folder.path(), "evaluate", "--paired --real real --fake fake --json scores.json");
  INFO(end.err);
  REQUIRE(end.code == 0);
  CHECK(contains(end.out, "pairs 1\n"));
  for (const std::string name : {"l1 ", "psnr ", "ssim "}) CHECK(contains(end.out, "\n" + name));
  const auto scores = nlohmann::json::parse(text_in(folder / "scores.json"));
  CHECK(scores.size() == 3);
  CHECK(scores.at("l1").get<double>() == Approx(l1(folder.real, folder.fake)));
  CHECK(scores.at("psnr").get<double>() == Approx(psnr(folder.real, folder.fake)));
  CHECK(scores.at("ssim").get<double>() == Approx(ssim(folder.real, folder.fake)));
}

TEST_CASE("evaluate says what it cannot compare") {
  const PairOfImages folder;
  std::filesystem::create_directory(folder / "others");
  write_png(folder / "others/alone.png", folder.fake);
  const auto failure = [&](const std::string& flags, int code, const std::string& part) {
    return unlike_failure(run(folder.path(), "evaluate", flags), code, part);
  };
  CHECK(failure("--paired --real real --fake others", 1, "no images of the same name") == "");
  CHECK(failure("--paired --real none --fake fake", 1, "none does not exist") == "");
  CHECK(failure("--real real --fake fake", 2, "--paired") == "");
  CHECK(failure("--paired --real real --fake fake --source real", 2, "--inception") == "");
  CHECK(failure("--inception none.pth --real real --fake fake", 1, "none.pth does not exist") == "");
  std::filesystem::copy(golden("torch_zip.pt"), folder / "other.pt");
  CHECK(failure("--inception other.pt --real real --fake fake", 1, "no tensor Conv2d_1a_3x3.conv.weight") == "");
  write_png(folder / "others/photo.png", Image(5, 5));
  CHECK(failure("--paired --real real --fake others", 1, "others/photo.png: images of 5x5 are too small") == "");
}
