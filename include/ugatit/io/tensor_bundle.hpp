// Reading TensorFlow checkpoints: NAME.index, a sorted table of entries, and NAME.data-00000-of-00001, … with the
// numbers.
//
// The table is LevelDB's: blocks of entries, an index block with the place of each, and a footer of 48 bytes with the
// place of that and a magic number. An entry is three varints (bytes shared with the key before, further bytes of the
// key, bytes of the value), those bytes of the key, the value. A block ends in restart points and their count, and is
// followed by a byte (0: not compressed) and a CRC-32C. The entry "" holds a BundleHeaderProto, all others a
// BundleEntryProto under the tensor's name.
//
// Source: tensorflow/core/util/tensor_bundle, tensorflow/core/lib/io/format.cc,
// tensorflow/core/protobuf/tensor_bundle.proto.
#pragma once

#include <ugatit/io/crc.hpp>
#include <ugatit/io/file.hpp>
#include <ugatit/io/number_formats.hpp>
#include <ugatit/io/protobuf_reader.hpp>

#include <array>
#include <cstdio>
#include <map>
#include <memory>

namespace ugatit {

/// A tensor of a bundle, in TensorFlow's own name and shape.
struct BundleEntry : TensorInfo {
  std::uint64_t shard = 0;   ///< number of the data file
  std::uint64_t offset = 0;  ///< in bytes, in the shard
  std::uint32_t crc = 0;     ///< masked
};

/// An open TensorFlow checkpoint. The numbers stay on the disk until they are asked for.
class TensorBundle {
 public:
  /// `path` names the .index file. Throws `Error` for a damaged one, and where files of the bundle are missing or too
  /// short. Entries of other types than numbers (texts, resources) are left out.
  explicit TensorBundle(const std::filesystem::path& path) : path_(path), table_(read_file(path, longest_table)) {
    if (path.extension() != ".index") throw Error(one_line(path) + " is a TensorFlow index; name it NAME.index");
    const std::span<const std::byte> all(table_);
    if (all.size() < footer_size) fail("it is too short");
    std::span<const std::byte> footer = all.last(footer_size).first(footer_size - 8);
    take_handle(footer);  // of the meta-index, which is empty
    each_entry(block(take_handle(footer)), [&](const std::string&, std::span<const std::byte> place) {
      each_entry(block(take_handle(place)), [&](const std::string& key, std::span<const std::byte> value) {
        if (key.empty()) {
          read_header(value);
        } else {
          read_entry(key, value);
        }
      });
    });
    open_shards();
  }

  /// A cheap look: does the file end as a table does?
  static bool recognises(const InputFile& file) {
    if (file.size() < footer_size) return false;
    std::array<std::byte, 8> end{};
    file.read_at(file.size() - end.size(), end);
    constexpr std::uint64_t magic = 0xdb4775248b80fb57U;
    return load_number<std::uint64_t>(end.data()) == magic;
  }

  const std::filesystem::path& path() const { return path_; }  ///< of the index
  /// In the order of their names.
  const std::vector<BundleEntry>& entries() const { return entries_; }

  /// Reads a tensor's elements and compares their checksum. Throws `Error` unless `out` has just their size in bytes.
  void read(const BundleEntry& entry, std::span<std::byte> out) const {
    if (out.size() != entry.bytes()) {
      throw Error(one_line(path_) + ": " + one_line(entry.name) + " has " + std::to_string(entry.bytes()) +
                  " bytes, not " + std::to_string(out.size()));
    }
    shards_[static_cast<std::size_t>(entry.shard)]->read_at(entry.offset, out);
    if (masked(crc32c(out)) != entry.crc) fail("the checksum of " + one_line(entry.name) + " does not fit");
  }

 private:
  using Bytes = std::span<const std::byte>;
  struct Handle {
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };

  static constexpr std::size_t footer_size = 48;
  static constexpr std::uint64_t longest_table = std::uint64_t{64} << 20U;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(one_line(path_) + " is truncated or altered (" + what + "); copy or download it again");
  }

  Handle take_handle(Bytes& bytes) const {
    const auto offset = take_varint(bytes);
    const auto size = take_varint(bytes);
    if (!offset || !size) fail("a block without a place");
    return {*offset, *size};
  }
  Handle take_handle(Bytes&& bytes) const { return take_handle(bytes); }

  // The entries of a block, without its restart points.
  Bytes block(const Handle& handle) const {
    constexpr std::size_t trailer = 5;
    const std::uint64_t size = table_.size();
    if (handle.offset > size || handle.size > size - handle.offset || size - handle.offset - handle.size < trailer) {
      fail("a block beyond its end");
    }
    const Bytes checked =
        Bytes(table_).subspan(static_cast<std::size_t>(handle.offset), static_cast<std::size_t>(handle.size) + 1);
    if (masked(crc32c(checked)) != load_number<std::uint32_t>(checked.data() + checked.size())) {
      fail("a block's checksum does not fit");
    }
    if (checked.back() != std::byte{0})
      throw Error(one_line(path_) + " is compressed, which is not read; save it again");
    const Bytes bytes = checked.first(checked.size() - 1);
    if (bytes.size() < 4) fail("a block without an end");
    const std::uint64_t restarts = load_number<std::uint32_t>(bytes.data() + bytes.size() - 4);
    if (restarts > (bytes.size() - 4) / 4) fail("a block without an end");
    return bytes.first(bytes.size() - 4 - 4 * static_cast<std::size_t>(restarts));
  }

  template <class F>
  void each_entry(Bytes bytes, const F& f) const {
    std::string key;
    while (!bytes.empty()) {
      const auto shared = take_varint(bytes);
      const auto added = take_varint(bytes);
      const auto length = take_varint(bytes);
      if (!shared || !added || !length || *shared > key.size() || *added > bytes.size() ||
          *length > bytes.size() - *added) {
        fail("an entry beyond its block");
      }
      key.resize(static_cast<std::size_t>(*shared));
      key.append(reinterpret_cast<const char*>(bytes.data()), static_cast<std::size_t>(*added));
      bytes = bytes.subspan(static_cast<std::size_t>(*added));
      f(key, bytes.first(static_cast<std::size_t>(*length)));
      bytes = bytes.subspan(static_cast<std::size_t>(*length));
    }
  }

  void read_header(Bytes message) {
    bool is_big = false;
    const bool is_whole = each_field(message, [&](const ProtobufField& field) {
      if (field.number == 1) shard_count_ = field.value;
      if (field.number == 2) is_big = field.value != 0;
    });
    if (!is_whole || shard_count_ < 1 || shard_count_ > 10'000) fail("its header makes no sense");
    if (is_big) {
      throw Error(one_line(path_) + " was written on a big-endian machine, which is not read; save it on another one");
    }
  }

  void read_entry(const std::string& name, Bytes message) {
    BundleEntry entry;
    entry.name = name;
    std::uint64_t type = 0, size = 0;
    bool is_sliced = false, is_whole = true;
    is_whole &= each_field(message, [&](const ProtobufField& field) {
      if (field.number == 1) type = field.value;
      if (field.number == 2) is_whole &= read_shape(field.bytes, entry.shape);
      if (field.number == 3) entry.shard = field.value;
      if (field.number == 4) entry.offset = field.value;
      if (field.number == 5) size = field.value;
      if (field.number == 6) entry.crc = static_cast<std::uint32_t>(field.value);
      if (field.number == 7) is_sliced = true;
    });
    const auto count = element_count(entry.shape);
    if (!is_whole || !count || entry.shape.size() > 16) fail("the entry " + one_line(name) + " makes no sense");
    const auto dtype = dtype_of_number(type);
    if (!dtype || is_sliced) return;
    entry.dtype = *dtype;
    if (*count > size || *count * size_of(*dtype) != size) fail(one_line(name) + " has another size than announced");
    entries_.push_back(std::move(entry));
  }

  static bool read_shape(Bytes message, TensorShape& shape) {
    bool is_whole = true;
    is_whole &= each_field(message, [&](const ProtobufField& dimension) {
      if (dimension.number != 2) return;
      std::int64_t size = 0;
      is_whole &= each_field(dimension.bytes, [&](const ProtobufField& field) {
        if (field.number == 1) size = static_cast<std::int64_t>(field.value);
      });
      shape.push_back(size);
    });
    return is_whole;
  }

  // tensorflow/core/framework/types.proto
  static std::optional<DType> dtype_of_number(std::uint64_t number) {
    switch (number) {
      case 1:
        return DType::f32;
      case 2:
        return DType::f64;
      case 3:
        return DType::i32;
      case 9:
        return DType::i64;
      case 14:
        return DType::bf16;
      case 19:
        return DType::f16;
      default:
        return std::nullopt;
    }
  }

  void open_shards() {
    if (shard_count_ == 0) fail("it has no header");
    for (std::uint64_t i = 0; i < shard_count_; ++i) {
      char ending[64];
      std::snprintf(ending, sizeof ending, ".data-%05u-of-%05u", static_cast<unsigned>(i),
                    static_cast<unsigned>(shard_count_));
      std::filesystem::path shard = path_;
      shard.replace_extension(ending);
      shards_.push_back(std::make_unique<InputFile>(shard));
    }
    for (const BundleEntry& entry : entries_) {
      if (entry.shard >= shard_count_) fail(one_line(entry.name) + " is in a file that is not there");
      const std::uint64_t size = shards_[static_cast<std::size_t>(entry.shard)]->size();
      if (entry.offset > size || entry.bytes() > size - entry.offset)
        fail(one_line(entry.name) + " lies beyond its file's end");
    }
  }

  std::filesystem::path path_;
  std::vector<std::byte> table_;
  std::uint64_t shard_count_ = 0;
  std::vector<BundleEntry> entries_;
  std::vector<std::unique_ptr<InputFile>> shards_;
};

}  // namespace ugatit
