// Writing PyTorch checkpoints: what torch.save({"genA2B": state_dict, …}) writes, for torch.load with
// weights_only=True.
//
//   archive/data.pkl    a pickle of protocol 2: a dictionary of OrderedDicts of tensors (torch_tensors.hpp says how a
//                       tensor is written), each with a storage of its own
//   archive/byteorder   "little"
//   archive/data/KEY    the numbers of storage KEY = 0, 1, …
//   archive/version     "3"
//
// Equal tensors make equal files, whatever the files are called.
#pragma once

#include <ugatit/io/pickle_writer.hpp>
#include <ugatit/io/tensor_info.hpp>
#include <ugatit/io/torch_tensors.hpp>
#include <ugatit/io/zip_writer.hpp>

#include <set>

namespace ugatit {

/// "FloatStorage" for F32, …; nothing for element types that PyTorch lacks.
inline std::optional<std::string_view> torch_storage_name(DType dtype) {
  for (const auto& [name, type] : torch_storage_types) {
    if (type == dtype) return name.substr(name.find('.') + 1);
  }
  return std::nullopt;
}

/// The pickle of a checkpoint with these tensors, named DICTIONARY.KEY: those of a dictionary stand together.
inline std::string torch_pickle(std::span<const TensorSource> tensors) {
  PickleWriter pickle;
  pickle.empty_dict();
  pickle.mark();
  std::string open;
  std::set<std::string, std::less<>> dictionaries;
  std::set<std::string, std::less<>> names;
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const TensorSource& tensor = tensors[i];
    require_size(tensor);
    const std::size_t dot = tensor.name.find('.');
    const std::string dictionary = tensor.name.substr(0, dot);
    const auto storage = torch_storage_name(tensor.dtype);
    if (dot == std::string::npos) throw Error(one_line(tensor.name) + " belongs to no network; name it NETWORK.NAME");
    if (!storage) throw Error(one_line(tensor.name) + " has numbers of a type that PyTorch lacks");
    if (!names.insert(tensor.name).second) throw Error("a file cannot hold two tensors named " + one_line(tensor.name));
    if (i == 0 || dictionary != open) {
      if (!dictionaries.insert(dictionary).second)
        throw Error("the tensors of " + dictionary + " do not stand together");
      if (i != 0) pickle.set_items();
      pickle.text(dictionary);
      pickle.global("collections", "OrderedDict");
      pickle.empty_tuple();
      pickle.reduce();
      pickle.mark();
      open = dictionary;
    }
    const std::uint64_t elements = element_count(tensor.shape).value();
    pickle.text(std::string_view(tensor.name).substr(dot + 1));
    pickle.global("torch._utils", "_rebuild_tensor_v2");
    pickle.mark();
    pickle.mark();
    pickle.text("storage");
    pickle.global("torch", *storage);
    pickle.text(std::to_string(i));
    pickle.text("cpu");
    pickle.whole_number(elements);
    pickle.tuple();
    pickle.persistent();
    pickle.whole_number(0);  // where in the storage the tensor begins
    pickle.mark();
    for (const std::int64_t d : tensor.shape) pickle.whole_number(static_cast<std::uint64_t>(d));
    pickle.tuple();
    pickle.mark();
    for (std::size_t d = 0; d < tensor.shape.size(); ++d) {
      const TensorShape inner(tensor.shape.begin() + static_cast<std::ptrdiff_t>(d) + 1, tensor.shape.end());
      pickle.whole_number(element_count(inner).value());
    }
    pickle.tuple();
    pickle.boolean(false);  // requires_grad
    pickle.global("collections", "OrderedDict");
    pickle.empty_tuple();
    pickle.reduce();
    pickle.tuple();
    pickle.reduce();
  }
  if (!tensors.empty()) pickle.set_items();
  pickle.set_items();
  return std::move(pickle).finish();
}

/// Writes a checkpoint, completely or not at all. Tensors are named DICTIONARY.KEY, and those of a dictionary stand
/// together. Throws `Error` for names and sizes that do not fit, and whatever the disk refuses.
inline void write_torch(const std::filesystem::path& path, std::span<const TensorSource> tensors) {
  const std::string pickle = torch_pickle(tensors);
  constexpr std::string_view byte_order = "little";
  constexpr std::string_view version = "3\n";
  ZipWriter archive(path);
  archive.add("archive/data.pkl", std::as_bytes(std::span(pickle)));
  archive.add("archive/byteorder", std::as_bytes(std::span(byte_order)));
  for (std::size_t i = 0; i < tensors.size(); ++i) archive.add("archive/data/" + std::to_string(i), tensors[i].bytes);
  archive.add("archive/version", std::as_bytes(std::span(version)));
  archive.commit();
}

}  // namespace ugatit
