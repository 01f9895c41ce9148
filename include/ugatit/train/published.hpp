// The networks as lists of named, shaped tensors, in the order in which the published PyTorch code stores them: the
// order in which its modules are made. What a file holds can be compared with them without instantiating a network, so
// files of every width and depth can be converted and described.
#pragma once

#include <ugatit/io/tensor_info.hpp>
#include <ugatit/models/description.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ugatit {

/// A tensor of a network: its published name, without the network's, and its shape.
struct PublishedTensor {
  std::string name;   ///< as the published code calls it
  TensorShape shape;  ///< its dimensions
};

/// The networks of a checkpoint, in the published order.
inline constexpr std::array<const char*, 6> published_networks{"genA2B", "genB2A", "disGA", "disGB", "disLA", "disLB"};

/// The parameters of a generator.
inline std::vector<PublishedTensor> published_generator(const ModelDescription& m) {
  const Index ch = m.ch, wide = 4 * m.ch, features = m.light ? 1 : (m.img_size / 4) * (m.img_size / 4);
  std::vector<PublishedTensor> list{
      {"gap_fc.weight", {1, wide}}, {"gmp_fc.weight", {1, wide}},   {"conv1x1.weight", {wide, 2 * wide, 1, 1}},
      {"conv1x1.bias", {wide}},     {"gamma.weight", {wide, wide}}, {"beta.weight", {wide, wide}}};
  const auto add = [&](const std::string& name, const TensorShape& shape) { list.push_back({name, shape}); };
  for (Index block = 1; block <= m.n_res; ++block) {
    for (const std::string half : {"1", "2"}) {
      const std::string prefix = "UpBlock1_" + std::to_string(block) + ".";
      add(prefix + "conv" + half + ".weight", {wide, wide, 3, 3});
      add(prefix + "norm" + half + ".rho", {1, wide, 1, 1});
    }
  }
  add("DownBlock.1.weight", {ch, 3, 7, 7});
  add("DownBlock.5.weight", {2 * ch, ch, 3, 3});
  add("DownBlock.9.weight", {wide, 2 * ch, 3, 3});
  for (Index block = 0; block < m.n_res; ++block) {
    const std::string prefix = "DownBlock." + std::to_string(12 + block) + ".conv_block.";
    add(prefix + "1.weight", {wide, wide, 3, 3});
    add(prefix + "5.weight", {wide, wide, 3, 3});
  }
  add("FC.0.weight", {wide, features * wide});
  add("FC.2.weight", {wide, wide});
  Index channels = 2 * ch;
  for (const auto& [convolution, norm] :
       {std::pair("UpBlock2.2", "UpBlock2.3."), std::pair("UpBlock2.7", "UpBlock2.8.")}) {
    add(std::string(convolution) + ".weight", {channels, 2 * channels, 3, 3});
    for (const char* part : {"rho", "gamma", "beta"}) add(norm + std::string(part), {1, channels, 1, 1});
    channels /= 2;
  }
  add("UpBlock2.11.weight", {3, ch, 7, 7});
  return list;
}

/// The parameters and the state of a discriminator with that many layers (from 2 on), in the published counting.
inline std::vector<PublishedTensor> published_discriminator(Index ch, Index layers) {
  layers = std::max<Index>(layers, 2);
  const Index wide = ch << (layers - 2);
  std::vector<PublishedTensor> list;
  // u is as long as the matrix is high, v as it is wide.
  const auto add_normalised = [&](const std::string& prefix, const TensorShape& shape) {
    const auto columns = static_cast<std::int64_t>(element_count(shape).value()) / shape[0];
    list.push_back({prefix + ".weight_orig", shape});
    list.push_back({prefix + ".weight_u", {shape[0]}});
    list.push_back({prefix + ".weight_v", {columns}});
  };
  add_normalised("gap_fc", {1, wide});
  add_normalised("gmp_fc", {1, wide});
  list.push_back({"conv1x1.weight", {wide, 2 * wide, 1, 1}});
  list.push_back({"conv1x1.bias", {wide}});
  add_normalised("conv", {1, wide, 4, 4});
  Index in = 3, out = ch;
  for (Index layer = 0; layer < layers - 1; ++layer) {
    const std::string prefix = "model." + std::to_string(1 + 3 * layer);
    list.push_back({prefix + ".bias", {out}});
    add_normalised(prefix, {out, in, 4, 4});
    in = out;
    out *= 2;
  }
  return list;
}

/// What a generator of the presets `paddle` and `tensorflow` has besides: the encoder's instance norms learn a scale
/// and a shift.
inline std::vector<PublishedTensor> affine_encoder_norms(const ModelDescription& m) {
  std::vector<PublishedTensor> list;
  const auto add = [&](const std::string& prefix, Index channels) {
    list.push_back({prefix + ".weight", {channels}});
    list.push_back({prefix + ".bias", {channels}});
  };
  add("DownBlock.2", m.ch);
  add("DownBlock.6", 2 * m.ch);
  add("DownBlock.10", 4 * m.ch);
  for (Index block = 0; block < m.n_res; ++block) {
    const std::string prefix = "DownBlock." + std::to_string(12 + block) + ".conv_block.";
    add(prefix + "2", 4 * m.ch);
    add(prefix + "6", 4 * m.ch);
  }
  return list;
}

/// A network of the preset `tensorflow`, made of PyTorch's: every convolution and linear layer has a bias, one
/// classifier, `cam_fc`, serves both pools, and spectral normalisation keeps u alone.
inline std::vector<PublishedTensor> as_tensorflow(const std::vector<PublishedTensor>& pytorch) {
  std::vector<PublishedTensor> list;
  const auto ends = [](const std::string& name, std::string_view end) { return name.ends_with(end); };
  for (const PublishedTensor& tensor : pytorch) {
    PublishedTensor copy = tensor;
    if (copy.name.starts_with("gmp_fc.") || ends(copy.name, ".weight_v") || ends(copy.name, ".bias")) continue;
    if (copy.name.starts_with("gap_fc.")) copy.name.replace(0, 6, "cam_fc");
    list.push_back(copy);
    const std::string layer = copy.name.substr(0, copy.name.rfind('.'));
    if (!ends(copy.name, ".weight") && !ends(copy.name, ".weight_orig")) continue;
    list.push_back({layer + ".bias", {copy.shape[0]}});
  }
  return list;
}

/// The tensors of one of the `published_networks`.
inline std::vector<PublishedTensor> published_tensors(const ModelDescription& m, std::string_view network) {
  const bool is_generator = network.starts_with("gen");
  std::vector<PublishedTensor> list =
      is_generator ? published_generator(m)
                   : published_discriminator(m.ch, network.starts_with("disG") ? m.global_layers() : m.local_layers());
  if (m.preset == Preset::tensorflow) list = as_tensorflow(list);
  if (m.preset == Preset::pytorch || !is_generator) return list;
  for (PublishedTensor& tensor : affine_encoder_norms(m)) list.push_back(std::move(tensor));
  return list;
}

}  // namespace ugatit
