// A table that grows while training: CSV, rows that start with their iteration.
#pragma once

#include <ugatit/core/shape.hpp>
#include <ugatit/io/atomic_file.hpp>
#include <ugatit/io/file.hpp>
#include <ugatit/io/text.hpp>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace ugatit::examples {

class RowLog {
 public:
  /// Starts the file anew, or keeps the rows up to iteration `done` of a training that is resumed: what an interrupted
  /// run wrote after its last checkpoint will be written again. `columns` come after `iteration`. Throws `Error` where
  /// the file cannot be written, or has rows of other columns.
  RowLog(const std::filesystem::path& path, const std::vector<std::string>& columns, Index done) : path_(path) {
    std::string kept = "iteration";
    for (const std::string& name : columns) kept += "," + name;
    std::error_code missing;
    const std::string rows = done > 0 && std::filesystem::exists(path, missing) ? rows_up_to(done, kept) : "";
    kept += "\n" + rows;
    write_file(path, std::as_bytes(std::span(kept)));
    stream_.open(path, std::ios::app);
    if (!stream_) throw Error(one_line(path) + " cannot be written to; check the folder's permissions");
  }

  /// Begins a row; `add` its cells, then `end` it.
  void begin(Index iteration) { row_ = std::to_string(iteration); }

  void add(double value, int digits) {
    char text[40];
    std::snprintf(text, sizeof text, ",%.*g", digits, value);
    row_ += text;
  }
  void add(const std::string& text) { row_ += "," + text; }

  void end() {
    row_ += '\n';
    stream_ << row_;
    stream_.flush();
    if (!stream_) throw Error(one_line(path_) + " cannot be written to; is the disk full?");
  }

 private:
  std::string rows_up_to(Index done, const std::string& header) const {
    std::ifstream file(path_);
    std::string rows;
    std::string line;
    std::getline(file, line);
    std::string row;
    while (std::getline(file, row) && !file.eof()) {  // a row without its end was cut off
      if (line != header) {
        throw Error(one_line(path_) + " has other columns than this training writes; resume with the same flags, or " +
                    "move it away");
      }
      Index iteration = 0;
      std::from_chars(row.data(), row.data() + row.size(), iteration);
      if (iteration < 1 || iteration > done) break;
      rows += row + "\n";
    }
    return rows;
  }

  std::filesystem::path path_;
  std::ofstream stream_;
  std::string row_;
};

}  // namespace ugatit::examples
