// Reading checkpoints of the TensorFlow code, under the names and in the shapes that the published PyTorch code would
// give them.
//
//   generator_B, generator_A                          genA2B, genB2A: the scope names the domain that comes out
//   discriminator_A/global, discriminator_A/local, …  disGA, disLA, …
//   convolutions [height, width, in, out]             [out, in, height, width]
//   linear weights [in, out]                          [out, in]; of the full model's first one the inputs come as
//   height, width,
//                                                     channels, and are read as channels, height, width
//   norms [C]                                         ρ, γ, β of AdaLIN and ILN [1, C, 1, 1]; instance norm's stay [C]
//
// What PyTorch's networks lack: a bias of every convolution and linear layer, and one classifier for both pools,
// `cam_fc` here, where they have gap_fc and gmp_fc. Spectral normalisation stores u alone. Adam's moments are left out.
// So are `CAM_logit/dense` of generators from before 20 August 2019, whose classifier was another variable than what
// scales the features: the image and the heat map follow from the latter, the CAM logits alone from the former.
//
// Source: https://github.com/taki0112/UGATIT, UGATIT.py and ops.py.
#pragma once

#include <ugatit/io/tensor_bundle.hpp>

#include <set>

namespace ugatit {

/// A tensor of a TensorFlow checkpoint, as PyTorch would name and shape it.
struct TensorFlowTensor : TensorInfo {
  /// How TensorFlow's order of dimensions differs from ours.
  enum class Layout { same, convolution, linear, flattened };

  std::size_t entry = 0;         ///< its number in the bundle
  Layout layout = Layout::same;  ///< how it differs
  std::int64_t channels = 1;     ///< of a flattened map
};

/// An open checkpoint of the TensorFlow code.
class TensorFlowCheckpoint {
 public:
  /// Throws `Error` for a damaged bundle, and for one that has no tensor of U-GAT-IT.
  explicit TensorFlowCheckpoint(const std::filesystem::path& path) : bundle_(path) {
    for (const BundleEntry& entry : bundle_.entries()) stored_.emplace(entry.name, &entry);
    for (std::size_t i = 0; i < bundle_.entries().size(); ++i) {
      const BundleEntry& entry = bundle_.entries()[i];
      TensorFlowTensor tensor;
      tensor.name = published_name(entry.name);
      if (tensor.name.empty()) continue;
      tensor.dtype = entry.dtype;
      tensor.entry = i;
      lay_out(tensor, entry);
      by_name_.emplace(tensor.name, tensors_.size());
      tensors_.push_back(std::move(tensor));
    }
    if (tensors_.empty()) throw Error(one_line(path) + " has no generator_A, generator_B; use a U-GAT-IT checkpoint");
  }

  const std::filesystem::path& path() const { return bundle_.path(); }  ///< of the index
  /// In the order of TensorFlow's names.
  const std::vector<TensorFlowTensor>& tensors() const { return tensors_; }

  /// The tensor of that name, or null.
  const TensorFlowTensor* find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &tensors_[found->second];
  }

  /// Reads a tensor's elements in row-major order. Throws `Error` unless `out` has just its size in bytes.
  void read(const TensorFlowTensor& tensor, std::span<std::byte> out) const {
    const BundleEntry& entry = bundle_.entries()[tensor.entry];
    if (tensor.layout == TensorFlowTensor::Layout::same || out.size() != tensor.bytes()) {
      bundle_.read(entry, out);
      return;
    }
    std::vector<std::byte> stored(out.size());
    bundle_.read(entry, stored);
    // All layouts are [positions, channels, outputs] in the file, and [outputs, channels, positions] here.
    const auto outputs = static_cast<std::size_t>(tensor.shape[0]),
               channels = static_cast<std::size_t>(tensor.channels);
    const std::size_t size = size_of(tensor.dtype);
    const std::size_t positions = outputs * channels == 0 ? 0 : out.size() / size / outputs / channels;
    for (std::size_t p = 0; p < positions; ++p) {
      for (std::size_t c = 0; c < channels; ++c) {
        for (std::size_t o = 0; o < outputs; ++o) {
          std::memcpy(out.data() + ((o * channels + c) * positions + p) * size,
                      stored.data() + ((p * channels + c) * outputs + o) * size, size);
        }
      }
    }
  }

 private:
  using Layout = TensorFlowTensor::Layout;

  static void lay_out(TensorFlowTensor& tensor, const BundleEntry& entry) {
    const TensorShape& s = entry.shape;
    tensor.shape = s;
    const bool is_mixing =
        tensor.name.ends_with(".rho") || tensor.name.ends_with(".gamma") || tensor.name.ends_with(".beta");
    if (s.size() == 4) {
      tensor.layout = Layout::convolution;
      tensor.shape = {s[3], s[2], s[0], s[1]};
      tensor.channels = s[2];
    } else if (s.size() == 2 && tensor.name.ends_with(".weight_u")) {
      tensor.shape = {s[0] * s[1]};
    } else if (s.size() == 2) {
      // The style network's layers have as many outputs as the map has channels.
      const bool is_flattened = tensor.name.ends_with("FC.0.weight") && s[1] > 0 && s[0] % s[1] == 0;
      tensor.layout = is_flattened ? Layout::flattened : Layout::linear;
      tensor.shape = {s[1], s[0]};
      tensor.channels = is_flattened ? s[1] : s[0];
    } else if (s.size() == 1 && is_mixing) {
      tensor.shape = {1, s[0], 1, 1};
    }
  }

  // The name in PyTorch's style; "" for what is no part of a network.
  std::string published_name(const std::string& name) const {
    for (const auto& [scope, network] : {std::pair("generator_B/", "genA2B."), std::pair("generator_A/", "genB2A.")}) {
      if (name.starts_with(scope)) return joined(network, in_generator(name.substr(std::strlen(scope))));
    }
    for (const auto& [scope, network] :
         {std::pair("discriminator_A/global/", "disGA."), std::pair("discriminator_A/local/", "disLA."),
          std::pair("discriminator_B/global/", "disGB."), std::pair("discriminator_B/local/", "disLB.")}) {
      if (name.starts_with(scope)) return joined(network, in_discriminator(scope, name.substr(std::strlen(scope))));
    }
    return {};
  }

  static std::string joined(const std::string& network, const std::string& rest) {
    return rest.empty() ? rest : network + rest;
  }

  // What comes before the last '/', and the leaf behind it in PyTorch's words.
  static std::pair<std::string, std::string> split(const std::string& name) {
    const std::size_t slash = name.rfind('/');
    std::string leaf = name.substr(slash == std::string::npos ? 0 : slash + 1);
    std::string layer = slash == std::string::npos ? std::string() : name.substr(0, slash);
    if (leaf == "kernel") leaf = "weight";
    for (const std::string_view made : {"/conv2d", "/dense"}) {  // names that tf.layers adds
      if (layer.ends_with(made)) layer.resize(layer.size() - made.size());
    }
    return {layer, leaf};
  }

  // The number behind `prefix` in a scope, which then begins behind it.
  static std::optional<int> take_number(std::string& scope, std::string_view prefix) {
    if (!scope.starts_with(prefix)) return std::nullopt;
    std::size_t end = prefix.size();
    int value = 0;
    while (end < scope.size() && scope[end] >= '0' && scope[end] <= '9' && value < 1000)
      value = 10 * value + (scope[end++] - '0');
    if (end == prefix.size()) return std::nullopt;
    scope.erase(0, end);
    return value;
  }

  static std::string in_generator(const std::string& name) {
    if (name.starts_with("CAM_logit/dense/")) return {};
    auto [layer, leaf] = split(name);
    static const std::map<std::string, std::string> layers{{"conv", "DownBlock.1"},
                                                           {"conv_0", "DownBlock.5"},
                                                           {"conv_1", "DownBlock.9"},
                                                           {"ins_norm", "DownBlock.2"},
                                                           {"ins_norm_0", "DownBlock.6"},
                                                           {"ins_norm_1", "DownBlock.10"},
                                                           {"CAM_logit", "cam_fc"},
                                                           {"conv_1x1", "conv1x1"},
                                                           {"MLP/linear_0", "FC.0"},
                                                           {"MLP/linear_1", "FC.2"},
                                                           {"MLP/gamma", "gamma"},
                                                           {"MLP/beta", "beta"},
                                                           {"up_conv_0", "UpBlock2.2"},
                                                           {"up_conv_1", "UpBlock2.7"},
                                                           {"layer_ins_norm_0", "UpBlock2.3"},
                                                           {"layer_ins_norm_1", "UpBlock2.8"},
                                                           {"G_logit", "UpBlock2.11"}};
    // Instance norm calls its scale gamma and its shift beta, as ILN does; PyTorch calls them weight and bias.
    const auto affine = [](const std::string& part) {
      return part == "gamma" ? std::string("weight") : part == "beta" ? std::string("bias") : part;
    };
    if (const auto found = layers.find(layer); found != layers.end()) {
      return found->second + "." + (layer.starts_with("ins_norm") ? affine(leaf) : leaf);
    }
    if (const auto block = take_number(layer, "resblock_")) {
      static const std::map<std::string, std::string> parts{
          {"/res1/conv_0", "1"}, {"/res1/instance_norm", "2"}, {"/res2/conv_0", "5"}, {"/res2/instance_norm", "6"}};
      const auto part = parts.find(layer);
      if (part == parts.end()) return {};
      const bool is_norm = layer.ends_with("norm");
      return "DownBlock." + std::to_string(12 + *block) + ".conv_block." + part->second + "." +
             (is_norm ? affine(leaf) : leaf);
    }
    if (const auto block = take_number(layer, "adaptive_resblock")) {
      static const std::map<std::string, std::string> parts{{"/res1/conv_0", "conv1"},
                                                            {"/res1/instance_layer_norm", "norm1"},
                                                            {"/res2/conv_0", "conv2"},
                                                            {"/res2/instance_layer_norm", "norm2"}};
      const auto part = parts.find(layer);
      return part == parts.end() ? std::string()
                                 : "UpBlock1_" + std::to_string(*block + 1) + "." + part->second + "." + leaf;
    }
    return {};
  }

  std::string in_discriminator(const std::string& scope, const std::string& name) const {
    auto [layer, leaf] = split(name);
    if (leaf == "u") leaf = "weight_u";
    const bool is_normalised = stored_.contains(scope + layer + "/u");
    if (leaf == "weight" && is_normalised) leaf = "weight_orig";
    if (layer == "CAM_logit") return "cam_fc." + leaf;
    if (layer == "conv_1x1") return "conv1x1." + leaf;
    if (layer == "D_logit") return "conv." + leaf;
    int place = 0;
    if (layer == "conv_last") {
      while (stored_.contains(scope + "conv_" + std::to_string(place) + "/kernel")) ++place;
    } else if (const auto number = take_number(layer, "conv_"); number && layer.empty()) {
      place = *number;
    } else {
      return {};
    }
    return "model." + std::to_string(1 + 3 * place) + "." + leaf;
  }

  TensorBundle bundle_;
  std::map<std::string, const BundleEntry*, std::less<>> stored_;
  std::vector<TensorFlowTensor> tensors_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

}  // namespace ugatit
