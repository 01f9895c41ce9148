// Images of two folders that show the same: those of one name, whatever their endings.
#pragma once

#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace ugatit::examples {

/// The files of a folder by their names.
class Partners {
 public:
  explicit Partners(const std::vector<std::filesystem::path>& files) {
    for (const std::filesystem::path& file : files) by_name_.emplace(file.stem().string(), file);
  }

  /// The file that shows the same, or null.
  const std::filesystem::path* of(const std::filesystem::path& file) const {
    const auto found = by_name_.find(file.stem().string());
    return found == by_name_.end() ? nullptr : &found->second;
  }

  bool of_any(const std::vector<std::filesystem::path>& files) const {
    return std::ranges::any_of(files, [this](const auto& file) { return of(file) != nullptr; });
  }

 private:
  std::map<std::string, std::filesystem::path> by_name_;
};

}  // namespace ugatit::examples
