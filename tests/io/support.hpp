// What the tests of io/ share: golden files, a folder that vanishes, the line of an error.
#pragma once

#include <ugatit/io/file.hpp>
#include <ugatit/io/image.hpp>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

/// A file made by tests/reference/make_images.py or make_torch_files.py.
inline std::filesystem::path golden(const std::string& name) {
  return std::filesystem::path(UGATIT_TEST_FOLDER) / "io/golden" / name;
}

/// A new folder that is removed with all it holds.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ugatit-test-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw ugatit::Error("no temporary folder");
    path_ = name;
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  const std::filesystem::path& path() const { return path_; }
  /// How many entries it has, hidden ones included.
  std::ptrdiff_t count() const { return std::distance(std::filesystem::directory_iterator(path_), {}); }

 private:
  std::filesystem::path path_;
};

/// The message of the `Error` that `action` throws, or "" where it throws none.
template <class Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const ugatit::Error& error) {
    return error.what();
  }
  return "";
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

inline std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

/// Writes a file without any of the library's care.
inline void put(const std::filesystem::path& path, std::span<const std::byte> bytes) {
  std::ofstream(path, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}
inline void put(const std::filesystem::path& path, const std::string& text) {
  put(path, bytes_of(text));
}

/// A seed that is new each time; say it with INFO, so that a failure can be repeated.
inline std::uint32_t fresh_seed() {
  return std::random_device()();
}

/// The same, but always 1 under the sanitizers: for code of others, in which one may find what does no harm.
inline std::uint32_t lenient_seed() {
#ifdef __SANITIZE_ADDRESS__
  return 1;
#else
  return fresh_seed();
#endif
}

/// One to three bytes at random places changed to random values.
inline std::vector<std::byte> damaged(std::vector<std::byte> bytes, std::mt19937& random) {
  const auto changes = 1 + random() % 3;
  for (std::uint32_t i = 0; i < changes; ++i) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
  return bytes;
}

/// The image that make_images.py draws: pixel (x, y) is (15 x, 23 y, 9 (x + y)).
inline ugatit::Image pattern() {
  ugatit::Image image(17, 11);
  for (int y = 0; y < image.height; ++y) {
    for (int x = 0; x < image.width; ++x) {
      image.at(x, y)[0] = static_cast<std::uint8_t>(15 * x);
      image.at(x, y)[1] = static_cast<std::uint8_t>(23 * y);
      image.at(x, y)[2] = static_cast<std::uint8_t>(9 * (x + y));
    }
  }
  return image;
}

/// The largest difference of two images of one size, in levels.
inline int distance(const ugatit::Image& a, const ugatit::Image& b) {
  if (a.width != b.width || a.height != b.height) return 256;
  int worst = 0;
  for (std::size_t i = 0; i < a.pixels.size(); ++i) worst = std::max(worst, std::abs(a.pixels[i] - b.pixels[i]));
  return worst;
}
