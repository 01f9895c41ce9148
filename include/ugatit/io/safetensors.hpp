// Reading safetensors files (https://github.com/huggingface/safetensors).
//
//   8 bytes      N, little-endian
//   N bytes      JSON: {"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, …,
//                "__metadata__": {"key": "text", …}}; may end in spaces
//   the rest     the tensors' elements, row-major, without gaps or overlaps; offsets count from here
//
// The header is checked completely when the file is opened: later reads can fail only if the disk does. Files written
// by this library also carry a checksum (safetensors_writer.hpp).
#pragma once

#include <ugatit/io/checksum.hpp>
#include <ugatit/io/file.hpp>
#include <ugatit/io/tensor_info.hpp>

#include <nlohmann/json.hpp>

#include <map>
#include <set>

namespace ugatit {

/// The metadata key under which this library stores the checksum: 16 hexadecimal digits, XXH64 of the header (with 16
/// zeros in place of the digits, without the length and the padding before and after it) and the data.
inline constexpr std::string_view checksum_key = "ugatit.checksum";

/// Where the checksum's digits begin in a header, or `npos`. A quote inside JSON text has a backslash before it, so no
/// other key or text can look like this.
inline std::size_t find_checksum(std::string_view header) {
  const std::string label = "\"" + std::string(checksum_key) + "\":\"";
  const std::size_t at = header.find(label);
  return at == std::string_view::npos || header.size() - at < label.size() + 16 ? std::string_view::npos
                                                                                : at + label.size();
}

/// A tensor in a safetensors file; its elements lie in bytes [begin, end) of the data.
struct SafetensorsEntry : TensorInfo {
  std::uint64_t begin = 0;  ///< the first byte, counted from the header's end
  std::uint64_t end = 0;    ///< one past the last
};

/// An open safetensors file. The elements stay on the disk until they are asked for.
class SafetensorsReader {
 public:
  /// Throws `Error` for anything that is not a complete, well-formed safetensors file.
  explicit SafetensorsReader(const std::filesystem::path& path) : file_(path) {
    read_header();
    parse_header();
    check_layout();
  }

  /// A cheap look: does the file begin as a safetensors file does?
  static bool recognises(const InputFile& file) {
    if (file.size() < 10) return false;
    std::array<std::byte, 9> start{};
    file.read_at(0, start);
    return start[8] == std::byte{'{'};
  }

  const std::filesystem::path& path() const { return file_.path(); }                ///< of the file
  const std::map<std::string, std::string>& metadata() const { return metadata_; }  ///< as it stands in the header
  /// In the order of their data.
  const std::vector<SafetensorsEntry>& tensors() const { return tensors_; }

  /// The tensor of that name, or null.
  const SafetensorsEntry* find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &tensors_[found->second];
  }

  /// Reads a tensor's elements. Throws `Error` unless `out` has just its size in bytes.
  void read(const SafetensorsEntry& tensor, std::span<std::byte> out) const {
    if (out.size() != tensor.bytes()) {
      throw Error(one_line(path()) + ": " + one_line(tensor.name) + " has " + std::to_string(tensor.bytes()) +
                  " bytes, not " + std::to_string(out.size()));
    }
    file_.read_at(data_start() + tensor.begin, out);
  }

  /// Reads the whole file and compares its checksum. False where it has none; throws `Error` where it does not fit.
  bool verify() const {
    std::string header = header_;
    const std::size_t digits_at = find_checksum(header);
    if (digits_at == std::string::npos) return false;
    const std::string digits = header.substr(digits_at, 16);
    header.replace(digits_at, 16, 16, '0');
    Checksum checksum;
    checksum.add(std::as_bytes(std::span(header)));
    std::vector<std::byte> piece(std::size_t{4} << 20U);
    for (std::uint64_t at = data_start(); at < file_.size(); at += piece.size()) {
      piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), file_.size() - at)));
      file_.read_at(at, piece);
      checksum.add(piece);
    }
    const auto expected = hex_digits(checksum.value());
    if (digits != std::string_view(expected.data(), expected.size())) fail("its checksum does not fit");
    return true;
  }

 private:
  static constexpr std::uint64_t longest_header = 100'000'000;  // as in the official reader

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(one_line(path()) + " is truncated or altered (" + what + "); use another checkpoint or copy it again");
  }

  std::uint64_t data_start() const { return 8 + header_length_; }

  void read_header() {
    if (file_.size() < 8) fail("it is too short for a safetensors file");
    std::array<std::byte, 8> length{};
    file_.read_at(0, length);
    std::memcpy(&header_length_, length.data(), 8);
    if (header_length_ > file_.size() - 8) fail("its header does not end within the file");
    if (header_length_ > longest_header) fail("its header is longer than 100 MB");
    header_.resize(static_cast<std::size_t>(header_length_));
    file_.read_at(8, std::as_writable_bytes(std::span(header_)));
    if (!header_.starts_with('{')) fail("its header is no JSON object");
    header_.erase(header_.find_last_not_of(' ') + 1);
  }

  void parse_header() {
    // JSON allows a name twice, and the parser would keep one of them; here that is an error.
    std::set<std::string, std::less<>> names;
    const auto watch = [&](int depth, nlohmann::json::parse_event_t event, const nlohmann::json& value) {
      if (depth > 4) fail("its header is nested too deeply");
      if (event == nlohmann::json::parse_event_t::key && depth == 1 && !names.insert(value.get<std::string>()).second) {
        fail("it has " + one_line(value.get<std::string>()) + " twice");
      }
      return true;
    };
    try {
      const nlohmann::json header = nlohmann::json::parse(header_, watch);
      for (const auto& [name, value] : header.items()) {
        if (name == "__metadata__") {
          metadata_ = value.get<std::map<std::string, std::string>>();
        } else {
          tensors_.push_back(parse_entry(name, value));
        }
      }
    } catch (const nlohmann::json::exception&) {
      fail("its header is not what safetensors asks for");
    }
  }

  SafetensorsEntry parse_entry(const std::string& name, const nlohmann::json& value) const {
    const std::string called = one_line(name);
    const auto& dtype_name = value.at("dtype").get_ref<const std::string&>();
    const auto dtype = dtype_named(dtype_name);
    if (!dtype) fail(called + " has the unknown element type " + one_line(dtype_name));
    SafetensorsEntry entry;
    entry.name = name;
    entry.dtype = *dtype;
    for (const auto& d : value.at("shape")) entry.shape.push_back(static_cast<std::int64_t>(whole_number(d, called)));
    const auto& offsets = value.at("data_offsets");
    if (!offsets.is_array() || offsets.size() != 2) fail(called + " has no begin and end");
    entry.begin = whole_number(offsets[0], called);
    entry.end = whole_number(offsets[1], called);

    const auto count = element_count(entry.shape);
    if (!count || entry.begin > entry.end || *count > (entry.end - entry.begin) / size_of(*dtype) ||
        *count * size_of(*dtype) != entry.end - entry.begin) {
      fail(called + " has a shape that does not fit its data");
    }
    return entry;
  }

  std::uint64_t whole_number(const nlohmann::json& value, const std::string& called) const {
    if (!value.is_number_unsigned() || value.get<std::uint64_t>() > std::uint64_t{1} << 62U) {
      fail(called + " has a size or offset that is no whole number");
    }
    return value.get<std::uint64_t>();
  }

  // Tensor after tensor, from the first byte of the data to the last one.
  void check_layout() {
    std::sort(tensors_.begin(), tensors_.end(), [](const SafetensorsEntry& a, const SafetensorsEntry& b) {
      return a.begin != b.begin ? a.begin < b.begin : a.end < b.end;
    });
    std::uint64_t at = 0;
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      if (tensors_[i].begin != at) fail(one_line(tensors_[i].name) + " overlaps its neighbour or leaves a gap");
      at = tensors_[i].end;
      by_name_.emplace(tensors_[i].name, i);
    }
    if (at != file_.size() - data_start()) fail("its data do not end where the header says");
  }

  InputFile file_;
  std::uint64_t header_length_ = 0;  // with padding
  std::string header_;               // without padding
  std::map<std::string, std::string> metadata_;
  std::vector<SafetensorsEntry> tensors_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
};

}  // namespace ugatit
