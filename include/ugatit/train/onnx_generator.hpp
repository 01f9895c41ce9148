// A generator as an ONNX graph of opset 17, for runtimes that know nothing of us.
//
//   input [batch, 3, height, width], RGB in [-1, 1]  ->  image, the same; cam_logits [batch, 2]; heat_map [batch, 1,
//   height/4, width/4]
//
// A light model takes any sides that are multiples of 4; a full one its own size. The graph computes what
// models/generator.hpp does, node by node. ONNX's InstanceNormalization has the biased variance, as the encoder wants
// it; AdaLIN and ILN want the unbiased one, which is put together here: the mean of squares times n / (n − 1), where n
// comes from the shape at run time.
#pragma once

#include <ugatit/io/onnx_writer.hpp>
#include <ugatit/train/conversion.hpp>

#include <deque>

namespace ugatit {

/// What comes out of the ONNX model beside the image.
enum class OnnxOutputs { image, all };

/// The graph of one generator.
class OnnxGenerator {
 public:
  /// `networks` holds one generator, and must live as long as this. Throws `Error` for another preset than PyTorch's.
  OnnxGenerator(const LoadedNetworks& networks, OnnxOutputs outputs) : networks_(networks), outputs_(outputs) {
    if (networks.model.preset != Preset::pytorch || !networks.is_generator()) {
      throw Error(std::string("ONNX models are made of one generator of the preset pytorch, not of ") +
                  name_of(networks.model.preset));
    }
    for (const TensorSource& source : networks.sources) {
      sources_[source.name.substr(networks.names[0].size() + 1)] = &source;
    }
    const ModelDescription& m = networks.model;
    const auto side = [&](const char* name) { return m.light ? OnnxDimension(name) : OnnxDimension(m.img_size); };
    const auto quarter = [&](const char* name) {
      return m.light ? OnnxDimension(name) : OnnxDimension(m.img_size / 4);
    };
    model_.input("input", {"batch", 3, side("height"), side("width")});
    build();
    model_.output("image", {"batch", 3, side("height"), side("width")});
    if (outputs_ == OnnxOutputs::image) return;
    model_.output("cam_logits", {"batch", 2});
    model_.output("heat_map", {"batch", 1, quarter("heat_height"), quarter("heat_width")});
  }

  /// Writes the model, completely or not at all.
  void write(const std::filesystem::path& path) const {
    auto metadata = metadata_of(networks_.model);
    metadata["network"] = networks_.names[0];
    model_.write(path, "U-GAT-IT generator; input: RGB in [-1, 1], sides multiples of 4; image: RGB in [-1, 1]",
                 metadata);
  }

 private:
  using Text = std::string;

  void build() {
    const ModelDescription& m = networks_.model;
    Text x = conv_block("input", "DownBlock.1", 3, 1, m.ch, true);
    x = conv_block(x, "DownBlock.5", 1, 2, 2 * m.ch, true);
    x = conv_block(x, "DownBlock.9", 1, 2, 4 * m.ch, true);
    for (Index block = 0; block < m.n_res; ++block) {
      const Text prefix = "DownBlock." + std::to_string(12 + block);
      const Text y = conv_block(x, prefix + ".conv_block.1", 1, 1, 4 * m.ch, true);
      x = model_.node(prefix, "Add", {x, conv_block(y, prefix + ".conv_block.5", 1, 1, 4 * m.ch, false)});
    }
    x = attend(x);
    const auto [gamma, beta] = style(x);
    const Counts counts = count(x, "counts_1");
    for (Index block = 1; block <= m.n_res; ++block) {
      const Text prefix = "UpBlock1_" + std::to_string(block);
      const Text u = mix(padded_conv(x, prefix + ".conv1", 1, 1), prefix + ".norm1", counts, gamma, beta);
      const Text v = padded_conv(model_.node(prefix + ".relu", "Relu", {u}), prefix + ".conv2", 1, 1);
      x = model_.node(prefix, "Add", {mix(v, prefix + ".norm2", counts, gamma, beta), x});
    }
    int convolution = 2;
    for (const Text level : {"2", "3"}) {
      const Text conv = "UpBlock2." + std::to_string(convolution), norm = "UpBlock2." + std::to_string(convolution + 1);
      x = padded_conv(twice(x, conv + "/upsample"), conv, 1, 1);
      x = mix(x, norm, count(x, "counts_" + level), weight(norm + ".gamma"), weight(norm + ".beta"));
      x = model_.node(norm + "/relu", "Relu", {x});
      convolution += 5;
    }
    model_.node("image", "Tanh", {padded_conv(x, "UpBlock2.11", 3, 1)});
  }

  /// The file's tensor of that name, as floats.
  Text weight(const Text& name) {
    if (const auto [at, is_new] = stored_.insert(name); !is_new) return name;
    const TensorSource& source = *sources_.at(name);
    const auto count = static_cast<std::size_t>(element_count(source.shape).value());
    if (source.dtype == DType::f32) {
      model_.store(name, source.shape, {reinterpret_cast<const float*>(source.bytes.data()), count});
      return name;
    }
    std::vector<float>& numbers = converted_.emplace_back(count);
    convert_numbers(source.dtype, source.bytes.data(), std::span(numbers));
    model_.store(name, source.shape, numbers);
    return name;
  }

  Text number(const Text& name, float value) { return model_.constant(name, {value}, {}); }

  Text padded_conv(const Text& x, const Text& name, std::int64_t pad, std::int64_t stride) {
    const Text pads = model_.constant("pad_" + std::to_string(pad), {0, 0, pad, pad, 0, 0, pad, pad});
    const Text padded = model_.node(name + "/pad", "Pad", {x, pads}, {{"mode", "reflect"}});
    return model_.node(name, "Conv", {padded, weight(name + ".weight")}, {{"strides", std::vector{stride, stride}}});
  }

  Text conv_block(const Text& x, const Text& name, std::int64_t pad, std::int64_t stride, Index channels, bool relu) {
    const auto filled = [&](const char* what, float value) {
      return model_.constant(what + std::to_string(channels), std::vector(static_cast<std::size_t>(channels), value),
                             {channels});
    };
    const Text y = model_.node(name + "/norm", "InstanceNormalization",
                               {padded_conv(x, name, pad, stride), filled("ones_", 1), filled("zeros_", 0)},
                               {{"epsilon", epsilon}});
    return relu ? model_.node(name + "/relu", "Relu", {y}) : y;
  }

  /// y = x · wᵀ
  Text linear(const Text& x, const Text& name) {
    return model_.node(name, "Gemm", {x, weight(name + ".weight")}, {{"transB", std::int64_t{1}}});
  }
  /// [N, C] or [1, C] as a factor of maps.
  Text spread(const Text& x, const Text& name) {
    return model_.node(name, "Unsqueeze", {x, model_.constant("sides", {2, 3})});
  }
  Text flat(const Text& x, const Text& name) { return model_.node(name, "Flatten", {x}, {{"axis", std::int64_t{1}}}); }

  Text attend(const Text& x) {
    const OnnxAttribute channels{"axis", std::int64_t{1}};
    if (outputs_ == OnnxOutputs::all) {
      const Text average = flat(model_.node("gap", "GlobalAveragePool", {x}), "gap/flat");
      const Text largest = flat(model_.node("gmp", "GlobalMaxPool", {x}), "gmp/flat");
      model_.node("cam_logits", "Concat", {linear(average, "gap_fc"), linear(largest, "gmp_fc")}, {channels});
    }
    const auto scaled = [&](const Text& classifier) {
      return model_.node(classifier + "/map", "Mul",
                         {x, spread(weight(classifier + ".weight"), classifier + "/factors")});
    };
    const Text both = model_.node("maps", "Concat", {scaled("gap_fc"), scaled("gmp_fc")}, {channels});
    const Text y = model_.node("conv1x1", "Conv", {both, weight("conv1x1.weight"), weight("conv1x1.bias")});
    Text attended = model_.node("attended", "Relu", {y});
    if (outputs_ == OnnxOutputs::all) {
      model_.node("heat_map", "ReduceSum", {attended, model_.constant("channels", {1})},
                  {{"keepdims", std::int64_t{1}}});
    }
    return attended;
  }

  std::pair<Text, Text> style(const Text& x) {
    const Text read = networks_.model.light ? model_.node("style/pool", "GlobalAveragePool", {x}) : x;
    Text s = model_.node("FC.1", "Relu", {linear(flat(read, "style/flat"), "FC.0")});
    s = model_.node("FC.3", "Relu", {linear(s, "FC.2")});
    return {spread(linear(s, "gamma"), "gamma/map"), spread(linear(s, "beta"), "beta/map")};
  }

  /// n / (n − 1) for the numbers of one channel, and of one image.
  struct Counts {
    Text channel;
    Text image;
  };

  Counts count(const Text& x, const Text& name) {
    const auto corrected = [&](const Text& called, std::int64_t first) {
      constexpr std::int64_t to_float = 1;
      const Text sides = model_.node(called + "/shape", "Shape", {x}, {{"start", first}});
      const Text n = model_.node(called + "/n", "ReduceProd",
                                 {model_.node(called + "/sides", "Cast", {sides}, {{"to", to_float}})},
                                 {{"keepdims", std::int64_t{0}}});
      const Text less = model_.node(called + "/less", "Sub", {n, number("one", 1)});
      return model_.node(called, "Div", {n, less});
    };
    return {corrected(name + "/channel", 2), corrected(name + "/image", 1)};
  }

  /// The mean over some of the last dimensions, from the last one on: a runtime may add the millions of numbers of a
  /// large map one after the other in float, and lose digits that are wanted.
  Text mean(Text x, const Text& name, const std::vector<std::int64_t>& axes) {
    for (const std::int64_t axis : axes) {
      x = model_.node(name + "_" + std::to_string(axis), "ReduceMean", {x}, {{"axes", std::vector{axis}}});
    }
    return x;
  }

  /// (x − mean) / √(unbiased variance + ε)
  Text normalise(const Text& x, const Text& name, const std::vector<std::int64_t>& axes, const Text& correction) {
    const Text centred = model_.node(name + "/centred", "Sub", {x, mean(x, name + "/mean", axes)});
    const Text squares = model_.node(name + "/squares", "Mul", {centred, centred});
    const Text variance = model_.node(name + "/variance", "Mul", {mean(squares, name + "/biased", axes), correction});
    const Text safe = model_.node(name + "/safe", "Add", {variance, number("epsilon", epsilon)});
    return model_.node(name, "Div", {centred, model_.node(name + "/deviation", "Sqrt", {safe})});
  }

  /// gamma · (rho · instance norm + (1 − rho) · layer norm) + beta
  Text mix(const Text& x, const Text& name, const Counts& counts, const Text& gamma, const Text& beta) {
    const Text rho = weight(name + ".rho");
    const Text rest = model_.node(name + "/rest", "Sub", {number("one", 1), rho});
    const Text instance =
        model_.node(name + "/instance_part", "Mul", {normalise(x, name + "/instance", {3, 2}, counts.channel), rho});
    const Text layer =
        model_.node(name + "/layer_part", "Mul", {normalise(x, name + "/layer", {3, 2, 1}, counts.image), rest});
    const Text mixed = model_.node(name + "/mixed", "Add", {instance, layer});
    return model_.node(name, "Add", {model_.node(name + "/scaled", "Mul", {mixed, gamma}), beta});
  }

  Text twice(const Text& x, const Text& name) {
    return model_.node(
        name, "Resize", {x, "", model_.constant("twice", {1, 1, 2, 2}, {4})},
        {{"mode", "nearest"}, {"coordinate_transformation_mode", "asymmetric"}, {"nearest_mode", "floor"}});
  }

  static constexpr float epsilon = 1e-5F;

  const LoadedNetworks& networks_;
  OnnxOutputs outputs_;
  OnnxModel model_;
  std::map<Text, const TensorSource*> sources_;
  std::set<Text> stored_;
  std::deque<std::vector<float>> converted_;  // numbers of other types, where the model finds them
};

}  // namespace ugatit
