// The phases test and create: all images of testA and testB through trained generators.
#pragma once

#include "common/progress.hpp"
#include "networks/networks.hpp"
#include "options.hpp"
#include "result_folder.hpp"
#include "sheets.hpp"

#include <ugatit/train/weights.hpp>

namespace ugatit::examples {

/// Writes a sheet (`--phase test`) or the translation alone (`create`) of each test image. Files that cannot be read
/// are named and left out. Returns how many those were.
template <class D>
int translate_test_set(D& dev, const TrainingOptions& o) {
  const ResultFolder results(o);
  const std::filesystem::path data = std::filesystem::path(o.data_dir) / o.dataset;
  const std::vector<std::filesystem::path> files_a = list_images(data / "testA");
  const std::vector<std::filesystem::path> files_b = list_images(data / "testB");

  std::filesystem::path weights = o.init_weights;
  if (weights.empty()) {
    const std::optional<Index> iteration = o.start_iter ? o.start_iter : results.newest_checkpoint();
    if (!iteration) throw Error("no checkpoint in " + one_line(results.root() / "model") + "; train first");
    weights = results.checkpoint(*iteration);
  }
  const WeightsFile file = open_weights(weights);
  ModelDescription model = o.model;
  model.n_dis = describe_weights(file, model.img_size).n_dis;  // translating needs no discriminator
  require_model(file, model, false);
  const auto a2b = make_generator(dev, model, model.image());
  const auto b2a = make_generator(dev, model, model.image());
  const std::string prefix = o.ema > 0 ? "ema/" : "";
  read_network(file, prefix + "genA2B", *a2b);
  read_network(file, prefix + "genB2A", *b2a);
  results.create();

  const InMode<D> inference(dev, Mode::infer());
  Progress progress(0, static_cast<long>(files_a.size() + files_b.size()), "images");
  int skipped = 0;
  const auto translate = [&](const std::string& direction, Network<D, 3>& there, Network<D, 3>& back,
                             const std::vector<std::filesystem::path>& files) {
    const int size = static_cast<int>(model.img_size);
    for (const std::filesystem::path& path : files) {
      const std::filesystem::path to = results.picture(o.phase, direction, path.stem().string());
      try {
        const Image source = resize(read_image(path), size, size);
        write_png(to, o.phase == "test" ? contact_sheet({sheet_column(dev, there, back, source)})
                                        : to_picture(dev, there.forward(to_device(dev, source)).image()));
      } catch (const Error& error) {
        progress.break_line();
        std::fprintf(stderr, "skipped: %s\n", error.what());
        ++skipped;
      }
      progress.step([] { return std::string(); });
    }
  };
  translate("A2B", *a2b, *b2a, files_a);
  translate("B2A", *b2a, *a2b, files_b);
  std::printf("written to %s\n", (results.root() / o.phase).c_str());
  return skipped;
}

}  // namespace ugatit::examples
