// From any file of weights to another format: the networks of a file, compared with what their model has, in memory.
//
//   write_networks_safetensors   ours: names and metadata as in checkpoints, without a training's state
//   write_networks_torch         the dictionary of state dictionaries that the published code loads
//
// Numbers keep their type and their bits.
#pragma once

#include <ugatit/io/torch_writer.hpp>
#include <ugatit/train/published.hpp>
#include <ugatit/train/weights.hpp>

namespace ugatit {

/// The published networks of which a file has tensors, in the published order.
inline std::vector<std::string> networks_in(const WeightsFile& file) {
  std::vector<std::string> found;
  for (const std::string network : published_networks) {
    const auto belongs = [&](const TensorInfo& tensor) { return tensor.name.starts_with(network + "."); };
    if (std::any_of(file.tensors().begin(), file.tensors().end(), belongs)) found.push_back(network);
  }
  return found;
}

/// Throws `Error` for the first tensor of a network that is missing, misshapen, no floating-point numbers, or unknown.
inline void require_network(const WeightsFile& file, const ModelDescription& model, const std::string& network) {
  std::set<std::string> wanted;
  for (const PublishedTensor& tensor : published_tensors(model, network)) {
    const std::string name = network + "." + tensor.name;
    wanted.insert(name);
    const TensorInfo* const found = file.find(name);
    if (found == nullptr) throw Error(one_line(file.path()) + " has no tensor " + name + "; use a complete checkpoint");
    if (found->shape != tensor.shape) {
      throw Error(one_line(file.path()) + ": " + name + " is " + describe(found->shape) + ", but " + describe(model) +
                  " has " + describe(tensor.shape) + "; use another checkpoint");
    }
    if (!is_floating(found->dtype)) {
      throw Error(one_line(file.path()) + ": " + name + " holds whole numbers, not weights; use another checkpoint");
    }
  }
  for (const TensorInfo& tensor : file.tensors()) {
    if (tensor.name.starts_with(network + ".") && !wanted.contains(tensor.name)) {
      throw Error(one_line(file.path()) + " has the tensor " + one_line(tensor.name) + ", which " + describe(model) +
                  " lacks; use another checkpoint");
    }
  }
}

/// Tensors in memory, ready to be written.
struct LoadedTensors {
  std::vector<std::vector<std::byte>> memory;  ///< where the tensors' bytes are
  std::vector<TensorSource> sources;           ///< views of it

  /// Reads one tensor as it is stored.
  void add(const WeightsFile& file, const TensorInfo& tensor) {
    file.read(tensor.name, memory.emplace_back(static_cast<std::size_t>(tensor.bytes())));
    sources.push_back({tensor.name, tensor.dtype, tensor.shape, memory.back()});
  }
};

/// Networks of a file, in memory.
struct LoadedNetworks : LoadedTensors {
  ModelDescription model;          ///< what they are
  std::vector<std::string> names;  ///< of the networks, as published

  bool is_generator() const { return names.size() == 1 && names[0].starts_with("gen"); }  ///< one generator alone
};

/// Reads these networks, or, where none is named, all that the file has; tensors in the published order. Throws `Error`
/// for what `require_network` refuses.
inline LoadedNetworks load_networks(const WeightsFile& file, std::vector<std::string> names = {}) {
  LoadedNetworks loaded;
  loaded.model = describe_weights(file);
  loaded.names = names.empty() ? networks_in(file) : std::move(names);
  for (const std::string& network : loaded.names) require_network(file, loaded.model, network);
  for (const std::string& network : loaded.names) {
    for (const PublishedTensor& tensor : published_tensors(loaded.model, network)) {
      loaded.add(file, *file.find(network + "." + tensor.name));
    }
  }
  return loaded;
}

/// Rounds all weights to float16, half the size of float32. Throws `Error` for a weight that is too large for it.
inline void round_to_half(LoadedTensors& tensors) {
  std::vector<float> numbers;
  for (std::size_t i = 0; i < tensors.sources.size(); ++i) {
    TensorSource& source = tensors.sources[i];
    numbers.resize(static_cast<std::size_t>(element_count(source.shape).value()));
    convert_numbers(source.dtype, source.bytes.data(), std::span(numbers));
    std::vector<std::byte> halves(2 * numbers.size());
    for (std::size_t k = 0; k < numbers.size(); ++k) {
      const std::uint16_t half = float_to_half(numbers[k]);
      if (std::isfinite(numbers[k]) && !std::isfinite(half_to_float(half))) {
        throw Error(one_line(source.name) + " has a weight beyond 65504, the largest float16; convert without --half");
      }
      std::memcpy(halves.data() + 2 * k, &half, 2);
    }
    tensors.memory[i] = std::move(halves);
    source.bytes = tensors.memory[i];
    source.dtype = DType::f16;
  }
}

/// Writes networks as `open_weights`, `read_network` and `read_weights` take them.
inline void write_networks_safetensors(const std::filesystem::path& path, const LoadedNetworks& networks) {
  auto metadata = metadata_of(networks.model);
  metadata["kind"] = networks.is_generator() ? "generator" : "networks";
  write_safetensors(path, metadata, networks.sources);
}

/// Writes networks as torch.load and the published code take them. Throws `Error` for another preset than PyTorch's,
/// whose weights that code would load and then compute something else with.
inline void write_networks_torch(const std::filesystem::path& path, const LoadedNetworks& networks) {
  if (networks.model.preset != Preset::pytorch) {
    throw Error(one_line(path) + " would hold weights of the preset " + name_of(networks.model.preset) +
                ", for which the published PyTorch code computes something else; convert to .safetensors");
  }
  write_torch(path, networks.sources);
}

/// Copies a safetensors file, tensor by tensor: the same bytes where this library wrote it.
inline void copy_safetensors(const WeightsFile& file, const std::filesystem::path& path) {
  LoadedTensors all;
  for (const TensorInfo& tensor : file.tensors()) all.add(file, tensor);
  write_safetensors(path, file.metadata(), all.sources);
}

}  // namespace ugatit
