// Reading files of any size, with one clear line for everything that can go wrong. POSIX.
#pragma once

#include <ugatit/core/error.hpp>
#include <ugatit/io/text.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <fcntl.h>
#include <filesystem>
#include <span>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <vector>

namespace ugatit {

/// The operating system's words for an `errno`.
inline std::string system_message(int error) {
  return std::generic_category().message(error);
}

/// A file descriptor that closes itself.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}                                            ///< owns `fd`
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}  ///< takes it over
  /// Closes its own first.
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }

  explicit operator bool() const { return fd_ >= 0; }  ///< false where it owns none
  int get() const { return fd_; }                      ///< for the system's calls

  /// Closes now and returns 0 or the `errno`: some file systems report a failed write only here.
  int close() {
    if (fd_ < 0) return 0;
    return ::close(std::exchange(fd_, -1)) == 0 ? 0 : errno;
  }

 private:
  int fd_ = -1;
};

/// A regular file opened for reading at any position. Const members may be called from several threads.
class InputFile {
 public:
  /// Throws `Error` for what is missing, not a regular file, or not readable.
  explicit InputFile(std::filesystem::path path) : path_(std::move(path)) {
    // Without O_NONBLOCK, opening a named pipe that nobody writes to would wait forever.
    fd_ = FileDescriptor(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd_) {
      if (errno == ENOENT) throw Error(one_line(path_) + " does not exist; check the path");
      throw Error(one_line(path_) + " cannot be read: " + system_message(errno));
    }
    struct stat status {};
    if (::fstat(fd_.get(), &status) != 0) fail(errno);
    if (S_ISDIR(status.st_mode)) throw Error(one_line(path_) + " is a folder; name a file");
    if (!S_ISREG(status.st_mode)) throw Error(one_line(path_) + " is not a regular file; copy it to one first");
    size_ = static_cast<std::uint64_t>(status.st_size);
  }

  const std::filesystem::path& path() const { return path_; }  ///< as it was opened
  std::uint64_t size() const { return size_; }                 ///< bytes, when it was opened

  /// Fills `bytes` from position `offset`. Throws `Error` where the file ends before that.
  void read_at(std::uint64_t offset, std::span<std::byte> bytes) const {
    while (!bytes.empty()) {
      const std::size_t piece = std::min<std::size_t>(bytes.size(), std::size_t{1} << 30U);
      const ::ssize_t count = ::pread(fd_.get(), bytes.data(), piece, static_cast<::off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) fail(errno);
      if (count == 0) throw Error(one_line(path_) + " is truncated; copy or download it again");
      bytes = bytes.subspan(static_cast<std::size_t>(count));
      offset += static_cast<std::uint64_t>(count);
    }
  }

 private:
  [[noreturn]] void fail(int error) const {
    throw Error(one_line(path_) + " cannot be read: " + system_message(error));
  }

  std::filesystem::path path_;
  FileDescriptor fd_;
  std::uint64_t size_ = 0;
};

/// All bytes of a file. Throws `Error` as `InputFile` does, and for files of more than `limit` bytes.
inline std::vector<std::byte> read_file(const std::filesystem::path& path,
                                        std::uint64_t limit = std::uint64_t{1} << 30U) {
  const InputFile file(path);
  if (file.size() > limit) {
    throw Error(one_line(path) + " has " + std::to_string(file.size()) + " bytes, more than the " +
                std::to_string(limit) + " allowed here; is it the right file?");
  }
  std::vector<std::byte> bytes(static_cast<std::size_t>(file.size()));
  file.read_at(0, bytes);
  return bytes;
}

}  // namespace ugatit
