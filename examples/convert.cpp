// Converts weights between formats, and says what a file of weights holds.
#include "common/program.hpp"

#include <ugatit/train/onnx_generator.hpp>

#include <cstdio>
#include <filesystem>

namespace {

using namespace ugatit;
using namespace ugatit::examples;
namespace fs = std::filesystem;

struct Options {
  std::string info;
  std::string input;
  std::string output;
  std::string direction;
  bool image_only = false;
  bool half = false;
};

std::string ending_of(const fs::path& path) {
  std::string ending = path.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  return ending;
}

/// "10.59 M", "278.96 M", "3072"
std::string short_count(std::uint64_t count) {
  char text[32];
  if (count < 100'000) return std::to_string(count);
  std::snprintf(text, sizeof text, "%.2f M", static_cast<double>(count) / 1e6);
  return text;
}

/// The iteration that a file says, or that its name says as the published ones do: NAME_params_0100000.pt,
/// UGATIT.model-100000.index.
std::string iteration_of(const WeightsFile& file) {
  if (const auto said = file.metadata().find("iteration"); said != file.metadata().end()) return one_line(said->second);
  const std::string stem = file.path().stem().string();
  const std::size_t digits = stem.find_last_not_of("0123456789") + 1;
  const std::string before = stem.substr(0, digits);
  Index value = 0;
  const auto error = std::from_chars(stem.data() + digits, stem.data() + stem.size(), value).ec;
  if (error != std::errc{} || !before.ends_with(file.is_tensorflow() ? "-" : "_params_")) return "not known";
  return std::to_string(value) + " (from the file's name)";
}

/// The element types of some tensors: "F32", "F16, F32".
std::string types_of(const std::vector<const TensorInfo*>& tensors) {
  std::set<std::string_view> types;
  for (const TensorInfo* t : tensors) types.insert(name_of(t->dtype));
  std::string list;
  for (const std::string_view type : types) list.append(list.empty() ? "" : ", ").append(type);
  return list;
}

void print_tensors(const std::string& group, const std::vector<const TensorInfo*>& tensors) {
  std::uint64_t numbers = 0;
  for (const TensorInfo* t : tensors) numbers += t->elements();
  std::printf("\n%s: %zu tensors, %s numbers, %s\n", one_line(group).c_str(), tensors.size(),
              short_count(numbers).c_str(), types_of(tensors).c_str());
  for (const TensorInfo* t : tensors) {
    std::printf("  %-44s %-5s%s\n", one_line(t->name).c_str(), std::string(name_of(t->dtype)).c_str(),
                describe(t->shape).c_str());
  }
}

/// Prints what a file holds and which flags it wants. Throws `Error` for a tensor that does not fit.
void print_info(const fs::path& path) {
  const WeightsFile file = open_weights(path);
  const ModelDescription model = describe_weights(file);
  const std::vector<std::string> networks = networks_in(file);
  std::error_code ignored;
  std::string list;
  for (const std::string& network : networks) list += (list.empty() ? "" : ", ") + network;
  const bool has_discriminator = !networks.empty() && networks.back().starts_with("dis");
  const bool knows_size = !model.light || file.metadata().contains("img_size");
  std::string flags = std::string("--preset ") + name_of(model.preset) + " --light " +
                      (model.light ? "True" : "False") + " --ch " + std::to_string(model.ch) + " --n_res " +
                      std::to_string(model.n_res);
  if (has_discriminator) flags += " --n_dis " + std::to_string(model.n_dis);
  if (knows_size) flags += " --img_size " + std::to_string(model.img_size);

  std::printf("file       %s\n", one_line(path).c_str());
  std::printf("format     %s, %s bytes\n", file.format().c_str(), std::to_string(fs::file_size(path, ignored)).c_str());
  std::printf("preset     %s\n", name_of(model.preset));
  std::printf("model      %s\n", describe(model).c_str());
  if (!knows_size) std::printf("img_size   any: the file does not say which one it was trained at\n");
  if (const auto kind = file.metadata().find("kind"); kind != file.metadata().end()) {
    std::printf("kind       %s\n", one_line(kind->second).c_str());
  }
  std::printf("iteration  %s\n", iteration_of(file).c_str());
  std::printf("networks   %s\n", list.c_str());
  std::printf("flags      %s\n", flags.c_str());

  // Adam's moments, adam.m/genA2B.…, and whatever else there is, come after the networks.
  std::vector<std::string> groups = networks;
  std::map<std::string, std::vector<const TensorInfo*>> members;
  for (const TensorInfo& tensor : file.tensors()) {
    const std::string group = tensor.name.substr(0, std::min(tensor.name.find('.'), tensor.name.find('/')));
    const std::string named = group == "adam" ? tensor.name.substr(0, tensor.name.find('/')) : group;
    if (std::find(groups.begin(), groups.end(), named) == groups.end()) groups.push_back(named);
    members[named].push_back(&tensor);
  }
  for (const std::string& group : groups) print_tensors(group, members[group]);
  for (const std::string& network : networks) require_network(file, model, network);
}

/// The generator for a file that holds one: the one that is asked for, else A2B, or the only one there is.
std::string one_generator(const WeightsFile& file, const std::string& direction) {
  if (!direction.empty()) return "gen" + direction;
  const std::vector<std::string> networks = networks_in(file);
  return !networks.empty() && networks.front() == "genB2A" ? "genB2A" : "genA2B";
}

void convert(const Options& o) {
  const WeightsFile file = open_weights(o.input);
  const std::string ending = ending_of(o.output);
  std::vector<std::string> wanted;
  if (!o.direction.empty()) wanted.push_back("gen" + o.direction);
  if (ending == ".onnx") {
    const LoadedNetworks generator = load_networks(file, {one_generator(file, o.direction)});
    OnnxGenerator(generator, o.image_only ? OnnxOutputs::image : OnnxOutputs::all).write(o.output);
    return;
  }
  if (ending == ".safetensors" && file.is_safetensors() && wanted.empty() && !o.half) {
    static_cast<void>(describe_weights(file));
    copy_safetensors(file, o.output);
    return;
  }
  LoadedNetworks networks = load_networks(file, wanted);
  if (o.half) round_to_half(networks);
  if (ending == ".safetensors") {
    write_networks_safetensors(o.output, networks);
  } else {
    write_networks_torch(o.output, networks);
  }
}

/// Throws CLI11's error for flags that make no sense together.
void require_sense(const Options& o) {
  if (!o.info.empty()) {
    if (!o.input.empty() || !o.output.empty()) throw CLI::ValidationError("--info", "stands alone");
    return;
  }
  if (o.input.empty()) throw CLI::RequiredError("--input (or --info)");
  if (o.output.empty()) throw CLI::RequiredError("--output");
  const std::string ending = ending_of(o.output);
  if (ending != ".pt" && ending != ".pth" && ending != ".safetensors" && ending != ".onnx") {
    throw CLI::ValidationError("--output", "ends in .safetensors, .pt or .onnx, not " + one_line(o.output));
  }
  if (o.half && ending != ".safetensors") throw CLI::ValidationError("--half", "is for .safetensors alone");
  if (o.image_only && ending != ".onnx") throw CLI::ValidationError("--image_only", "is for .onnx alone");
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app(
      "Converts weights from any format that is read to the one that --output ends in, or says what a file holds.\n"
      "Read, told by their contents: .safetensors, PyTorch's .pt of both kinds, Paddle's .pickle and .pdparams, "
      "TensorFlow's .index.\n"
      "Written: .safetensors, .pt, .onnx (one generator).",
      "convert");
  app.add_option("--info", o.info, "say what this file holds, and which flags it wants");
  app.add_option("--input", o.input, "the weights to convert");
  app.add_option("--output", o.output, "where to: .safetensors (ours), .pt (PyTorch, the published names), .onnx");
  app.add_option("--direction", o.direction, "one generator alone: A2B or B2A (all networks by default; A2B for .onnx)")
      ->check(CLI::IsMember({"A2B", "B2A"}));
  add_boolean(app, "--image_only", o.image_only, ".onnx without the CAM logits and the heat map");
  add_boolean(app, "--half", o.half, ".safetensors in float16, half the size: the networks alone");
  app.callback([&] { require_sense(o); });
  return run_program(app, argc, argv, [&]() -> int {
    if (o.info.empty()) {
      convert(o);
    } else {
      print_info(o.info);
    }
    return done;
  });
}
