// Reading PyTorch checkpoints (.pt, .pth), in both serialisations.
//
// Since PyTorch 1.6: a zip archive with NAME/data.pkl and one entry NAME/data/KEY for each storage.
// Before, and on request: one stream of five pickles (a magic number, a protocol version, facts about the system, the
// object, the list of storage keys), then for each key an int64 with the number of elements and the elements.
//
// Nothing in the pickles is executed (pickle_reader.hpp), and the numbers stay on the disk until they are asked for.
#pragma once

#include <ugatit/io/file.hpp>
#include <ugatit/io/torch_tensors.hpp>
#include <ugatit/io/zip_archive.hpp>

#include <memory>

namespace ugatit {

/// An open PyTorch checkpoint. To be used by one thread at a time.
class TorchCheckpoint {
 public:
  /// Throws `Error` for anything that is not a complete checkpoint of tensors in plain containers.
  explicit TorchCheckpoint(const std::filesystem::path& path) : file_(path) {
    if (is_zip(file_)) {
      open_archive();
    } else if (is_stream(file_)) {
      open_stream();
    } else {
      // Another pickle may still deserve a word about what it wanted to call.
      const std::string start = first_bytes(file_, longest_pickle);
      if (is_pickle(file_)) read_pickle(std::as_bytes(std::span(start)));
      throw Error(one_line(path) + " is not a PyTorch checkpoint; save a dictionary of tensors with torch.save");
    }
    for (std::size_t i = 0; i < tensors_.size(); ++i) {
      if (!by_name_.emplace(tensors_[i].name, i).second) fail("it has " + one_line(tensors_[i].name) + " twice");
    }
  }

  /// A cheap look: does the file begin as a zip archive or PyTorch's older stream does?
  static bool recognises(const InputFile& file) { return is_zip(file) || is_stream(file); }

  const std::filesystem::path& path() const { return file_.path(); }  ///< of the file
  /// Whether it is a zip archive, as PyTorch writes by default, or the older stream.
  bool is_archive() const { return archive_ != nullptr; }
  /// In the order of the dictionary.
  const std::vector<TorchTensor>& tensors() const { return tensors_; }

  /// The tensor of that name, or null.
  const TorchTensor* find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &tensors_[found->second];
  }

  /// Reads a tensor's elements in row-major order. Throws `Error` unless `out` has just its size in bytes.
  void read(const TorchTensor& tensor, std::span<std::byte> out) const {
    if (out.size() != tensor.bytes()) {
      throw Error(one_line(path()) + ": " + one_line(tensor.name) + " has " + std::to_string(tensor.bytes()) +
                  " bytes, not " + std::to_string(out.size()));
    }
    if (out.empty()) return;
    const std::uint64_t size = size_of(tensor.dtype);
    if (tensor.is_contiguous()) {
      read_storage(tensor.storage, tensor.offset * size, out);
      return;
    }
    std::vector<std::byte> window(static_cast<std::size_t>(tensor.reach() * size));
    read_storage(tensor.storage, tensor.offset * size, window);
    gather(tensor, window, out);
  }

 private:
  static constexpr std::size_t longest_pickle = std::size_t{64} << 20U;
  static constexpr std::string_view magic{"\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10};  // little-endian

  static std::string first_bytes(const InputFile& file, std::size_t count) {
    std::string start(static_cast<std::size_t>(std::min<std::uint64_t>(count, file.size())), '\0');
    file.read_at(0, std::as_writable_bytes(std::span(start)));
    return start;
  }
  static bool is_pickle(const InputFile& file) {
    const std::string start = first_bytes(file, 2);
    return start.size() == 2 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5;
  }
  static bool is_zip(const InputFile& file) { return first_bytes(file, 4) == "PK\3\4"; }
  static bool is_stream(const InputFile& file) {
    const std::string start = first_bytes(file, 4 + magic.size());  // PROTO, version, LONG1, length, number
    return start.size() == 4 + magic.size() && start[0] == '\x80' && start.substr(4) == magic;
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(one_line(path()) + " is truncated or altered (" + what + "); copy or download it again");
  }

  Pickle read_pickle(std::span<const std::byte> bytes) const {
    return PickleReader(bytes, one_line(path()), is_torch_function).read();
  }

  void open_archive() {
    archive_ = std::make_unique<ZipArchive>(path());
    constexpr std::string_view wanted = "data.pkl";
    std::string folder;
    std::optional<std::uint64_t> index;
    for (std::uint64_t i = 0; i < archive_->entry_count() && !index; ++i) {
      const std::string name = archive_->entry_name(i);
      if (name != wanted && !name.ends_with("/data.pkl")) continue;
      folder = name.substr(0, name.size() - wanted.size());
      index = i;
    }
    if (!index) throw Error(one_line(path()) + " is a zip archive, but not a PyTorch checkpoint (it has no data.pkl)");
    if (const auto order = archive_->find(folder + "byteorder"); order && read_entry(*order) != "little") {
      throw Error(one_line(path()) + " was written on a big-endian machine, which is not read; save it on another one");
    }
    const std::string bytes = read_entry(*index);
    find_tensors(read_pickle(std::as_bytes(std::span(bytes))));
    for (const auto& [key, storage] : storages_) {
      const auto entry = archive_->find(folder + "data/" + key);
      if (!entry) fail("the storage " + one_line(key) + " is missing");
      if (archive_->size(*entry) != storage.elements * size_of(storage.dtype)) {
        fail("the storage " + one_line(key) + " has another size than announced");
      }
      places_[key] = *entry;
    }
  }

  std::string read_entry(std::uint64_t index) const {
    const std::uint64_t size = archive_->size(index);
    if (size > longest_pickle) fail("its pickle is too long");
    std::string bytes(static_cast<std::size_t>(size), '\0');
    archive_->read(index, 0, std::as_writable_bytes(std::span(bytes)));
    return bytes;
  }

  void open_stream() {
    const std::string start = first_bytes(file_, longest_pickle);
    auto rest = std::as_bytes(std::span(start));
    const auto next = [&] {
      Pickle pickle = read_pickle(rest);
      rest = rest.subspan(pickle.length);
      return pickle;
    };
    next();  // the magic number
    constexpr std::int64_t protocol = 1001;
    if (const Pickle version = next(); version[version.root].integer != protocol) {
      throw Error(one_line(path()) + " has an unknown version of PyTorch's format; save it with another PyTorch");
    }
    check_system(next());
    find_tensors(next());
    const Pickle keys = next();

    std::uint64_t at = start.size() - rest.size();
    for (const std::size_t item : keys[keys.root].items) {
      const std::string& key = keys[item].text;
      const auto storage = storages_.find(key);
      if (storage == storages_.end()) fail("a storage that belongs to no tensor");
      if (file_.size() - at < 8) fail("the storage " + one_line(key) + " is missing");
      std::array<std::byte, 8> count{};
      file_.read_at(at, count);
      at += 8;
      const std::uint64_t bytes = storage->second.elements * size_of(storage->second.dtype);
      if (load_number<std::uint64_t>(count.data()) != storage->second.elements || bytes > file_.size() - at) {
        fail("the storage " + one_line(key) + " has another size than announced");
      }
      places_[key] = at;
      at += bytes;
    }
    if (places_.size() != storages_.size()) fail("a storage is missing");
  }

  void check_system(const Pickle& facts) const {
    const std::vector<std::size_t>& items = facts[facts.root].items;
    for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
      if (facts[items[i]].text == "little_endian" && facts[items[i + 1]].integer == 0) {
        throw Error(one_line(path()) +
                    " was written on a big-endian machine, which is not read; save it on another one");
      }
    }
  }

  void find_tensors(const Pickle& pickle) {
    TorchTensors found(pickle, one_line(path()));
    tensors_ = std::move(found.tensors);
    storages_ = std::move(found.storages);
  }

  void read_storage(const std::string& key, std::uint64_t begin, std::span<std::byte> out) const {
    const std::uint64_t place = places_.at(key);
    if (archive_ != nullptr) {
      archive_->read(place, begin, out);
    } else {
      file_.read_at(place + begin, out);
    }
  }

  // Counts through the tensor's indices, the last one fastest.
  static void gather(const TorchTensor& tensor, std::span<const std::byte> window, std::span<std::byte> out) {
    const std::size_t size = size_of(tensor.dtype);
    std::vector<std::int64_t> index(tensor.shape.size(), 0);
    std::uint64_t from = 0;
    for (std::size_t to = 0; to < out.size(); to += size) {
      std::memcpy(out.data() + to, window.data() + from * size, size);
      for (std::size_t i = index.size(); i-- > 0;) {
        from += tensor.strides[i];
        if (++index[i] < tensor.shape[i]) break;
        from -= tensor.strides[i] * static_cast<std::uint64_t>(tensor.shape[i]);
        index[i] = 0;
      }
    }
  }

  InputFile file_;
  std::unique_ptr<ZipArchive> archive_;  // null for the stream
  std::vector<TorchTensor> tensors_;
  std::map<std::string, std::size_t, std::less<>> by_name_;
  std::map<std::string, TorchStorage> storages_;
  std::map<std::string, std::uint64_t> places_;  // by storage: the archive's entry, or the position in the stream
};

}  // namespace ugatit
