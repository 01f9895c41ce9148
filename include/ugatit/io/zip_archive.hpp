// Reading zip archives through libzip (https://libzip.org), as PyTorch writes them: entries of any size, mostly stored.
#pragma once

#include <ugatit/core/error.hpp>
#include <ugatit/io/text.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>
#include <zip.h>

namespace ugatit {

/// An open zip archive. To be used by one thread at a time.
class ZipArchive {
 public:
  /// Throws `Error` where the archive's directory, at its end, is missing or damaged.
  explicit ZipArchive(const std::filesystem::path& path) : path_(path) {
    int error = 0;
    zip_.reset(zip_open(path.c_str(), ZIP_RDONLY, &error));
    if (zip_ == nullptr) fail("its zip directory is missing or damaged");
  }

  /// Files in the archive.
  std::uint64_t entry_count() const { return static_cast<std::uint64_t>(zip_get_num_entries(zip_.get(), 0)); }

  /// Throws `Error` where the archive is damaged.
  std::string entry_name(std::uint64_t index) const {
    const char* name = zip_get_name(zip_.get(), index, ZIP_FL_ENC_RAW);
    return name == nullptr ? std::string() : std::string(name);
  }

  /// The index of the entry with that name.
  std::optional<std::uint64_t> find(const std::string& name) const {
    const zip_int64_t index = zip_name_locate(zip_.get(), name.c_str(), ZIP_FL_ENC_RAW);
    return index < 0 ? std::nullopt : std::optional(static_cast<std::uint64_t>(index));
  }

  /// The size of an entry's contents in bytes. It is believable: compressed contents are not smaller than deflate can
  /// make them, so nobody allocates more for an entry than about a thousand times the file.
  std::uint64_t size(std::uint64_t index) const {
    zip_stat_t status{};
    constexpr zip_uint64_t needed = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
    if (zip_stat_index(zip_.get(), index, 0, &status) != 0 || (status.valid & needed) != needed) {
      fail("an entry without a size");
    }
    std::error_code error;
    const std::uintmax_t file_size = std::filesystem::file_size(path_, error);
    if (error || status.comp_size > file_size || status.size / 1100 > status.comp_size) {
      fail("an entry with an impossible size");
    }
    return status.size;
  }

  /// Reads `out.size()` bytes of an entry from byte `begin` on. Where that is the whole entry, its CRC is checked.
  void read(std::uint64_t index, std::uint64_t begin, std::span<std::byte> out) const {
    const bool is_whole = begin == 0 && out.size() == size(index);
    const std::unique_ptr<zip_file_t, decltype(&zip_fclose)> entry(zip_fopen_index(zip_.get(), index, 0), &zip_fclose);
    if (entry == nullptr) fail(zip_strerror(zip_.get()));
    std::array<std::byte, 4096> skipped{};
    while (begin > 0) {
      const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(begin, skipped.size()));
      begin -= read_some(*entry, std::span(skipped).first(piece));
    }
    while (!out.empty()) {
      const std::size_t piece = std::min<std::size_t>(out.size(), std::size_t{1} << 26U);
      out = out.subspan(read_some(*entry, out.first(piece)));
    }
    std::byte beyond{};  // libzip compares the CRC when it meets the end
    if (is_whole && zip_fread(entry.get(), &beyond, 1) != 0) fail("an entry's CRC does not fit");
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(one_line(path_) + " is truncated or altered (" + what + "); copy or download it again");
  }

  std::size_t read_some(zip_file_t& entry, std::span<std::byte> out) const {
    const zip_int64_t count = zip_fread(&entry, out.data(), out.size());
    if (count <= 0) fail("an entry ends too early or cannot be unpacked");
    return static_cast<std::size_t>(count);
  }

  std::filesystem::path path_;
  std::unique_ptr<zip_t, decltype(&zip_discard)> zip_{nullptr, &zip_discard};
};

}  // namespace ugatit
