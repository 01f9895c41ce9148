// Files: read with clear errors, written completely or not at all.
#include "catch.hpp"
#include "support.hpp"

#include <ugatit/io/atomic_file.hpp>

#include <sys/resource.h>

#include <csignal>

using namespace ugatit;

namespace {

std::string text_of(const std::filesystem::path& path) {
  const auto bytes = read_file(path);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Lets no file grow beyond `bytes`: what the process sees is what it sees of a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    old_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_limit_);
    const rlimit limit{bytes, old_limit_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_limit_{};
  void (*old_handler_)(int) = nullptr;
};

}  // namespace

TEST_CASE("A file is read whole, and what cannot be read is named", "[io][file]") {
  const TemporaryFolder folder;
  put(folder / "a", "hello");
  CHECK(text_of(folder / "a") == "hello");
  put(folder / "empty", "");
  CHECK(read_file(folder / "empty").empty());

  CHECK(contains(error_of([&] { read_file(folder / "b"); }), "b does not exist"));
  CHECK(contains(error_of([&] { read_file(folder.path()); }), "is a folder"));
  CHECK(contains(error_of([&] { read_file("/dev/null"); }), "is not a regular file"));
  CHECK(contains(error_of([&] { read_file(folder / "a", 4); }), "more than the 4 allowed"));
  CHECK(error_of([&] { read_file(folder / "two\nlines"); }).find('\n') == std::string::npos);
}

TEST_CASE("Reading beyond the end is an error", "[io][file]") {
  const TemporaryFolder folder;
  put(folder / "a", "hello");
  const InputFile file(folder / "a");
  std::vector<std::byte> bytes(3);
  file.read_at(2, bytes);
  CHECK(bytes[0] == std::byte{'l'});
  CHECK(contains(error_of([&] { file.read_at(3, bytes); }), "is truncated"));
}

TEST_CASE("A file appears when it is committed, and replaces the old one", "[io][file]") {
  const TemporaryFolder folder;
  put(folder / "a", "old");
  {
    AtomicFile file(folder / "a");
    file.write(bytes_of("new contents"));
    file.patch(4, bytes_of("CON"));
    CHECK(text_of(folder / "a") == "old");
    CHECK(contains(error_of([&] { file.patch(10, bytes_of("CON")); }), "beyond"));
    file.commit();
  }
  CHECK(text_of(folder / "a") == "new CONtents");
  CHECK(folder.count() == 1);
}

TEST_CASE("Without commit nothing changes and nothing is left behind", "[io][file]") {
  const TemporaryFolder folder;
  put(folder / "a", "old");
  {
    AtomicFile file(folder / "a");
    file.write(bytes_of("new"));
  }
  CHECK(text_of(folder / "a") == "old");
  CHECK(folder.count() == 1);
}

TEST_CASE("A full disk leaves the old file and no other", "[io][file]") {
  const TemporaryFolder folder;
  put(folder / "a", "old");
  const std::string large(100'000, 'x');
  std::string error;
  {
    const FileSizeLimit limit(4096);
    error = error_of([&] { write_file(folder / "a", bytes_of(large)); });
  }
  CHECK(contains(error, "a cannot be written: "));
  CHECK(contains(error, "free some space"));
  CHECK(text_of(folder / "a") == "old");
  CHECK(folder.count() == 1);
}

TEST_CASE("A folder that cannot be written to is named", "[io][file]") {
  const TemporaryFolder folder;
  put(folder / "a", "old");
  CHECK(contains(error_of([&] { write_file(folder / "missing" / "b", bytes_of("x")); }), "cannot be written"));
  CHECK(contains(error_of([&] { write_file(folder / "a" / "b", bytes_of("x")); }), "cannot be written"));
  CHECK(contains(error_of([&] { write_file(folder.path(), bytes_of("x")); }), "is a folder"));
  CHECK(contains(error_of([&] { write_file("", bytes_of("x")); }), "is not a file name"));
  CHECK(folder.count() == 1);

  if (::geteuid() == 0) return;  // root may write anywhere
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_exec);
  CHECK(contains(error_of([&] { write_file(folder / "b", bytes_of("x")); }), "cannot be written"));
  std::filesystem::permissions(folder.path(), std::filesystem::perms::owner_all);
}
