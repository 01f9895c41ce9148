// Reading checkpoints of the PaddlePaddle port (NAME_params_%07d.pickle, .pdparams): six dictionaries of NumPy arrays,
// under the names that the published PyTorch code would give them.
//
//   linear weights are stored [in, out]: read transposed
//   the port fuses activations into layers, so its FC.1 is FC.2, its UpBlock2.6, 7, 9 are UpBlock2.7, 8, 11
//   spectral normalisation: PREFIX.spectral_norm.weight_u, PREFIX.layer.bias are PREFIX.weight_u, PREFIX.bias; of a
//   linear layer, whose matrix is transposed, u and v change places; PREFIX.layer.weight is computed from the others,
//   and left out instance norm's scale and bias are .weight and .bias, as in PyTorch with affine=True
//
// Source: https://github.com/GuoQuanhao/UGATIT-Paddle, networks.py and utils.py. Files of Paddle 2 ports whose
// activations are layers of their own, and whose spectral normalisation has PyTorch's names, are read too.
#pragma once

#include <ugatit/io/numpy_pickle.hpp>

#include <array>
#include <map>
#include <set>

namespace ugatit {

/// A tensor of a Paddle checkpoint, as PyTorch would name and shape it.
struct PaddleTensor : TensorInfo {
  std::size_t array = 0;    ///< its number in the pickle
  bool transposed = false;  ///< the array's two dimensions are the other way round
};

/// An open Paddle checkpoint.
class PaddleCheckpoint {
 public:
  /// Throws `Error` for anything that is not a complete pickle of arrays in plain containers.
  explicit PaddleCheckpoint(const std::filesystem::path& path) : pickle_(path) {
    std::set<std::string, std::less<>> stored;
    for (const NumpyArray& array : pickle_.arrays()) stored.insert(array.name);
    for (std::size_t i = 0; i < pickle_.arrays().size(); ++i) {
      const NumpyArray& array = pickle_.arrays()[i];
      if (array.name.ends_with(".layer.weight")) continue;
      PaddleTensor tensor;
      tensor.name = published_name(array.name, stored);
      tensor.dtype = array.dtype;
      tensor.shape = array.shape;
      tensor.array = i;
      tensor.transposed = array.shape.size() == 2;
      if (tensor.transposed) std::swap(tensor.shape[0], tensor.shape[1]);
      if (!by_name_.emplace(tensor.name, tensors_.size()).second) {
        throw Error(one_line(path) + " has " + one_line(tensor.name) + " twice; use another checkpoint");
      }
      tensors_.push_back(std::move(tensor));
    }
  }

  const std::filesystem::path& path() const { return pickle_.path(); }  ///< of the file
  /// In the order of the file.
  const std::vector<PaddleTensor>& tensors() const { return tensors_; }

  /// The tensor of that name, or null.
  const PaddleTensor* find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &tensors_[found->second];
  }

  /// Reads a tensor's elements in row-major order. Throws `Error` unless `out` has just its size in bytes.
  void read(const PaddleTensor& tensor, std::span<std::byte> out) const {
    const NumpyArray& array = pickle_.arrays()[tensor.array];
    if (!tensor.transposed || out.size() != tensor.bytes()) {
      pickle_.read(array, out);
      return;
    }
    std::vector<std::byte> stored(out.size());
    pickle_.read(array, stored);
    const std::size_t size = size_of(tensor.dtype);
    const auto rows = static_cast<std::size_t>(tensor.shape[0]), columns = static_cast<std::size_t>(tensor.shape[1]);
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t c = 0; c < columns; ++c) {
        std::memcpy(out.data() + (r * columns + c) * size, stored.data() + (c * rows + r) * size, size);
      }
    }
  }

 private:
  using Names = std::set<std::string, std::less<>>;

  static std::string published_name(std::string name, const Names& stored) {
    const auto end_becomes = [&](std::string_view end, std::string_view other) {
      if (!name.ends_with(end)) return false;
      name.replace(name.size() - end.size(), end.size(), other);
      return true;
    };
    const bool is_linear = name.find("gap_fc.") != std::string::npos || name.find("gmp_fc.") != std::string::npos;
    if (!end_becomes(".spectral_norm.weight_u", is_linear ? ".weight_v" : ".weight_u") &&
        !end_becomes(".spectral_norm.weight_v", is_linear ? ".weight_u" : ".weight_v") &&
        !end_becomes(".layer.bias", ".bias")) {
      end_becomes(".scale", ".weight");
    }
    const std::string network = name.substr(0, name.find('.') + 1);
    if (!stored.contains(network + "FC.1.weight")) return name;
    constexpr std::array<std::pair<std::string_view, std::string_view>, 4> moved{{{"UpBlock2.9.", "UpBlock2.11."},
                                                                                  {"UpBlock2.7.", "UpBlock2.8."},
                                                                                  {"UpBlock2.6.", "UpBlock2.7."},
                                                                                  {"FC.1.", "FC.2."}}};
    for (const auto& [from, to] : moved) {
      if (name.compare(network.size(), from.size(), from) == 0) {
        return name.replace(network.size(), from.size(), to);
      }
    }
    return name;
  }

  NumpyPickle pickle_;
  std::vector<PaddleTensor> tensors_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

}  // namespace ugatit
