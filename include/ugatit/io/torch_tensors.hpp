// What the pickle inside a PyTorch checkpoint means: tensors, and the storages that hold their numbers.
//
// torch.save writes a tensor as a call of torch._utils._rebuild_tensor_v2(storage, offset, size, stride, …), a storage
// as the persistent identifier ('storage', torch.FloatStorage, key, device, number of elements[, view]), and the
// numbers of each storage elsewhere, under its key. A tensor is a window of a storage, and not always contiguous.
#pragma once

#include <ugatit/io/pickle_reader.hpp>

#include <algorithm>
#include <array>
#include <map>

namespace ugatit {

/// The numbers that tensors share, as the pickle announces them.
struct TorchStorage {
  DType dtype = DType::f32;    ///< of its numbers
  std::uint64_t elements = 0;  ///< how many
};

/// A tensor of a PyTorch checkpoint: element (i, j, …) is number offset + i·stride₀ + j·stride₁ + … of its storage.
struct TorchTensor : TensorInfo {
  std::string storage;                 ///< the storage's key
  std::uint64_t offset = 0;            ///< in elements
  std::vector<std::uint64_t> strides;  ///< numbers from one index to the next, for each dimension

  /// How many consecutive elements of the storage, from `offset` on, contain all elements of the tensor.
  std::uint64_t reach() const {
    if (elements() == 0) return 0;
    std::uint64_t last = 0;
    for (std::size_t i = 0; i < shape.size(); ++i) last += (static_cast<std::uint64_t>(shape[i]) - 1) * strides[i];
    return last + 1;
  }

  /// Whether the elements lie in the storage as they do in row-major order.
  bool is_contiguous() const {
    std::uint64_t expected = 1;
    for (std::size_t i = shape.size(); i-- > 0;) {
      if (shape[i] != 1 && strides[i] != expected) return false;
      expected *= static_cast<std::uint64_t>(shape[i]);
    }
    return true;
  }
};

/// Storage classes of torch and their element types.
inline constexpr std::array<std::pair<std::string_view, DType>, 10> torch_storage_types{
    {{"torch.FloatStorage", DType::f32},
     {"torch.DoubleStorage", DType::f64},
     {"torch.HalfStorage", DType::f16},
     {"torch.BFloat16Storage", DType::bf16},
     {"torch.LongStorage", DType::i64},
     {"torch.IntStorage", DType::i32},
     {"torch.ShortStorage", DType::i16},
     {"torch.CharStorage", DType::i8},
     {"torch.ByteStorage", DType::u8},
     {"torch.BoolStorage", DType::boolean}}};

/// The type of numbers in a storage of this class, if there is one.
inline std::optional<DType> torch_storage_type(std::string_view name) {
  for (const auto& [known, dtype] : torch_storage_types) {
    if (known == name) return dtype;
  }
  return std::nullopt;
}

/// The functions that may occur in a PyTorch checkpoint. All others are refused.
inline bool is_torch_function(std::string_view name) {
  return name == "collections.OrderedDict" || name == "torch._utils._rebuild_tensor_v2" ||
         name == "torch._utils._rebuild_tensor" || name == "torch._utils._rebuild_parameter" || name == "torch.Size" ||
         torch_storage_type(name).has_value();
}

/// Finds the tensors in a checkpoint's pickle. A tensor's name is the path of keys to it, joined with dots.
class TorchTensors {
 public:
  /// Finds all tensors of a pickle; `file` is for messages.
  TorchTensors(const Pickle& pickle, std::string file) : pickle_(pickle), file_(std::move(file)) {
    collect(pickle.root, "", 0);
  }

  std::vector<TorchTensor> tensors;              ///< in the order of the file
  std::map<std::string, TorchStorage> storages;  ///< by key

 private:
  using Kind = PickleNode::Kind;
  static constexpr std::size_t most_visits = 1'000'000;  // shared objects can make a small tree look endless
  static constexpr int deepest = 32;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(file_ + " is truncated or altered (" + what + "); copy or download it again");
  }

  void collect(std::size_t index, const std::string& path, int depth) {
    if (depth > deepest || ++visits_ > most_visits) fail("its containers are nested too deeply");
    const PickleNode& node = pickle_[index];
    switch (node.kind) {
      case Kind::dict:
        collect_pairs(node, 0, path, depth);
        break;
      case Kind::list:
      case Kind::tuple:
        for (std::size_t i = 0; i < node.items.size(); ++i)
          collect(node.items[i], join_keys(path, std::to_string(i)), depth + 1);
        break;
      case Kind::call:
        collect_call(node, path, depth);
        break;
      default:
        break;  // numbers, texts and None beside the tensors
    }
  }

  void collect_call(const PickleNode& call, const std::string& path, int depth) {
    const std::vector<std::size_t>& arguments = pickle_[call.items[0]].items;
    if (call.text == "collections.OrderedDict") {
      collect_pairs(call, 1, path, depth);
    } else if (call.text == "torch._utils._rebuild_parameter") {
      if (arguments.empty()) fail("a parameter without a tensor");
      collect(arguments[0], path, depth + 1);
    } else if (call.text.starts_with("torch._utils._rebuild_tensor")) {
      add_tensor(arguments, path);
    }
  }

  void collect_pairs(const PickleNode& node, std::size_t first, const std::string& path, int depth) {
    each_pair(pickle_, node, first, path,
              [&](std::size_t value, const std::string& name) { collect(value, name, depth + 1); });
  }

  void add_tensor(const std::vector<std::size_t>& arguments, const std::string& path) {
    if (arguments.size() < 4) fail("a tensor without size and stride");
    if (tensors.size() == 100'000) fail("more tensors than any model has");
    TorchTensor tensor;
    tensor.name = path;
    const TorchStorage window = add_storage(pickle_[arguments[0]], tensor);
    const std::string called = one_line(path);
    const std::uint64_t offset = whole_number(arguments[1]);
    for (const std::size_t d : numbers(arguments[2]))
      tensor.shape.push_back(static_cast<std::int64_t>(whole_number(d)));
    for (const std::size_t s : numbers(arguments[3])) tensor.strides.push_back(whole_number(s));

    const auto count = element_count(tensor.shape);
    // An expanded tensor repeats a few numbers; only a small one may, so that no file asks for more memory than it has.
    constexpr std::uint64_t small = 1U << 20U;
    if (tensor.shape.size() != tensor.strides.size() || tensor.shape.size() > 16 || !count ||
        *count > std::max(window.elements, small)) {
      fail(called + " has an impossible size");
    }
    if (*count > 0) {
      for (std::size_t i = 0; i < tensor.shape.size(); ++i) {
        const auto steps = static_cast<std::uint64_t>(tensor.shape[i]) - 1;
        if (steps > 0 && tensor.strides[i] > window.elements / steps) fail(called + " reaches beyond its storage");
      }
      if (offset > window.elements || tensor.reach() > window.elements - offset) {
        fail(called + " reaches beyond its storage");
      }
    }
    tensor.offset += offset;
    tensors.push_back(std::move(tensor));
  }

  // Notes the storage and returns the part of it that the tensor may use; `tensor.offset` becomes that part's start.
  TorchStorage add_storage(const PickleNode& node, TorchTensor& tensor) {
    if (node.kind != Kind::persistent) fail("a tensor without a storage");
    const std::vector<std::size_t>& id = numbers(node.items[0]);
    if (id.size() < 5 || pickle_[id[0]].text != "storage" || pickle_[id[2]].kind != Kind::text) {
      fail("a storage without a name");
    }
    const auto dtype = torch_storage_type(pickle_[id[1]].text);
    if (!dtype) fail("a storage of an unknown type");
    const TorchStorage storage{*dtype, whole_number(id[4])};
    tensor.dtype = storage.dtype;
    tensor.storage = pickle_[id[2]].text;
    const auto [known, is_new] = storages.emplace(tensor.storage, storage);
    if (!is_new && (known->second.dtype != storage.dtype || known->second.elements != storage.elements)) {
      fail("a storage that is described in two ways");
    }
    // Old files describe a storage that is part of another one by (key, offset, size).
    if (id.size() < 6 || pickle_[id[5]].kind != Kind::tuple || pickle_[id[5]].items.size() != 3) return storage;
    const auto& view = pickle_[id[5]].items;
    const TorchStorage part{storage.dtype, whole_number(view[2])};
    tensor.offset = whole_number(view[1]);
    if (tensor.offset > storage.elements || part.elements > storage.elements - tensor.offset) {
      fail("a storage that reaches beyond another one");
    }
    return part;
  }

  const std::vector<std::size_t>& numbers(std::size_t index) const {
    const PickleNode& node = pickle_[index];
    // torch.Size is a call with one tuple.
    if (node.kind == Kind::call && node.text == "torch.Size" && pickle_[node.items[0]].items.size() == 1) {
      return pickle_[pickle_[node.items[0]].items[0]].items;
    }
    if (node.kind != Kind::tuple && node.kind != Kind::list) fail("something else where a tuple should be");
    return node.items;
  }

  std::uint64_t whole_number(std::size_t index) const {
    const PickleNode& node = pickle_[index];
    constexpr std::int64_t most = std::int64_t{1} << 48U;
    if (node.kind != Kind::integer || node.text.size() > 8 || node.integer < 0 || node.integer > most) {
      fail("a size or offset that is no whole number");
    }
    return static_cast<std::uint64_t>(node.integer);
  }

  const Pickle& pickle_;
  std::string file_;
  std::size_t visits_ = 0;
};

}  // namespace ugatit
