// Writing zip archives through libzip (https://libzip.org): entries stored as they are, each beginning at a multiple of
// 64 bytes, and the archive there completely or not at all.
//
// An entry is 30 bytes, its name, an extra field, its contents. The extra field is what torch.save pads with as well:
// the identifier "FB", a length, and letters Z. Times are zip's first moment, so that equal contents make equal files.
#pragma once

#include <ugatit/io/atomic_file.hpp>

#include <exception>
#include <memory>
#include <zip.h>

namespace ugatit {

/// A zip archive under construction: `add` its entries, then `commit`; without that, nothing remains of it.
class ZipWriter {
 public:
  /// Throws `Error` where the folder is missing or cannot be written to.
  explicit ZipWriter(const std::filesystem::path& path) : file_(path), path_(path) {
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t* const target = zip_source_function_create(&ZipWriter::target, this, &error);
    if (target != nullptr) zip_ = zip_open_from_source(target, ZIP_CREATE | ZIP_TRUNCATE, &error);
    const std::string message = zip_error_strerror(&error);
    zip_error_fini(&error);
    if (zip_ != nullptr) return;
    if (target != nullptr) zip_source_free(target);
    fail(message);
  }
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;
  ~ZipWriter() {
    if (zip_ != nullptr) zip_discard(zip_);
  }

  /// Adds an entry. Its bytes are written by `commit` and must live until then.
  void add(const std::string& name, std::span<const std::byte> bytes) {
    zip_source_t* const source = zip_source_buffer(zip_, bytes.data(), bytes.size(), 0);
    const zip_int64_t added = source == nullptr ? -1 : zip_file_add(zip_, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    if (added < 0) {
      if (source != nullptr) zip_source_free(source);
      fail(zip_strerror(zip_));
    }
    const auto index = static_cast<zip_uint64_t>(added);
    constexpr std::uint64_t header = 30, field_header = 4, zip64_field = 20, largest_without = 0xffffffff;
    std::uint64_t start = offset_ + header + name.size() + field_header;
    if (bytes.size() >= largest_without) start += zip64_field;
    const std::string padding((alignment - start % alignment) % alignment, 'Z');
    constexpr zip_uint16_t field = 0x4246;    // "FB"
    constexpr zip_uint16_t first_day = 0x21;  // 1 January 1980
    if (zip_set_file_compression(zip_, index, ZIP_CM_STORE, 0) != 0 ||
        zip_file_set_dostime(zip_, index, 0, first_day, 0) != 0 ||
        zip_file_extra_field_set(zip_, index, field, 0, reinterpret_cast<const zip_uint8_t*>(padding.data()),
                                 static_cast<zip_uint16_t>(padding.size()), ZIP_FL_LOCAL) != 0) {
      fail(zip_strerror(zip_));
    }
    offset_ = start + padding.size() + bytes.size();
  }

  /// Writes the archive and makes it appear under its name. Throws `Error` where the disk refuses.
  void commit() {
    const int result = zip_close(zip_);
    if (result == 0) zip_ = nullptr;  // else it is still to be discarded
    if (failure_ != nullptr) std::rethrow_exception(failure_);
    if (result != 0) fail(zip_strerror(zip_));
    file_.commit();
  }

 private:
  static constexpr std::uint64_t alignment = 64;

  [[noreturn]] void fail(const std::string& what) const {
    throw Error(one_line(path_) + " cannot be written: " + what + "; choose another folder or name");
  }

  // What libzip asks of the file that it writes to. No exception may pass through it.
  static zip_int64_t target(void* self, void* data, zip_uint64_t length, zip_source_cmd_t command) {
    auto& writer = *static_cast<ZipWriter*>(self);
    switch (command) {
      case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_SUPPORTS, ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE, ZIP_SOURCE_SEEK,
                                              ZIP_SOURCE_TELL, ZIP_SOURCE_BEGIN_WRITE, ZIP_SOURCE_WRITE,
                                              ZIP_SOURCE_COMMIT_WRITE, ZIP_SOURCE_ROLLBACK_WRITE, ZIP_SOURCE_SEEK_WRITE,
                                              ZIP_SOURCE_TELL_WRITE, ZIP_SOURCE_REMOVE, -1);
      case ZIP_SOURCE_STAT: {
        auto* const status = static_cast<zip_stat_t*>(data);
        zip_stat_init(status);
        status->size = 0;
        status->valid |= ZIP_STAT_SIZE;
        return sizeof *status;
      }
      case ZIP_SOURCE_ERROR: {
        const int error[2] = {ZIP_ER_WRITE, 0};
        std::memcpy(data, error, sizeof error);
        return sizeof error;
      }
      case ZIP_SOURCE_WRITE:
        return writer.write({static_cast<const std::byte*>(data), static_cast<std::size_t>(length)});
      case ZIP_SOURCE_TELL_WRITE:
        return static_cast<zip_int64_t>(writer.position_);
      case ZIP_SOURCE_SEEK_WRITE: {
        zip_error_t ignored;
        zip_error_init(&ignored);
        const zip_int64_t to = zip_source_seek_compute_offset(writer.position_, writer.size_, data, length, &ignored);
        zip_error_fini(&ignored);
        if (to < 0) return -1;
        writer.position_ = static_cast<std::uint64_t>(to);
        return 0;
      }
      case ZIP_SOURCE_BEGIN_WRITE:
      case ZIP_SOURCE_COMMIT_WRITE:
      case ZIP_SOURCE_ROLLBACK_WRITE:
      case ZIP_SOURCE_FREE:
      case ZIP_SOURCE_OPEN:
      case ZIP_SOURCE_CLOSE:
        return 0;
      default:
        return -1;
    }
  }

  zip_int64_t write(std::span<const std::byte> bytes) {
    try {
      const std::uint64_t inside = std::min<std::uint64_t>(bytes.size(), size_ - position_);
      if (inside > 0) file_.patch(position_, bytes.first(static_cast<std::size_t>(inside)));
      file_.write(bytes.subspan(static_cast<std::size_t>(inside)));
    } catch (...) {
      failure_ = std::current_exception();
      return -1;
    }
    position_ += bytes.size();
    size_ = std::max(size_, position_);
    return static_cast<zip_int64_t>(bytes.size());
  }

  AtomicFile file_;
  std::filesystem::path path_;
  zip_t* zip_ = nullptr;
  std::uint64_t offset_ = 0;    // where the next entry will begin
  std::uint64_t position_ = 0;  // where libzip writes next
  std::uint64_t size_ = 0;      // what it has written
  std::exception_ptr failure_;
};

}  // namespace ugatit
