// Reading a table that another part of the program is still writing (row_log.hpp).
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

namespace ugatit::examples {

class RowReader {
 public:
  explicit RowReader(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }

  /// Calls f(line) for the lines that the file has gained since the last call, the header among them. A line without
  /// its end is left for the next call.
  template <class F>
  void each_new(const F& f) {
    std::ifstream file(path_, std::ios::binary);
    file.seekg(read_);
    std::string line;
    while (std::getline(file, line) && !file.eof()) {
      read_ += static_cast<std::streamoff>(line.size()) + 1;
      f(line);
    }
  }

 private:
  std::filesystem::path path_;
  std::streamoff read_ = 0;
};

}  // namespace ugatit::examples
