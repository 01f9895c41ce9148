// Compares translations with their true partners, where those are known: images of the same name in two folders.
#include "common/program.hpp"

#include <ugatit/io.hpp>
#include <ugatit/metrics.hpp>

#include <nlohmann/json.hpp>

#include <filesystem>

namespace {

using namespace ugatit;
using namespace ugatit::examples;
namespace fs = std::filesystem;

struct Options {
  std::string real;
  std::string fake;
  std::string json;
  bool paired = false;
};

/// Means over all pairs.
struct Scores {
  double l1 = 0;
  double psnr = 0;
  double ssim = 0;
  int pairs = 0;
};

// The file of that name, whatever its ending.
const fs::path* partner(const std::vector<fs::path>& files, const fs::path& of) {
  for (const fs::path& file : files) {
    if (file.stem() == of.stem()) return &file;
  }
  return nullptr;
}

Scores compare(const Options& o) {
  const std::vector<fs::path> reals = list_images(o.real);
  Scores scores;
  for (const fs::path& file : list_images(o.fake)) {
    const fs::path* const real_file = partner(reals, file);
    if (real_file == nullptr) continue;
    const Image fake = read_image(file);
    const Image real = resize(read_image(*real_file), fake.width, fake.height);
    scores.l1 += l1(real, fake);
    scores.psnr += psnr(real, fake);
    try {
      scores.ssim += ssim(real, fake);
    } catch (const Error& error) {
      throw Error(one_line(file) + ": " + error.what());
    }
    ++scores.pairs;
  }
  if (scores.pairs == 0)
    throw Error(o.real + " and " + o.fake + " have no images of the same name; nothing to compare");
  for (double* const mean : {&scores.l1, &scores.psnr, &scores.ssim}) *mean /= scores.pairs;
  return scores;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app(
      "Compares translations with their true partners: images of the same name in two folders.\n"
      "L1 is the mean absolute difference of pixels in [0, 1] (0: the same); PSNR is in decibels (higher: closer);\n"
      "SSIM is the structural similarity (1: the same), as scikit-image computes it.",
      "evaluate");
  app.add_option("--real", o.real, "folder of the true images")->required();
  app.add_option("--fake", o.fake, "folder of the translations")->required();
  app.add_flag("--paired", o.paired, "compare images of the same name")->required();
  app.add_option("--json", o.json, "also write the scores there");
  return run_program(app, argc, argv, [&] {
    const Scores scores = compare(o);
    std::printf("pairs %d\nl1    %.4f\npsnr  %.2f dB\nssim  %.4f\n", scores.pairs, scores.l1, scores.psnr, scores.ssim);
    if (!o.json.empty()) {
      const std::string text =
          nlohmann::json{{"l1", scores.l1}, {"psnr", scores.psnr}, {"ssim", scores.ssim}}.dump(2) + "\n";
      write_file(o.json, std::as_bytes(std::span(text)));
    }
    return done;
  });
}
