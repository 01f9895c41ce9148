// Draws the paper's figure: for each image the source, what generator and discriminators attend to, and the result.
#include "common/pictures.hpp"
#include "common/preset_flag.hpp"
#include "common/program.hpp"
#include "networks/networks.hpp"

#include <ugatit/train/weights.hpp>

#include <filesystem>
#include <optional>

namespace {

using namespace ugatit;
using namespace ugatit::examples;
namespace fs = std::filesystem;

struct Options {
  std::string weights;
  std::string input;
  std::string output;
  std::string direction = "A2B";
  std::optional<Preset> preset;
  int threads = 0;
};

constexpr std::size_t most_rows = 200;
constexpr int smallest_tile = 128;  // smaller pictures are enlarged, so that the labels fit

using D = Cpu<float>;

class Figure {
 public:
  Figure(D& dev, const Options& o) : dev_(dev) {
    const WeightsFile file = open_weights(o.weights);
    if (o.preset) require_preset(file, *o.preset);
    model_ = describe_weights(file);
    generator_ = make_generator(dev, model_, model_.image());
    read_network(file, "gen" + o.direction, *generator_);
    const std::string domain = o.direction.substr(2);  // discriminators are named by the domain they judge
    const auto is_there = [&](const std::string& name) { return file.find(name + ".model.1.weight_orig") != nullptr; };
    if (!is_there("disL" + domain) || !is_there("disG" + domain)) {
      std::printf("%s holds no discriminators of domain %s: their columns are left out\n", o.weights.c_str(),
                  domain.c_str());
      return;
    }
    local_ = make_discriminator(dev, model_, model_.local_layers());
    global_ = make_discriminator(dev, model_, model_.global_layers());
    read_network(file, "disL" + domain, *local_);
    read_network(file, "disG" + domain, *global_);
  }

  std::vector<std::string> labels() const {
    if (local_ == nullptr) return {"(a) source", "(b) attention,\ngenerator", "(c) result"};
    return {"(a) source", "(b) attention,\ngenerator", "(c) attention, local\ndiscriminator",
            "(d) attention, global\ndiscriminator", "(e) result"};
  }

  std::vector<Image> row(const fs::path& input) {
    const InMode<D> inference(dev_, Mode::infer());
    const int side = static_cast<int>(model_.img_size);
    const int tile = std::max(side, smallest_tile);
    const Image source = resize(read_image(input), side, side);
    const auto pass = generator_->forward(to_device(dev_, source));
    std::vector<Image> pictures{resize(source, tile, tile), to_heat_picture(dev_, pass.heat_map(), tile, tile)};
    if (local_ != nullptr) {
      for (Network<D, 1>* const judge : {local_.get(), global_.get()}) {
        pictures.push_back(to_heat_picture(dev_, judge->forward(pass.image()).heat_map(), tile, tile));
      }
    }
    pictures.push_back(resize(to_picture(dev_, pass.image()), tile, tile));
    return pictures;
  }

 private:
  D& dev_;
  ModelDescription model_;
  std::unique_ptr<Network<D, 3>> generator_;
  std::unique_ptr<Network<D, 1>> local_;
  std::unique_ptr<Network<D, 1>> global_;
};

int run(const Options& o) {
  std::error_code error;
  const bool is_folder = fs::is_directory(o.input, error);
  const std::vector<fs::path> inputs = is_folder ? list_images(o.input) : std::vector<fs::path>{o.input};
  if (inputs.size() > most_rows) {
    throw Error(one_line(fs::path(o.input)) + " has " + std::to_string(inputs.size()) + " files, a figure at most " +
                std::to_string(most_rows) + " rows; put those to show into a folder of their own");
  }
  D dev(o.threads);
  Figure figure(dev, o);
  std::vector<std::vector<Image>> rows;
  int skipped = 0;
  for (const fs::path& input : inputs) {
    try {
      rows.push_back(figure.row(input));
    } catch (const Error& unreadable) {
      if (!is_folder) throw;
      std::fprintf(stderr, "skipped: %s\n", unreadable.what());
      ++skipped;
    }
  }
  if (rows.empty()) throw Error(one_line(fs::path(o.input)) + " has no readable image; there is nothing to show");
  write_png(o.output, labelled_figure(figure.labels(), rows));
  return skipped == 0 ? done : failed;
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app(
      "Draws the paper's figure, a row for each image: the source, what the generator attends to, what the local and\n"
      "the global discriminator attend to in the result, and the result. Generators saved alone give no "
      "discriminators'\n"
      "columns.",
      "figure");
  app.add_option("--weights", o.weights, "a checkpoint (.safetensors, .pt), or a generator alone")->required();
  app.add_option("--input", o.input, "an image, or a folder of at most 200")->required();
  app.add_option("--output", o.output, "the figure, a PNG file")->required();
  app.add_option("--direction", o.direction, "A2B (selfie to anime) or B2A")
      ->check(CLI::IsMember({"A2B", "B2A"}))
      ->capture_default_str();
  add_preset(app, o.preset, "the preset that the weights must be of; by default whichever they are of");
  app.add_option("--threads", o.threads, "threads; 0: one for each processor")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
  return run_program(app, argc, argv, [&] { return run(o); });
}
