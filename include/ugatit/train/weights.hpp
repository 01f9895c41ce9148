// Between networks and files of named tensors: NETWORK.PARAMETER, as in the published checkpoints.
//
// A file describes itself in its metadata (ours) or by the shapes of its tensors (PyTorch's). What does not fit is an
// error that names the tensor, or both models and the flags to use.
#pragma once

#include <ugatit/io/safetensors_writer.hpp>
#include <ugatit/io/weights_file.hpp>
#include <ugatit/models/description.hpp>
#include <ugatit/models/network.hpp>

#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace ugatit {

/// The dimensions that count, as files write them.
template <class D>
TensorShape shape_of(const Field<D>& field) {
  return {field.dims.begin(), field.dims.begin() + field.rank};
}

/// A field's memory as a tensor to be written.
template <class D>
TensorSource tensor_source(D& dev, const std::string& name, const Field<D>& field) {
  const std::span numbers(static_cast<const typename D::Scalar*>(field.data()), static_cast<std::size_t>(field.size()));
  TensorSource::Fetch fetch;
  if constexpr (!host_reads<typename D::ArenaType::Memory>) {
    fetch = [&dev](std::span<const std::byte> part, std::byte* to) {
      copy_to_host(dev, static_cast<Index>(part.size()), part.data(), to);
    };
  }
  return {name, dtype_of<typename D::Scalar>(), shape_of(field), std::as_bytes(numbers), std::move(fetch)};
}

/// Reads one tensor into a field. Throws `Error` where it is missing or has another shape.
template <class D>
void read_field(D& dev, const WeightsFile& file, const std::string& name, const Field<D>& field) {
  const TensorInfo* const tensor = file.find(name);
  if (tensor == nullptr) throw Error(one_line(file.path()) + " has no tensor " + name + "; use weights of this model");
  if (tensor->shape != shape_of(field)) {
    throw Error(one_line(file.path()) + ": " + name + " is " + describe(tensor->shape) + ", the model wants " +
                describe(shape_of(field)) + "; use weights of this model");
  }
  const auto size = static_cast<std::size_t>(field.size());
  if constexpr (host_reads<typename D::ArenaType::Memory>) {
    file.read_as(name, std::span(field.data(), size));
  } else {
    std::vector<typename D::Scalar> numbers(size);
    file.read_as(name, std::span(numbers));
    copy_from_host(dev, field.size(), numbers.data(), field.data());
  }
}

/// Reads all parameters of a network stored as `prefix`.NAME. Throws `Error` for a missing, extra or misshapen tensor.
template <class D, Index C>
void read_network(const WeightsFile& file, const std::string& prefix, Network<D, C>& network) {
  std::set<std::string> wanted;
  for (const Parameter<D>& p : network.parameters()) wanted.insert(prefix + "." + p.name);
  for (const TensorInfo& tensor : file.tensors()) {
    if (tensor.name.starts_with(prefix + ".") && !wanted.contains(tensor.name)) {
      throw Error(one_line(file.path()) + " has the tensor " + one_line(tensor.name) +
                  ", which the model lacks; use weights of this model");
    }
  }
  for (const Parameter<D>& p : network.parameters()) read_field(network.device(), file, prefix + "." + p.name, p.w);
}

namespace weights {

/// A number of things in a file's metadata, or a seed. Throws `Error` where it is missing or is none.
template <class Whole = Index>
Whole whole_number(const WeightsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  std::uint64_t value = 0;
  if (found != file.metadata().end()) {
    const std::string& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc{} && end == text.data() + text.size() && std::in_range<Whole>(value)) {
      return static_cast<Whole>(value);
    }
  }
  throw Error(one_line(file.path()) + " does not say its " + key + "; use a checkpoint written by this library");
}

inline std::string text(const WeightsFile& file, const std::string& key) {
  const auto found = file.metadata().find(key);
  if (found != file.metadata().end()) return found->second;
  throw Error(one_line(file.path()) + " does not say its " + key + "; use a checkpoint written by this library");
}

/// The same to the last bit when read back.
inline std::string exact(double x) {
  char digits[40];
  const auto end = std::to_chars(digits, digits + sizeof digits, x).ptr;
  return {digits, end};
}

inline double number(const WeightsFile& file, const std::string& key) {
  const std::string digits = text(file, key);
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error == std::errc{} && end == digits.data() + digits.size()) return value;
  throw Error(one_line(file.path()) + " has a " + key + " that is no number; use another checkpoint");
}

inline Index count_blocks(const WeightsFile& file, const std::string& generator) {
  Index blocks = 0;
  while (file.find(generator + ".DownBlock." + std::to_string(12 + blocks) + ".conv_block.1.weight") != nullptr)
    ++blocks;
  return blocks;
}

inline Index count_layers(const WeightsFile& file, const std::string& discriminator) {
  Index layers = 0;
  while (file.find(discriminator + ".model." + std::to_string(1 + 3 * layers) + ".weight_orig") != nullptr) ++layers;
  return layers + 1;
}

/// Throws `Error` for numbers that no model has, so that sizes can be computed from them without a second thought.
inline void require_possible(const WeightsFile& file, const ModelDescription& m) {
  const auto within = [](Index value, Index least, Index most) { return value >= least && value <= most; };
  if (within(m.ch, 1, 4096) && within(m.n_res, 0, 100) && within(m.n_dis, 2, 12) && within(m.img_size, 4, 65536))
    return;
  throw Error(one_line(file.path()) + " is " + describe(m) + ", n_dis " + std::to_string(m.n_dis) +
              ", which no U-GAT-IT is; use another checkpoint");
}

}  // namespace weights

/// The metadata that describe a model.
inline std::map<std::string, std::string> metadata_of(const ModelDescription& m) {
  return {{"preset", name_of(m.preset)},
          {"ch", std::to_string(m.ch)},
          {"n_res", std::to_string(m.n_res)},
          {"n_dis", std::to_string(m.n_dis)},
          {"img_size", std::to_string(m.img_size)},
          {"light", m.light ? "True" : "False"}};
}

/// Opens a file of weights and compares its checksum. Files that this library wrote must have one: its loss is damage
/// too.
inline WeightsFile open_weights(const std::filesystem::path& path) {
  WeightsFile file(path);
  if (!file.verify() && file.metadata().contains("preset")) {
    throw Error(one_line(path) +
                " is truncated or altered (it has no checksum); use another checkpoint or copy it again");
  }
  return file;
}

/// The code whose networks a file's weights are of: as the file says itself, else by its format. Throws `Error` for a
/// name that is none.
inline Preset preset_of(const WeightsFile& file) {
  const auto said = file.metadata().find("preset");
  if (said == file.metadata().end()) {
    return file.is_paddle() ? Preset::paddle : file.is_tensorflow() ? Preset::tensorflow : Preset::pytorch;
  }
  if (const auto preset = preset_named(said->second)) return *preset;
  throw Error(one_line(file.path()) + " is of the preset " + one_line(said->second) +
              ", which this version does not know; use pytorch, tensorflow or paddle");
}

/// What model a file's weights belong to: as it says itself, else by the shapes of its tensors (an image size that
/// shapes do not show, the light model's, is `default_size`). Throws `Error` where it has no generator.
inline ModelDescription describe_weights(const WeightsFile& file, Index default_size = 256) {
  ModelDescription m;
  m.preset = preset_of(file);
  if (file.metadata().contains("preset")) {
    m = {weights::whole_number(file, "ch"),      weights::whole_number(file, "n_res"),
         weights::whole_number(file, "n_dis"),   weights::whole_number(file, "img_size"),
         weights::text(file, "light") == "True", m.preset};
    weights::require_possible(file, m);
    return m;
  }
  for (const std::string generator : {"genA2B", "genB2A"}) {
    const TensorInfo* const first = file.find(generator + ".DownBlock.1.weight");
    const TensorInfo* const style = file.find(generator + ".FC.0.weight");
    if (first == nullptr || style == nullptr || first->shape.size() != 4 || style->shape.size() != 2) continue;
    m.ch = first->shape[0];
    m.n_res = weights::count_blocks(file, generator);
    if (m.ch < 1 || style->shape[1] < 1) break;
    const Index area = style->shape[1] / (4 * m.ch);  // of the features: 1 for the light model
    m.light = area <= 1;
    m.img_size = m.light ? default_size : 4 * std::lround(std::sqrt(static_cast<double>(area)));
    if (file.find("disGA.model.1.weight_orig") != nullptr) m.n_dis = weights::count_layers(file, "disGA") - 1;
    weights::require_possible(file, m);
    return m;
  }
  throw Error(one_line(file.path()) + " has no generator (genA2B.DownBlock.1.weight, …); use a U-GAT-IT checkpoint");
}

/// Throws `Error` naming both presets where a file is of another one than was asked for.
inline void require_preset(const WeightsFile& file, Preset wanted) {
  const Preset has = preset_of(file);
  if (has == wanted) return;
  throw Error(one_line(file.path()) + " is of the preset " + name_of(has) + ", but the preset " + name_of(wanted) +
              " was asked for; run with --preset " + name_of(has));
}

/// Throws `Error` naming both sides and the flags to use unless the file holds the model that was asked for. The light
/// model's weights serve every image size; `same_size` wants its size to be the same too.
inline void require_model(const WeightsFile& file, const ModelDescription& wanted, bool same_size) {
  require_preset(file, wanted.preset);
  const ModelDescription has = describe_weights(file, wanted.img_size);
  std::string flags;
  const auto differ = [&](bool differs, const std::string& flag, const std::string& value) {
    if (differs) flags += (flags.empty() ? "" : " ") + flag + " " + value;
  };
  differ(has.light != wanted.light, "--light", has.light ? "True" : "False");
  differ(has.ch != wanted.ch, "--ch", std::to_string(has.ch));
  differ(has.n_res != wanted.n_res, "--n_res", std::to_string(has.n_res));
  differ(has.n_dis != wanted.n_dis, "--n_dis", std::to_string(has.n_dis));
  differ(has.img_size != wanted.img_size && (same_size || !has.light), "--img_size", std::to_string(has.img_size));
  if (flags.empty()) return;
  throw Error(one_line(file.path()) + " is " + describe(has) + ", but " + describe(wanted) +
              " was asked for; run with " + flags);
}

/// Writes one generator alone: all that translating needs (42 MB for the light model with ch 64).
template <class D>
void write_generator(const std::filesystem::path& path, const ModelDescription& model, const std::string& name,
                     const Network<D, 3>& generator) {
  std::vector<TensorSource> tensors;
  for (const Parameter<D>& p : generator.parameters())
    tensors.push_back(tensor_source(generator.device(), name + "." + p.name, p.w));
  auto metadata = metadata_of(model);
  metadata["kind"] = "generator";
  write_safetensors(path, metadata, tensors);
}

}  // namespace ugatit
