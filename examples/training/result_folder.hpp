// RESULT_DIR/DATASET and the names in it.
#pragma once

#include "options.hpp"

#include <ugatit/core/error.hpp>
#include <ugatit/io/text.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ugatit::examples {

class ResultFolder {
 public:
  ResultFolder(const TrainingOptions& options)
      : root_(std::filesystem::path(options.result_dir) / options.dataset), dataset_(options.dataset) {}

  /// Makes the folders, and removes what a killed run had not finished writing. Throws `Error` where that is not
  /// allowed.
  void create() const {
    for (const char* name : {"model", "img", "test", "create"}) {
      std::error_code error;
      std::filesystem::create_directories(root_ / name, error);
      if (error) {
        throw Error(one_line(root_ / name) + " cannot be made: " + error.message() + "; give another --result_dir");
      }
    }
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(root_ / "model", ignored)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(".") && name.ends_with(".part")) std::filesystem::remove(entry.path(), ignored);
    }
  }

  std::filesystem::path checkpoint(Index iteration) const {
    return root_ / "model" / (prefix() + number(iteration) + std::string(suffix));
  }
  std::filesystem::path best() const { return root_ / "model" / (dataset_ + "_best" + std::string(suffix)); }
  std::filesystem::path generator(const std::string& direction) const {
    return root_ / "model" / (dataset_ + "_" + direction + std::string(suffix));
  }
  std::filesystem::path sheet(const std::string& direction, Index iteration) const {
    return root_ / "img" / (direction + "_" + number(iteration) + ".png");
  }
  std::filesystem::path picture(const std::string& phase, const std::string& direction, const std::string& name) const {
    return root_ / phase / (direction + "_" + name + ".png");
  }
  std::filesystem::path losses() const { return root_ / "losses.csv"; }
  std::filesystem::path metrics() const { return root_ / "metrics.csv"; }
  std::filesystem::path rho() const { return root_ / "rho.csv"; }
  std::filesystem::path tensorboard() const { return root_ / "tensorboard"; }
  const std::filesystem::path& root() const { return root_; }

  std::filesystem::path report() const { return root_ / "report.html"; }

  /// The iteration of the newest checkpoint, if there is any.
  std::optional<Index> newest_checkpoint() const {
    const std::vector<Index> all = numbers_in(root_ / "model", prefix(), suffix);
    return all.empty() ? std::nullopt : std::optional(all.back());
  }

  /// The iterations that have a sheet, in order.
  std::vector<Index> sheets() const { return numbers_in(root_ / "img", "A2B_", ".png"); }

 private:
  static constexpr std::string_view suffix = ".safetensors";

  std::string prefix() const { return dataset_ + "_params_"; }
  static std::string number(Index iteration) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%07ld", static_cast<long>(iteration));
    return digits;
  }

  // The numbers in names BEFORE%07dAFTER of a folder, in order.
  static std::vector<Index> numbers_in(const std::filesystem::path& folder, const std::string& before,
                                       std::string_view after) {
    std::vector<Index> numbers;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      const std::string name = entry->path().filename().string();
      if (name.size() < before.size() + after.size() || !name.starts_with(before) || !name.ends_with(after)) continue;
      Index found = 0;
      const char* const to = name.data() + name.size() - after.size();
      const auto [stop, fault] = std::from_chars(name.data() + before.size(), to, found);
      if (fault == std::errc{} && stop == to) numbers.push_back(found);
    }
    std::sort(numbers.begin(), numbers.end());
    return numbers;
  }

  std::filesystem::path root_;
  std::string dataset_;
};

}  // namespace ugatit::examples
