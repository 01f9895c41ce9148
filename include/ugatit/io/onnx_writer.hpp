// Writing ONNX models (https://onnx.ai): a graph of operations on named values, some of which are stored in the file.
//
// Numbers of fields: onnx/onnx.proto. Operations are those of opset 17.
#pragma once

#include <ugatit/io/atomic_file.hpp>
#include <ugatit/io/protobuf_writer.hpp>
#include <ugatit/io/tensor_info.hpp>

#include <map>
#include <span>
#include <variant>
#include <vector>

namespace ugatit {

/// A named setting of an operation.
struct OnnxAttribute {
  std::string name;  ///< as ONNX's operators call it
  /// Of the type that the operator wants.
  std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>> value;
};

/// The size of one dimension: a number, or a name where it is known only when the model runs.
using OnnxDimension = std::variant<std::int64_t, std::string>;

/// A model under construction. A value's name is unique; an operation is called as the value it makes.
class OnnxModel {
 public:
  OnnxModel() = default;
  OnnxModel(const OnnxModel&) = delete;  // it points into itself
  OnnxModel& operator=(const OnnxModel&) = delete;

  /// Stores numbers that are not copied: they must live until the model is written.
  void store(const std::string& name, const TensorShape& shape, std::span<const float> numbers) {
    add_stored(name, DType::f32, shape, std::as_bytes(numbers));
  }
  /// Stores a copy of a few numbers; a name that is there already is taken as it is.
  std::string constant(const std::string& name, std::vector<float> numbers, const TensorShape& shape) {
    if (const auto [at, is_new] = floats_.emplace(name, std::move(numbers)); is_new) store(name, shape, at->second);
    return name;
  }
  /// A constant of whole numbers, [n]; returns its name.
  std::string constant(const std::string& name, std::vector<std::int64_t> numbers) {
    const auto [at, is_new] = integers_.emplace(name, std::move(numbers));
    if (is_new) {
      add_stored(name, DType::i64, {static_cast<std::int64_t>(at->second.size())},
                 std::as_bytes(std::span(at->second)));
    }
    return name;
  }

  /// Adds an operation and returns the name of the value that it makes. An input "" is left out.
  std::string node(const std::string& name, const std::string& operation, const std::vector<std::string>& inputs,
                   const std::vector<OnnxAttribute>& attributes = {}) {
    ProtobufMessage message;
    for (const std::string& input : inputs) message.text(1, input);
    message.text(2, name).text(3, name).text(4, operation);
    for (const OnnxAttribute& attribute : attributes) message.message(5, encode(attribute));
    nodes_.message(1, message);
    return name;
  }

  /// Declares a float input of the graph.
  void input(const std::string& name, const std::vector<OnnxDimension>& shape) {
    ends_.message(11, value(name, shape));
  }
  /// Declares a float output of the graph.
  void output(const std::string& name, const std::vector<OnnxDimension>& shape) {
    ends_.message(12, value(name, shape));
  }

  /// Writes the model, completely or not at all. Throws `Error` where it is larger than the format allows, and for
  /// whatever the disk refuses.
  void write(const std::filesystem::path& path, const std::string& description,
             const std::map<std::string, std::string>& metadata) const {
    ProtobufMessage graph_start = nodes_;
    graph_start.text(2, "generator");
    std::uint64_t graph_size = graph_start.bytes().size() + ends_.bytes().size();
    for (const Stored& tensor : stored_) graph_size += tensor.header.bytes().size() + tensor.bytes.size();
    constexpr std::int64_t intermediate_representation = 8;
    constexpr std::int64_t opset = 17;
    ProtobufMessage model;
    model.number(1, intermediate_representation).text(2, "ugatit").text(6, description);
    model.message(8, ProtobufMessage().text(1, "").number(2, opset));
    for (const auto& [key, text] : metadata) model.message(14, ProtobufMessage().text(1, key).text(2, text));
    model.announce(7, graph_size);
    if (model.bytes().size() + graph_size > largest) {
      throw Error(one_line(path) + " would have " + std::to_string(model.bytes().size() + graph_size) +
                  " bytes, more than the 2 GB that ONNX allows; convert a light model, or one of smaller images");
    }
    AtomicFile file(path);
    const auto put = [&](const ProtobufMessage& message) { file.write(std::as_bytes(std::span(message.bytes()))); };
    put(model);
    put(graph_start);
    for (const Stored& tensor : stored_) {
      put(tensor.header);
      file.write(tensor.bytes);
    }
    put(ends_);
    file.commit();
  }

 private:
  static constexpr std::uint64_t largest = (std::uint64_t{1} << 31U) - 1;

  /// A tensor of the graph: all of its message but the numbers, and those.
  struct Stored {
    ProtobufMessage header;
    std::span<const std::byte> bytes;
  };

  static std::int64_t type_number(DType dtype) {
    constexpr std::int64_t float_type = 1, int64_type = 7;
    return dtype == DType::f32 ? float_type : int64_type;
  }

  void add_stored(const std::string& name, DType dtype, const TensorShape& shape, std::span<const std::byte> bytes) {
    require_size({name, dtype, shape, bytes});
    ProtobufMessage tensor;
    for (const std::int64_t d : shape) tensor.number(1, d);
    tensor.number(2, type_number(dtype)).text(8, name).announce(9, bytes.size());
    Stored result;
    result.header.announce(5, tensor.bytes().size() + bytes.size());
    result.header.append(tensor);
    result.bytes = bytes;
    stored_.push_back(std::move(result));
  }

  static ProtobufMessage encode(const OnnxAttribute& attribute) {
    ProtobufMessage message;
    message.text(1, attribute.name);
    constexpr std::int64_t float_type = 1, int_type = 2, string_type = 3, ints_type = 7;
    if (const auto* i = std::get_if<std::int64_t>(&attribute.value)) {
      message.number(3, *i).number(20, int_type);
    } else if (const auto* f = std::get_if<float>(&attribute.value)) {
      message.real(2, *f).number(20, float_type);
    } else if (const auto* s = std::get_if<std::string>(&attribute.value)) {
      message.text(4, *s).number(20, string_type);
    } else {
      for (const std::int64_t i_of_many : std::get<std::vector<std::int64_t>>(attribute.value))
        message.number(8, i_of_many);
      message.number(20, ints_type);
    }
    return message;
  }

  static ProtobufMessage value(const std::string& name, const std::vector<OnnxDimension>& shape) {
    ProtobufMessage dimensions;
    for (const OnnxDimension& d : shape) {
      const auto* size = std::get_if<std::int64_t>(&d);
      dimensions.message(1, size != nullptr ? ProtobufMessage().number(1, *size)
                                            : ProtobufMessage().text(2, std::get<std::string>(d)));
    }
    const ProtobufMessage tensor = ProtobufMessage().number(1, type_number(DType::f32)).message(2, dimensions);
    return ProtobufMessage().text(1, name).message(2, ProtobufMessage().message(1, tensor));
  }

  ProtobufMessage nodes_;
  ProtobufMessage ends_;  // inputs and outputs
  std::vector<Stored> stored_;
  std::map<std::string, std::vector<float>> floats_;
  std::map<std::string, std::vector<std::int64_t>> integers_;
};

}  // namespace ugatit
