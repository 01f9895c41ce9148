// losses.csv: one row an iteration, every term.
#pragma once

#include <ugatit/io/atomic_file.hpp>
#include <ugatit/io/file.hpp>
#include <ugatit/io/text.hpp>
#include <ugatit/train/losses.hpp>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

namespace ugatit::examples {

class LossLog {
 public:
  /// Starts the file anew, or keeps the rows up to iteration `done` of a training that is resumed: what an interrupted
  /// run wrote after its last checkpoint will be written again. Throws `Error` where the file cannot be written.
  LossLog(const std::filesystem::path& path, Index done, int digits) : path_(path), digits_(digits) {
    std::string kept = "iteration,d_loss,g_loss";
    for (const std::string& name : LossTerms::names()) kept += "," + name;
    kept += "\n";
    std::error_code missing;
    if (done > 0 && std::filesystem::exists(path, missing)) kept += rows_up_to(done);
    write_file(path, std::as_bytes(std::span(kept)));
    stream_.open(path, std::ios::app);
    if (!stream_) throw Error(one_line(path) + " cannot be written to; check the folder's permissions");
  }

  void add(Index iteration, const LossTerms& terms, const LossWeights& weights) {
    row_ = std::to_string(iteration);
    append(terms.discriminators(weights));
    append(terms.generators(weights));
    for (const double value : terms.values()) append(value);
    row_ += '\n';
    stream_ << row_;
    stream_.flush();
    if (!stream_) throw Error(one_line(path_) + " cannot be written to; is the disk full?");
  }

 private:
  std::string rows_up_to(Index done) const {
    std::ifstream file(path_);
    std::string rows;
    std::string line;
    std::getline(file, line);                          // the header
    while (std::getline(file, line) && !file.eof()) {  // a row without its end was cut off
      Index iteration = 0;
      std::from_chars(line.data(), line.data() + line.size(), iteration);
      if (iteration < 1 || iteration > done) break;
      rows += line + "\n";
    }
    return rows;
  }

  void append(double value) {
    char text[40];
    std::snprintf(text, sizeof text, ",%.*g", digits_, value);
    row_ += text;
  }

  std::filesystem::path path_;
  int digits_;
  std::ofstream stream_;
  std::string row_;
};

}  // namespace ugatit::examples
