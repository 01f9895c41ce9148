// Converting weights: the published lists against the networks, round trips bit for bit, and files that do not fit.
#include "catch.hpp"
#include "io/support.hpp"

#include <ugatit/models/discriminator.hpp>
#include <ugatit/models/generator.hpp>
#include <ugatit/models/network.hpp>
#include <ugatit/train/conversion.hpp>
#include <ugatit/ugatit.hpp>

using namespace ugatit;

namespace {

const std::filesystem::path curves = std::filesystem::path(UGATIT_GOLDEN_FOLDER);

/// Names and shapes, whatever their order.
std::map<std::string, TensorShape> as_map(const std::vector<PublishedTensor>& list) {
  std::map<std::string, TensorShape> map;
  for (const PublishedTensor& tensor : list) map[tensor.name] = tensor.shape;
  REQUIRE(map.size() == list.size());
  return map;
}

template <class Model>
std::map<std::string, TensorShape> in_network(const Extent& extent) {
  Cpu<float> dev(1);
  const ModelNetwork<Model, Cpu<float>> network(dev, extent);
  std::map<std::string, TensorShape> map;
  for (const Parameter<Cpu<float>>& p : network.parameters()) map[p.name] = shape_of(p.w);
  return map;
}

void check_same(const LoadedNetworks& a, const LoadedNetworks& b) {
  CHECK(a.names == b.names);
  CHECK(a.memory == b.memory);
  REQUIRE(a.sources.size() == b.sources.size());
  for (std::size_t i = 0; i < a.sources.size(); ++i) {
    CHECK(a.sources[i].name == b.sources[i].name);
    CHECK(a.sources[i].dtype == b.sources[i].dtype);
    CHECK(a.sources[i].shape == b.sources[i].shape);
  }
}

/// Reads all networks of a file; the line of what is wrong, or "".
std::string reading_error(const std::filesystem::path& path) {
  return error_of([&] { load_networks(open_weights(path)); });
}

}  // namespace

TEST_CASE("The published lists are the networks' parameters", "[convert]") {
  const ModelDescription light{.ch = 4, .n_res = 2, .n_dis = 5, .img_size = 32, .light = true};
  ModelDescription full = light;
  full.light = false;
  CHECK(as_map(published_generator(light)) == in_network<Generator<4, 2, StyleFrom::average>>({1, 32, 32}));
  CHECK(as_map(published_generator(full)) == in_network<Generator<4, 2, StyleFrom::whole_map>>({1, 32, 32}));
  CHECK(as_map(published_tensors(light, "disGA")) == in_network<Discriminator<4, 6>>({1, 64, 64}));
  CHECK(as_map(published_tensors(light, "disLB")) == in_network<Discriminator<4, 4>>({1, 64, 64}));
}

TEMPLATE_TEST_CASE("The lists of the other presets are their networks' parameters", "[convert]", preset::tensorflow,
                   preset::paddle) {
  using P = TestType;
  const ModelDescription light{.ch = 4, .n_res = 2, .n_dis = 5, .img_size = 32, .light = true, .preset = P::name};
  CHECK(as_map(published_tensors(light, "genB2A")) == in_network<Generator<4, 2, StyleFrom::average, P>>({1, 32, 32}));
  CHECK(as_map(published_tensors(light, "disLB")) == in_network<Discriminator<4, 4, P>>({1, 64, 64}));
}

TEST_CASE("Checkpoints of other codes fill their preset's networks", "[convert]") {
  using D = Cpu<float>;
  D dev(1);
  const auto fill = [&]<class Model>(const WeightsFile& file, const std::string& name, const Extent& image, Model*) {
    INFO(file.path() << " " << name);
    ModelNetwork<Model, D> network(dev, image);
    CHECK(error_of([&] { read_network(file, name, network); }).empty());
    const Images<D> x(dev, image);
    std::fill_n(x.data(), x.size(), 0.5F);
    const auto pass = network.forward(x);
    CHECK(std::isfinite(pass.image().data()[0]));
  };
  using preset::paddle;
  using preset::tensorflow;
  const Extent image{1, 16, 16};
  const WeightsFile light = open_weights(golden("tensorflow_light.index"));
  fill(light, "genA2B", image, static_cast<Generator<1, 4, StyleFrom::average, tensorflow>*>(nullptr));
  fill(light, "disLB", image, static_cast<Discriminator<1, 3, tensorflow>*>(nullptr));
  const WeightsFile full = open_weights(golden("tensorflow_full.index"));
  fill(full, "genB2A", image, static_cast<Generator<1, 4, StyleFrom::whole_map, tensorflow>*>(nullptr));
  const WeightsFile port = open_weights(golden("paddle_port.pickle"));
  fill(port, "genA2B", image, static_cast<Generator<1, 1, StyleFrom::average, paddle>*>(nullptr));
  fill(port, "disLA", image, static_cast<Discriminator<1, 3, paddle>*>(nullptr));
}

TEST_CASE("A published checkpoint goes to ours and back bit for bit", "[convert]") {
  const TemporaryFolder folder;
  for (const std::string kind : {"light", "full"}) {
    INFO(kind);
    const LoadedNetworks published = load_networks(open_weights(curves / ("curve_" + kind + ".pt")));
    CHECK(published.names.size() == 6);
    write_networks_safetensors(folder / "a.safetensors", published);
    const LoadedNetworks ours = load_networks(open_weights(folder / "a.safetensors"));
    check_same(ours, published);
    CHECK(ours.model == published.model);
    write_networks_torch(folder / "b.pt", ours);
    check_same(load_networks(open_weights(folder / "b.pt")), published);
    write_networks_safetensors(folder / "c.safetensors", load_networks(open_weights(folder / "b.pt")));
    CHECK(read_file(folder / "a.safetensors") == read_file(folder / "c.safetensors"));
    copy_safetensors(open_weights(folder / "a.safetensors"), folder / "d.safetensors");
    CHECK(read_file(folder / "a.safetensors") == read_file(folder / "d.safetensors"));
  }
}

TEST_CASE("A tensor that does not fit is named", "[convert]") {
  const TemporaryFolder folder;
  LoadedNetworks networks = load_networks(open_weights(curves / "curve_light.pt"), {"genB2A"});
  CHECK(networks.is_generator());
  const auto error = [&](const std::vector<TensorSource>& sources) {
    write_torch(folder / "bad.pt", sources);
    return reading_error(folder / "bad.pt");
  };
  std::vector<TensorSource> sources = networks.sources;
  CHECK(error(sources).empty());
  sources.push_back({"genB2A.more", DType::f32, {}, std::span(networks.memory[0]).first(4)});
  CHECK(contains(error(sources), "bad.pt has the tensor genB2A.more, which a light model"));
  sources.pop_back();
  const auto gamma =
      std::find_if(sources.begin(), sources.end(), [](const auto& s) { return s.name == "genB2A.gamma.weight"; });
  REQUIRE(gamma != sources.end());
  gamma->shape = {16, 64};
  CHECK(contains(error(sources), "bad.pt: genB2A.gamma.weight is [16, 64]"));
  gamma->shape = {32, 32};
  gamma->dtype = DType::i32;
  CHECK(contains(error(sources), "genB2A.gamma.weight holds whole numbers"));
  sources.erase(gamma);
  CHECK(contains(error(sources), "bad.pt has no tensor genB2A.gamma.weight"));
  CHECK(contains(error_of([&] { load_networks(open_weights(curves / "curve_light.pt"), {"genC2D"}); }), "genC2D"));
}

TEST_CASE("A checkpoint of another code becomes ours, and says of which preset it is", "[convert]") {
  const TemporaryFolder folder;
  for (const auto& [name, preset] :
       {std::pair("paddle_port.pickle", Preset::paddle), std::pair("tensorflow_light.index", Preset::tensorflow),
        std::pair("tensorflow_full.index", Preset::tensorflow)}) {
    INFO(name);
    const WeightsFile file = open_weights(golden(name));
    const LoadedNetworks networks = load_networks(file);
    CHECK(networks.names.size() == 6);
    CHECK(networks.sources.size() == file.tensors().size());
    write_networks_safetensors(folder / "a.safetensors", networks);
    check_same(load_networks(open_weights(folder / "a.safetensors")), networks);
    const std::string refused = std::string("is of the preset ") + name_of(preset) +
                                ", but the preset pytorch was asked for; run with --preset ";
    const WeightsFile ours = open_weights(folder / "a.safetensors");
    for (const WeightsFile* const one : {&file, &ours}) {
      CHECK(describe_weights(*one).preset == preset);
      CHECK(error_of([&, wanted = preset] { require_preset(*one, wanted); }).empty());
      CHECK(contains(error_of([&] { require_preset(*one, Preset::pytorch); }), refused + name_of(preset)));
      CHECK(contains(error_of([&] { require_model(*one, {}, false); }), refused + name_of(preset)));
    }
    CHECK(contains(error_of([&] { write_networks_torch(folder / "a.pt", networks); }), name_of(preset)));
  }
}

TEST_CASE("Numbers that no model has are refused before anything is computed from them", "[convert]") {
  const TemporaryFolder folder;
  for (const std::string key : {"ch", "n_res", "n_dis", "img_size"}) {
    auto metadata = metadata_of({});
    metadata[key] = "1000000000000000000";
    write_safetensors(folder / "a.safetensors", metadata, {});
    CHECK(contains(reading_error(folder / "a.safetensors"), "which no U-GAT-IT is"));
  }
}

TEST_CASE("What was written and then cut or damaged is refused in one line or read as it was", "[convert]") {
  const TemporaryFolder folder;
  const std::uint32_t seed = fresh_seed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  // One generator, so that a file is small; the smallest model there is.
  const ModelDescription model{.ch = 1, .n_res = 1, .n_dis = 6, .img_size = 16, .light = true};
  LoadedNetworks networks;
  networks.model = model;
  networks.names = {"genA2B"};
  for (const PublishedTensor& tensor : published_generator(model)) {
    auto& bytes = networks.memory.emplace_back(element_count(tensor.shape).value() * 4);
    for (std::byte& b : bytes) b = static_cast<std::byte>(random());
    networks.sources.push_back({"genA2B." + tensor.name, DType::f32, tensor.shape, bytes});
  }
  write_networks_torch(folder / "good.pt", networks);
  write_networks_safetensors(folder / "good.safetensors", networks);
  for (const std::string name : {"good.pt", "good.safetensors"}) {
    INFO(name);
    CHECK(reading_error(folder / name).empty());
    const auto whole = read_file(folder / name);
    for (int i = 0; i < 200; ++i) {
      const std::size_t size = random() % whole.size();
      put(folder / "cut", std::span(whole).first(size));
      const std::string error = reading_error(folder / "cut");
      CHECK(!error.empty());
      CHECK(error.find('\n') == std::string::npos);
    }
    for (int i = 0; i < 2000; ++i) {
      auto bytes = whole;
      const std::size_t at = random() % bytes.size();
      bytes[at] ^= static_cast<std::byte>(1 + random() % 255);
      put(folder / "flipped", bytes);
      INFO("byte " << at);
      const std::string error = reading_error(folder / "flipped");
      CHECK(error.find('\n') == std::string::npos);
      if (error.empty()) CHECK(load_networks(open_weights(folder / "flipped")).memory == networks.memory);
    }
  }
}
