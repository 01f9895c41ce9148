// Scores translations: against their true partners where those are known, and as a set, by KID and FID.
#include "common/partners.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"

#include <ugatit/cpu/thread_pool.hpp>
#include <ugatit/io.hpp>
#include <ugatit/metrics.hpp>

#include <nlohmann/json.hpp>

#include <exception>
#include <filesystem>

namespace {

using namespace ugatit;
using namespace ugatit::examples;
namespace fs = std::filesystem;

struct Options {
  std::string real;
  std::string fake;
  std::string source;
  std::string inception;
  std::string json;
  std::string features;
  int threads = 0;
  bool paired = false;
};

/// Adds the means over all pairs.
void compare_pairs(const Options& o, nlohmann::json& scores) {
  const Partners reals(list_images(o.real));
  double sum_l1 = 0;
  double sum_psnr = 0;
  double sum_ssim = 0;
  int pairs = 0;
  for (const fs::path& file : list_images(o.fake)) {
    const fs::path* const real_file = reals.of(file);
    if (real_file == nullptr) continue;
    const Image fake = read_image(file);
    const Image real = resize(read_image(*real_file), fake.width, fake.height);
    sum_l1 += l1(real, fake);
    sum_psnr += psnr(real, fake);
    try {
      sum_ssim += ssim(real, fake);
    } catch (const Error& error) {
      throw Error(one_line(file) + ": " + error.what());
    }
    ++pairs;
  }
  if (pairs == 0) throw Error(o.real + " and " + o.fake + " have no images of the same name; nothing to compare");
  scores["l1"] = sum_l1 / pairs;
  scores["psnr"] = sum_psnr / pairs;
  scores["ssim"] = sum_ssim / pairs;
  std::printf("pairs %d\nl1    %.4f\npsnr  %.2f dB\nssim  %.4f\n", pairs, sum_l1 / pairs, sum_psnr / pairs,
              sum_ssim / pairs);
}

/// The features of all images of a folder, one row each, in the order of their names. An image that cannot be read is
/// an error: a score of some of the images would not be that of the folder.
FeatureMatrix features_of(const std::string& folder, Inception& network, ThreadPool& pool) {
  constexpr std::size_t at_once = 32;
  const std::vector<fs::path> files = list_images(folder);
  FeatureMatrix features(static_cast<Eigen::Index>(files.size()), inception_features);
  Progress progress(0, static_cast<long>(files.size()), "images");
  for (std::size_t from = 0; from < files.size(); from += at_once) {
    std::vector<Image> images(std::min(at_once, files.size() - from));
    std::vector<std::exception_ptr> failures(images.size());
    pool.run(static_cast<Index>(images.size()), [&](Index i, int) {
      const auto at = static_cast<std::size_t>(i);
      try {
        images[at] = read_image(files[from + at]);
      } catch (...) {
        failures[at] = std::current_exception();
      }
    });
    for (const std::exception_ptr& failure : failures) {
      if (failure) std::rethrow_exception(failure);
    }
    features.middleRows(static_cast<Eigen::Index>(from), static_cast<Eigen::Index>(images.size())) =
        network.features(images);
    for (std::size_t i = 0; i < images.size(); ++i) progress.step([&] { return " of " + folder; });
  }
  return features;
}

void write_features(const std::string& path, const FeatureMatrix& real, const FeatureMatrix& fake) {
  std::vector<TensorSource> tensors;
  for (const auto& [name, matrix] : {std::pair{"real", &real}, std::pair{"fake", &fake}}) {
    tensors.push_back({name,
                       DType::f64,
                       {matrix->rows(), matrix->cols()},
                       std::as_bytes(std::span(matrix->data(), static_cast<std::size_t>(matrix->size())))});
  }
  write_safetensors(path, {}, tensors);
}

/// Adds KID and FID; with sources also the mean of KID to the targets and KID to the sources.
void compare_sets(const Options& o, nlohmann::json& scores) {
  Inception network(WeightsFile(o.inception), o.threads);
  ThreadPool pool(o.threads);
  const FeatureMatrix real = features_of(o.real, network, pool);
  const FeatureMatrix fake = features_of(o.fake, network, pool);
  if (!o.features.empty()) write_features(o.features, real, fake);
  const KernelDistance kid = kernel_distance(real, fake);
  const double fid = frechet_distance(real, fake);
  scores["kid"] = kid.mean;
  scores["kid_std"] = kid.deviation;
  scores["fid"] = fid;
  std::printf("kid   %.6f ± %.6f\nfid   %.4f\n", kid.mean, kid.deviation, fid);
  if (o.source.empty()) return;
  const double mean_kid = (kid.mean + kernel_distance(features_of(o.source, network, pool), fake).mean) / 2;
  scores["mean_kid"] = mean_kid;
  std::printf("mean_kid %.6f\n", mean_kid);
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app(
      "Scores translations. With --paired, against their true partners, images of the same name in two folders:\n"
      "L1 is the mean absolute difference of pixels in [0, 1] (0: the same); PSNR is in decibels (higher: closer);\n"
      "SSIM is the structural similarity (1: the same), as scikit-image computes it.\n"
      "With --inception, as a set: KID and FID (0: alike).",
      "evaluate");
  app.add_option("--real", o.real, "folder of the true images")->required();
  app.add_option("--fake", o.fake, "folder of the translations")->required();
  app.add_flag("--paired", o.paired, "compare images of the same name");
  auto* const inception = app.add_option("--inception", o.inception,
                                         "Inception weights: pytorch-fid's pt_inception-2015-12-05-6726825d.pth");
  app.add_option("--source", o.source, "folder of what was translated: mean KID too")->needs(inception);
  app.add_option("--features", o.features, "also write the Inception features there (.safetensors)")->needs(inception);
  app.add_option("--json", o.json, "also write the scores there");
  app.add_option("--threads", o.threads, "threads; 0: one for each processor")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  return run_program(app, argc, argv, [&]() -> int {
    if (!o.paired && o.inception.empty()) {
      std::fprintf(stderr, "evaluate: give --paired, --inception FILE or both; see --help\n");
      return wrong_usage;
    }
    nlohmann::json scores = nlohmann::json::object();
    if (o.paired) compare_pairs(o, scores);
    if (!o.inception.empty()) compare_sets(o, scores);
    if (!o.json.empty()) {
      const std::string text = scores.dump(2) + "\n";
      write_file(o.json, std::as_bytes(std::span(text)));
    }
    return done;
  });
}
