// Writing safetensors files: atomically, streaming, with a checksum over everything.
//
// The format is described in safetensors.hpp. The header is padded with spaces so that the data begin at a multiple of
// 8, and the tensors' order is kept. The checksum stands in the header but is known only at the end: the header is
// written with zeros in its place, which are patched before the file appears under its name.
#pragma once

#include <ugatit/io/atomic_file.hpp>
#include <ugatit/io/safetensors.hpp>

namespace ugatit {

/// The header of a file with these tensors, with zeros for the checksum, padded.
inline std::string safetensors_header(const std::map<std::string, std::string>& metadata,
                                      std::span<const TensorSource> tensors) {
  nlohmann::json header = nlohmann::json::object();
  header["__metadata__"] = metadata;
  header["__metadata__"][std::string(checksum_key)] = std::string(16, '0');
  std::uint64_t at = 0;
  for (const TensorSource& tensor : tensors) {
    require_size(tensor);
    if (header.contains(tensor.name)) throw Error("a file cannot hold two tensors named " + one_line(tensor.name));
    header[tensor.name] = {
        {"dtype", name_of(tensor.dtype)}, {"shape", tensor.shape}, {"data_offsets", {at, at + tensor.bytes.size()}}};
    at += tensor.bytes.size();
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

/// Writes a safetensors file, completely or not at all. Throws `Error` for sizes that do not fit, names that occur
/// twice, and whatever the disk refuses.
inline void write_safetensors(const std::filesystem::path& path, const std::map<std::string, std::string>& metadata,
                              std::span<const TensorSource> tensors) {
  const std::string header = safetensors_header(metadata, tensors);
  const std::uint64_t length = header.size();
  AtomicFile file(path);
  file.write(std::as_bytes(std::span(&length, 1)));
  file.write(std::as_bytes(std::span(header)));

  Checksum checksum;
  const std::size_t unpadded = header.find_last_not_of(' ') + 1;
  checksum.add(std::as_bytes(std::span(header).first(unpadded)));
  constexpr std::size_t piece = std::size_t{4} << 20U;  // small enough to be in the cache still when it is written
  std::vector<std::byte> fetched;
  for (const TensorSource& tensor : tensors) {
    if (tensor.fetch) fetched.resize(piece);
    for (std::size_t at = 0; at < tensor.bytes.size(); at += piece) {
      auto part = tensor.bytes.subspan(at, std::min(piece, tensor.bytes.size() - at));
      if (tensor.fetch) {
        tensor.fetch(part, fetched.data());
        part = std::span(fetched).first(part.size());
      }
      checksum.add(part);
      file.write(part);
    }
  }
  const auto digits = hex_digits(checksum.value());
  file.patch(8 + find_checksum(header), std::as_bytes(std::span(digits)));
  file.commit();
}

}  // namespace ugatit
