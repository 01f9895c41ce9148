// Writing a file so that it is there completely or not at all.
//
// The bytes go to a hidden file beside the target, which is synced to the disk and then renamed over the target.
// Whatever happens before that (a full disk, an exception, a killed process), a file that was there before is
// untouched. A killed process can leave the hidden file `.NAME.PID-N.part` behind; it may be deleted.
#pragma once

#include <ugatit/io/file.hpp>

#include <atomic>
#include <cstdio>

namespace ugatit {

/// A file under construction. Write to it, then `commit`; without that, nothing remains of it.
class AtomicFile {
 public:
  /// Throws `Error` where the folder is missing or cannot be written to.
  explicit AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
    if (path_.filename().empty()) throw Error("\"" + one_line(path_) + "\" is not a file name; name a file to write");
    std::error_code ignored;
    if (std::filesystem::is_directory(path_, ignored)) throw Error(one_line(path_) + " is a folder; name a file");
    static std::atomic<unsigned> counter{0};
    part_ = path_;
    part_.replace_filename("." + path_.filename().native() + "." + std::to_string(::getpid()) + "-" +
                           std::to_string(counter++) + ".part");
    fd_ = FileDescriptor(::open(part_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (!fd_) {
      const int error = errno;
      part_.clear();
      fail(error);
    }
  }
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile() { discard(); }

  /// Appends `bytes`. Throws `Error` where the disk does not take them.
  void write(std::span<const std::byte> bytes) {
    write_at(size_, bytes);
    size_ += bytes.size();
  }

  /// Overwrites what has been written from position `offset` on.
  void patch(std::uint64_t offset, std::span<const std::byte> bytes) {
    if (offset + bytes.size() > size_) throw Error("a patch of " + one_line(path_) + " lies beyond what was written");
    write_at(offset, bytes);
  }

  /// Makes the file appear under its name, safely on the disk.
  void commit() {
    if (::fsync(fd_.get()) != 0) fail(errno);
    if (const int error = fd_.close(); error != 0) fail(error);
    if (::rename(part_.c_str(), path_.c_str()) != 0) fail(errno);
    part_.clear();
    sync_folder();
  }

 private:
  void write_at(std::uint64_t offset, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const std::size_t piece = std::min<std::size_t>(bytes.size(), std::size_t{1} << 30U);
      const ::ssize_t count = ::pwrite(fd_.get(), bytes.data(), piece, static_cast<::off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail(errno);
      if (count == 0) fail(ENOSPC);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      offset += static_cast<std::uint64_t>(count);
    }
  }

  // The rename itself lives in the folder. Not every file system can sync one, and the file is complete by now, so a
  // failure here is no error.
  void sync_folder() const {
    const std::filesystem::path folder = path_.has_parent_path() ? path_.parent_path() : std::filesystem::path(".");
    const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd) ::fsync(fd.get());
  }

  void discard() noexcept {
    if (!part_.empty()) ::unlink(part_.c_str());
    part_.clear();
  }

  [[noreturn]] void fail(int error) {
    discard();
    const bool is_full = error == ENOSPC || error == EDQUOT || error == EFBIG;
    throw Error(
        one_line(path_) + " cannot be written: " + system_message(error) + "; " +
        (is_full ? "free some space or choose another folder" : "choose another folder or mend its permissions"));
  }

  std::filesystem::path path_;
  std::filesystem::path part_;  // empty when there is nothing to clean up
  FileDescriptor fd_;
  std::uint64_t size_ = 0;
};

/// Replaces a file's contents, completely or not at all.
inline void write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace ugatit
