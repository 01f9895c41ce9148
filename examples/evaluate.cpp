// Compares translations with their true partners, where those are known: images of the same name in two folders.
#include "common/program.hpp"

#include <ugatit/io.hpp>

#include <nlohmann/json.hpp>

#include <cmath>
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

/// Means over all pairs, on pixel values in [0, 1].
struct Scores {
  double l1 = 0;    ///< mean absolute difference
  double psnr = 0;  ///< peak signal-to-noise ratio in decibels
  int pairs = 0;
};

void add_pair(Scores& scores, const Image& real, const Image& fake) {
  double absolute = 0;
  double squares = 0;
  for (std::size_t i = 0; i < real.pixels.size(); ++i) {
    const double difference = (real.pixels[i] - fake.pixels[i]) / 255.0;
    absolute += std::abs(difference);
    squares += difference * difference;
  }
  const double count = static_cast<double>(real.pixels.size());
  scores.l1 += absolute / count;
  scores.psnr += squares > 0 ? -10 * std::log10(squares / count) : 100;
  ++scores.pairs;
}

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
    add_pair(scores, resize(read_image(*real_file), fake.width, fake.height), fake);
  }
  if (scores.pairs == 0)
    throw Error(o.real + " and " + o.fake + " have no images of the same name; nothing to compare");
  scores.l1 /= scores.pairs;
  scores.psnr /= scores.pairs;
  return scores;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app(
      "Compares translations with their true partners: images of the same name in two folders.\n"
      "L1 is the mean absolute difference of pixels in [0, 1] (0: the same); PSNR is in decibels (higher: closer).",
      "evaluate");
  app.add_option("--real", o.real, "folder of the true images")->required();
  app.add_option("--fake", o.fake, "folder of the translations")->required();
  app.add_flag("--paired", o.paired, "compare images of the same name")->required();
  app.add_option("--json", o.json, "also write the scores there");
  return run_program(app, argc, argv, [&] {
    const Scores scores = compare(o);
    std::printf("pairs %d\nl1    %.4f\npsnr  %.2f dB\n", scores.pairs, scores.l1, scores.psnr);
    if (!o.json.empty()) {
      const std::string text = nlohmann::json{{"l1", scores.l1}, {"psnr", scores.psnr}}.dump(2) + "\n";
      write_file(o.json, std::as_bytes(std::span(text)));
    }
    return done;
  });
}
