// Translates a photo, or a folder of them, with a trained generator.
#include "common/device_flags.hpp"
#include "common/pictures.hpp"
#include "common/preset_flag.hpp"
#include "common/program.hpp"
#include "common/progress.hpp"
#include "common/workers.hpp"
#include "networks/networks.hpp"

#include <ugatit/train/weights.hpp>

#include <deque>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

namespace {

using namespace ugatit;
using namespace ugatit::examples;
namespace fs = std::filesystem;

struct Options {
  std::string weights;
  std::string input;
  std::string output;
  std::string heat_map;
  std::string direction = "A2B";
  std::string img_size;
  std::optional<Preset> preset;
  DeviceFlags on;
  bool ema = false;

  bool keeps_size() const { return img_size == "keep"; }
};

/// One translation: where from, where to; `heat_map` is empty where none is wanted.
struct Job {
  fs::path input;
  fs::path output;
  fs::path heat_map;
};

void make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(one_line(folder) + " cannot be made: " + error.message() + "; give another --output");
}

std::vector<Job> list_jobs(const Options& o) {
  std::error_code error;
  if (!fs::is_directory(o.input, error)) {
    // A single photo may go into a folder that is there, under its own name.
    const auto place = [&](const fs::path& to) {
      std::error_code missing;
      return fs::is_directory(to, missing) ? to / (fs::path(o.input).stem().string() + ".png") : to;
    };
    return {{o.input, place(o.output), o.heat_map.empty() ? fs::path() : place(o.heat_map)}};
  }
  std::vector<Job> jobs;
  std::set<std::string> names;
  for (const fs::path& input : list_images(o.input)) {
    std::string name = input.stem().string();
    // Two files that differ in their ending alone both keep it.
    if (!names.insert(name).second) name = input.filename().string();
    names.insert(name);
    jobs.push_back({input, fs::path(o.output) / (name + ".png"),
                    o.heat_map.empty() ? fs::path() : fs::path(o.heat_map) / (name + ".png")});
  }
  make_folder(o.output);
  if (!o.heat_map.empty()) make_folder(o.heat_map);
  return jobs;
}

/// The image with its sides brought up to multiples of 4 by reflection on the right and at the bottom.
Image pad_to_multiples_of_4(const Image& image) {
  const int width = (image.width + 3) / 4 * 4;
  const int height = (image.height + 3) / 4 * 4;
  if (width == image.width && height == image.height) return image;
  Image padded(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const auto column = border_source(Border::reflect, x, image.width);
      const auto row = border_source(Border::reflect, y, image.height);
      std::copy_n(image.at(static_cast<int>(column), static_cast<int>(row)), 3, padded.at(x, y));
    }
  }
  return padded;
}

template <class D>
class Translator {
 public:
  Translator(D& dev, const Options& o) : dev_(dev), keeps_size_(o.keeps_size()), unchanged_(dev) {
    const WeightsFile file = open_weights(o.weights);
    if (o.preset) require_preset(file, *o.preset);
    model_ = describe_weights(file);
    choose_size(o);
    generator_ = make_generator(dev, model_, model_.image());
    read_network(file, (o.ema ? "ema/gen" : "gen") + o.direction, *generator_);
    const InMode<D> inference(dev, Mode::infer());
    unchanged_.hold(generator_->parameters());
  }

  using Numbers = std::vector<typename D::Scalar>;  ///< of an image, as networks see it

  /// A photo that is ready to be translated.
  struct Photo {
    int width, height;  ///< its own size
    Image source;       ///< as it is translated
    Numbers numbers;    ///< the same for the network
  };

  /// What the network made of it.
  struct Translation {
    Numbers image, heat_map;
    Extent heat_extent;
  };

  /// From the file. Like `write` it leaves the device alone and may run on any thread.
  Photo read(const Job& job) const {
    const Image photo = read_image(job.input);
    const int side = static_cast<int>(model_.img_size);
    if (keeps_size_ && (photo.width < 16 || photo.height < 16)) {
      throw Error(one_line(job.input) + " is " + std::to_string(photo.width) + "x" + std::to_string(photo.height) +
                  "; with --img_size keep both sides must have 16 pixels or more");
    }
    Photo ready{photo.width, photo.height, keeps_size_ ? pad_to_multiples_of_4(photo) : resize(photo, side, side), {}};
    ready.numbers = to_numbers<typename D::Scalar>(ready.source);
    return ready;
  }

  /// Through the network.
  Translation translate(const Job& job, const Photo& photo) {
    const InMode<D> inference(dev_, Mode::infer());
    const auto pass = generator_->forward(to_device(dev_, photo.source, photo.numbers));
    Translation translation{to_host(dev_, pass.image()), {}, pass.heat_map().extent()};
    if (!job.heat_map.empty()) translation.heat_map = to_host(dev_, pass.heat_map());
    return translation;
  }

  /// To the files.
  void write(const Job& job, const Photo& photo, const Translation& translation) const {
    const auto [height, width] = std::pair(photo.source.height, photo.source.width);
    write_png(job.output, cropped(from_chw(std::span(translation.image), height, width), photo));
    if (job.heat_map.empty()) return;
    const Extent small = translation.heat_extent;
    write_png(job.heat_map, cropped(heat_map(std::span(translation.heat_map), static_cast<int>(small.height),
                                             static_cast<int>(small.width), height, width),
                                    photo));
  }

 private:
  void choose_size(const Options& o) {
    if (o.img_size.empty()) return;
    if (!model_.light) {
      if (o.img_size == std::to_string(model_.img_size)) return;
      throw Error(one_line(fs::path(o.weights)) + " is a full model, which works at " +
                  std::to_string(model_.img_size) + " alone; leave out --img_size");
    }
    if (!o.keeps_size()) model_.img_size = std::stol(o.img_size);
  }

  Image cropped(const Image& image, const Photo& photo) const {
    return keeps_size_ ? crop(image, 0, 0, photo.width, photo.height) : image;
  }

  D& dev_;
  bool keeps_size_;
  ModelDescription model_;
  std::unique_ptr<Network<D, 3>> generator_;
  Unchanged<D> unchanged_;
};

/// All of them. `threads` read files ahead of the translator and write behind it.
template <class D>
int translate_folder(Translator<D>& translator, const std::vector<Job>& jobs, int threads) {
  Progress progress(0, static_cast<long>(jobs.size()), "images");
  int skipped = 0;
  const auto unless_skipped = [&](const auto& part) {
    try {
      part();
    } catch (const Error& error) {
      progress.break_line();
      std::fprintf(stderr, "skipped: %s\n", error.what());
      ++skipped;
      progress.step([] { return std::string(); });
    }
  };
  const auto ahead = static_cast<std::size_t>(2 * threads + 1);
  std::deque<std::future<typename Translator<D>::Photo>> read;
  std::deque<std::future<void>> written;
  Workers workers(threads);
  const auto finish_one = [&] {
    unless_skipped([&] {
      written.front().get();
      progress.step([] { return std::string(); });
    });
    written.pop_front();
  };
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    for (std::size_t next = i + read.size(); next < jobs.size() && read.size() < ahead; ++next) {
      read.push_back(workers.run([&translator, &job = jobs[next]] { return translator.read(job); }));
    }
    unless_skipped([&] {
      auto photo = read.front().get();
      auto translation = translator.translate(jobs[i], photo);
      written.push_back(
          workers.run([&translator, &job = jobs[i], photo = std::move(photo), translation = std::move(translation)] {
            translator.write(job, photo, translation);
          }));
    });
    read.pop_front();
    if (written.size() >= ahead) finish_one();
  }
  while (!written.empty()) finish_one();
  return skipped == 0 ? done : failed;
}

template <class D>
int run(D& dev, const Options& o) {
  const std::vector<Job> jobs = list_jobs(o);
  Translator<D> translator(dev, o);
  if (jobs.size() == 1 && !fs::is_directory(o.input)) {
    const auto photo = translator.read(jobs.front());
    translator.write(jobs.front(), photo, translator.translate(jobs.front(), photo));
    return done;
  }
  return translate_folder(translator, jobs, works_by_itself<D> ? ThreadPool::count(o.on.threads) : 0);
}

// A whole number of at least 16 that is a multiple of 4, or "keep".
std::string check_size(const std::string& text) {
  if (text == "keep") return {};
  Index side = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), side);
  const bool right =
      error == std::errc{} && end == text.data() + text.size() && side >= 16 && side <= 4096 && side % 4 == 0;
  return right ? std::string() : "takes keep, or a multiple of 4 from 16 to 4096, not " + text;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app(
      "Translates a photo, or each image of a folder, with a trained generator.\n"
      "Weights: a checkpoint of train_selfie2anime, one generator of it, or one of a published code: PyTorch's .pt,\n"
      "TensorFlow's .index, Paddle's .pickle or .pdparams.\n"
      "The light model takes photos of any size (--img_size keep); the full one works at the size it was trained for.",
      "translate");
  app.add_option("--weights", o.weights, "the generator's weights (.safetensors, .pt, .index, .pickle, .pdparams)")
      ->required();
  app.add_option("--input", o.input, "a photo, or a folder")->required();
  app.add_option("--output", o.output, "the translation, or a folder: its files keep their names, as PNG")->required();
  app.add_option("--direction", o.direction, "A2B (selfie to anime) or B2A")
      ->check(CLI::IsMember({"A2B", "B2A"}))
      ->capture_default_str();
  add_preset(app, o.preset, "the preset that the weights must be of; by default whichever they are of");
  app.add_option("--heatmap", o.heat_map, "also write what the generator attends to");
  app.add_option("--img_size", o.img_size,
                 "side to translate at, or keep: the photo's own size; the model's by default")
      ->check(CLI::Validator(check_size, "N|keep"));
  add_boolean(app, "--ema", o.ema, "of a checkpoint, the averages of the weights that --ema kept in training");
  add_device_flags(app, o.on);
  return run_program(app, argc, argv, [&] { return with_device(o.on, [&](auto& dev) { return run(dev, o); }); });
}
