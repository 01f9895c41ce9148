// One view of every file that holds named tensors, told by its contents: safetensors, both kinds of PyTorch's .pt,
// the Paddle port's pickles, and the TensorFlow code's checkpoints.
#pragma once

#include <ugatit/io/number_formats.hpp>
#include <ugatit/io/paddle_checkpoint.hpp>
#include <ugatit/io/safetensors.hpp>
#include <ugatit/io/tensorflow_checkpoint.hpp>
#include <ugatit/io/torch_checkpoint.hpp>

#include <memory>
#include <variant>

namespace ugatit {

/// An open file of weights. Numbers stay on the disk until they are asked for.
class WeightsFile {
 public:
  /// Throws `Error` for a file of another kind, and for what is truncated, altered or hostile.
  explicit WeightsFile(const std::filesystem::path& path) : path_(path), source_(open(path)) {
    std::visit(
        [this](const auto& source) {
          for (const auto& tensor : source->tensors()) tensors_.push_back(tensor);
        },
        source_);
  }

  const std::filesystem::path& path() const { return path_; }                           ///< of the file
  bool is_safetensors() const { return std::holds_alternative<Safetensors>(source_); }  ///< ours, or anybody's
  bool is_paddle() const { return std::holds_alternative<Paddle>(source_); }            ///< of the Paddle port
  bool is_tensorflow() const { return std::holds_alternative<TensorFlow>(source_); }    ///< of the TensorFlow code

  /// What kind of file it is, for people: "safetensors", "PyTorch zip archive", …
  std::string format() const {
    if (is_safetensors()) return "safetensors";
    if (is_paddle()) return "Paddle pickle";
    if (is_tensorflow()) return "TensorFlow checkpoint";
    return std::get<Torch>(source_)->is_archive() ? "PyTorch zip archive" : "PyTorch stream";
  }

  /// What the file says about its tensors, in its own order.
  const std::vector<TensorInfo>& tensors() const { return tensors_; }

  /// What a safetensors file says about itself; nothing for other files.
  const std::map<std::string, std::string>& metadata() const {
    static const std::map<std::string, std::string> nothing;
    return is_safetensors() ? std::get<Safetensors>(source_)->metadata() : nothing;
  }

  /// The tensor of that name, or null.
  const TensorInfo* find(const std::string& name) const {
    return std::visit([&](const auto& source) -> const TensorInfo* { return source->find(name); }, source_);
  }

  /// Reads a tensor's numbers and converts them from half, bfloat16, float or double.
  /// Throws `Error` for a name that the file does not have, another number of elements, and whole numbers.
  template <std::floating_point T>
  void read_as(const std::string& name, std::span<T> out) const {
    const TensorInfo* tensor = find(name);
    if (tensor == nullptr) throw Error(one_line(path_) + " has no tensor named " + one_line(name));
    const std::string called = one_line(path_) + ": " + one_line(name) + " " + describe(tensor->shape);
    if (!is_floating(tensor->dtype)) throw Error(called + " holds whole numbers, not weights");
    if (tensor->elements() != out.size()) {
      throw Error(called + " has " + std::to_string(tensor->elements()) + " numbers, not " +
                  std::to_string(out.size()));
    }
    const auto room = std::as_writable_bytes(out);
    if (tensor->dtype == dtype_of<T>()) {
      read(name, room);
    } else if (tensor->bytes() <= room.size()) {
      // Smaller numbers fit into the end of their own destination.
      const auto tail = room.last(static_cast<std::size_t>(tensor->bytes()));
      read(name, tail);
      convert_numbers(tensor->dtype, tail.data(), out);
    } else {
      std::vector<std::byte> bytes(static_cast<std::size_t>(tensor->bytes()));
      read(name, bytes);
      convert_numbers(tensor->dtype, bytes.data(), out);
    }
  }

  /// Reads a tensor's elements as they are stored.
  void read(const std::string& name, std::span<std::byte> out) const {
    std::visit(
        [&](const auto& source) {
          const auto* tensor = source->find(name);
          if (tensor == nullptr) throw Error(one_line(path_) + " has no tensor named " + one_line(name));
          source->read(*tensor, out);
        },
        source_);
  }

  /// Compares the checksum of a file that this library wrote; false where there is none.
  bool verify() const { return is_safetensors() && std::get<Safetensors>(source_)->verify(); }

 private:
  using Safetensors = std::unique_ptr<SafetensorsReader>;
  using Torch = std::unique_ptr<TorchCheckpoint>;
  using Paddle = std::unique_ptr<PaddleCheckpoint>;
  using TensorFlow = std::unique_ptr<TensorFlowCheckpoint>;
  using Source = std::variant<Safetensors, Torch, Paddle, TensorFlow>;

  static Source open(const std::filesystem::path& path) {
    const InputFile file(path);
    if (file.size() == 0) throw Error(one_line(path) + " is empty; copy or download it again");
    if (TorchCheckpoint::recognises(file)) return std::make_unique<TorchCheckpoint>(path);
    if (NumpyPickle::recognises(file)) return std::make_unique<PaddleCheckpoint>(path);
    if (TensorBundle::recognises(file)) return std::make_unique<TensorFlowCheckpoint>(path);
    if (SafetensorsReader::recognises(file)) return std::make_unique<SafetensorsReader>(path);
    throw Error(one_line(path) +
                " holds no weights that are read here (safetensors, PyTorch's .pt, Paddle's .pickle, "
                "TensorFlow's .index)");
  }

  std::filesystem::path path_;
  Source source_;
  std::vector<TensorInfo> tensors_;
};

}  // namespace ugatit
