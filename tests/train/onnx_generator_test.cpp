// The ONNX file of a generator, taken apart again: its nodes hang together and its numbers are the file's. That ONNX
// Runtime computes the same from it is checked by tests/reference/compare_onnx.py.
#include "catch.hpp"
#include "io/support.hpp"

#include <ugatit/train/onnx_generator.hpp>

#include <cstring>

using namespace ugatit;

namespace {

/// The fields of a protobuf message: numbers, and the bytes of texts and messages.
struct Fields {
  std::multimap<int, std::int64_t> numbers;
  std::multimap<int, std::string> texts;

  explicit Fields(const std::string& message) {
    std::size_t at = 0;
    const auto varint = [&] {
      std::uint64_t value = 0;
      for (int shift = 0;; shift += 7) {
        const auto byte = static_cast<unsigned char>(message.at(at++));
        value |= std::uint64_t{byte & 0x7fU} << shift;
        if (byte < 0x80) return value;
      }
    };
    while (at < message.size()) {
      const std::uint64_t tag = varint();
      const int field = static_cast<int>(tag >> 3U);
      if ((tag & 7U) == 0) {
        numbers.emplace(field, static_cast<std::int64_t>(varint()));
      } else {
        REQUIRE(((tag & 7U) == 2 || (tag & 7U) == 5));
        const std::size_t length = (tag & 7U) == 5 ? 4 : varint();
        REQUIRE(length <= message.size() - at);
        texts.emplace(field, message.substr(at, length));
        at += length;
      }
    }
  }

  std::vector<std::string> all(int field) const {
    std::vector<std::string> result;
    for (auto [at, end] = texts.equal_range(field); at != end; ++at) result.push_back(at->second);
    return result;
  }
  std::string text(int field) const { return all(field).at(0); }
};

Fields graph_in(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  const Fields model(std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  CHECK(model.numbers.find(1)->second == 8);
  CHECK(Fields(model.text(8)).numbers.find(2)->second == 17);
  return Fields(model.text(7));
}

std::vector<std::string> names_of(const std::vector<std::string>& values) {
  std::vector<std::string> names;
  for (const std::string& value : values) names.push_back(Fields(value).text(1));
  return names;
}

/// The dimensions of an input or output: numbers, or names.
std::vector<std::string> dimensions(const std::string& value) {
  const Fields tensor(Fields(Fields(value).text(2)).text(1));
  std::vector<std::string> result;
  for (const std::string& d : Fields(tensor.text(2)).all(1)) {
    const Fields size(d);
    result.push_back(size.numbers.empty() ? size.text(2) : std::to_string(size.numbers.begin()->second));
  }
  return result;
}

LoadedNetworks load(const std::string& kind) {
  return load_networks(open_weights(std::filesystem::path(UGATIT_GOLDEN_FOLDER) / ("curve_" + kind + ".pt")),
                       {"genA2B"});
}

}  // namespace

TEST_CASE("An ONNX model has every weight once, and each value is made before it is used", "[onnx]") {
  const TemporaryFolder folder;
  for (const std::string kind : {"light", "full"}) {
    INFO(kind);
    const LoadedNetworks networks = load(kind);
    OnnxGenerator(networks, OnnxOutputs::all).write(folder / "a.onnx");
    const Fields graph = graph_in(folder / "a.onnx");
    std::map<std::string, Fields> stored;
    for (const std::string& tensor : graph.all(5)) CHECK(stored.emplace(Fields(tensor).text(8), Fields(tensor)).second);
    for (const TensorSource& source : networks.sources) {
      const std::string name = source.name.substr(7);
      INFO(name);
      REQUIRE(stored.contains(name));
      const std::string raw = stored.at(name).text(9);
      CHECK(raw == std::string(reinterpret_cast<const char*>(source.bytes.data()), source.bytes.size()));
      CHECK(stored.at(name).numbers.count(1) == source.shape.size());
    }
    std::set<std::string> known{"", "input"};
    for (const auto& [name, tensor] : stored) known.insert(name);
    for (const std::string& node : graph.all(1)) {
      const Fields fields(node);
      for (const std::string& input : fields.all(1)) CHECK(known.contains(input));
      CHECK(known.insert(fields.text(2)).second);
    }
    CHECK(names_of(graph.all(12)) == std::vector<std::string>{"image", "cam_logits", "heat_map"});
    for (const std::string& output : names_of(graph.all(12))) CHECK(known.contains(output));
    const bool is_light = kind == "light";
    CHECK(dimensions(graph.text(11)) == (is_light ? std::vector<std::string>{"batch", "3", "height", "width"}
                                                  : std::vector<std::string>{"batch", "3", "128", "128"}));
    CHECK(dimensions(graph.all(12)[2]) == (is_light
                                               ? std::vector<std::string>{"batch", "1", "heat_height", "heat_width"}
                                               : std::vector<std::string>{"batch", "1", "32", "32"}));
  }
}

TEST_CASE("The image alone comes from the same graph without what only the others need", "[onnx]") {
  const TemporaryFolder folder;
  const LoadedNetworks networks = load("light");
  OnnxGenerator(networks, OnnxOutputs::image).write(folder / "a.onnx");
  const Fields graph = graph_in(folder / "a.onnx");
  CHECK(names_of(graph.all(12)) == std::vector<std::string>{"image"});
  for (const std::string& node : graph.all(1)) CHECK(Fields(node).text(2) != "heat_map");
}

TEST_CASE("Other numbers become floats", "[onnx]") {
  const TemporaryFolder folder;
  LoadedNetworks networks = load("light");
  OnnxGenerator(networks, OnnxOutputs::all).write(folder / "float.onnx");
  for (std::size_t i = 0; i < networks.sources.size(); ++i) {
    const std::vector<std::byte> floats = networks.memory[i];
    networks.memory[i].resize(2 * floats.size());
    for (std::size_t k = 0; k < floats.size() / 4; ++k) {
      const double number = load_number<float>(floats.data() + 4 * k);
      std::memcpy(networks.memory[i].data() + 8 * k, &number, sizeof number);
    }
    networks.sources[i].dtype = DType::f64;
    networks.sources[i].bytes = networks.memory[i];
  }
  OnnxGenerator(networks, OnnxOutputs::all).write(folder / "double.onnx");
  CHECK(read_file(folder / "float.onnx") == read_file(folder / "double.onnx"));
}

TEST_CASE("What is not one generator of our preset makes no ONNX model", "[onnx]") {
  LoadedNetworks networks = load("light");
  networks.model.preset = Preset::paddle;
  CHECK(contains(error_of([&] { OnnxGenerator(networks, OnnxOutputs::all); }), "paddle"));
  networks.model.preset = Preset::pytorch;
  networks.names = {"disGA"};
  CHECK(contains(error_of([&] { OnnxGenerator(networks, OnnxOutputs::all); }), "one generator"));
}
