// The images of one folder of a data set.
#pragma once

#include <ugatit/core/error.hpp>
#include <ugatit/io/text.hpp>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <vector>

namespace ugatit {

/// The files of a folder in the bytewise order of their names, which is the same on every machine. Hidden files and
/// folders are left out; whether a file is an image shows when it is read, since any name will do.
/// Throws `Error` where the folder is missing, unreadable or has no files.
inline std::vector<std::filesystem::path> list_images(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    const std::string what = fs::exists(folder, error) ? " is not a folder" : " does not exist";
    throw Error(one_line(folder) + what + "; it should be a folder with images");
  }
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code unknown;
    const bool is_hidden = entry->path().filename().native().starts_with('.');
    if (!is_hidden && entry->is_regular_file(unknown)) files.push_back(entry->path());
  }
  if (error) throw Error(one_line(folder) + " cannot be read: " + error.message());
  if (files.empty()) throw Error(one_line(folder) + " has no images; put JPEG, PNG, BMP, TGA or PNM files there");
  std::sort(files.begin(), files.end(),
            [](const fs::path& a, const fs::path& b) { return a.filename().native() < b.filename().native(); });
  return files;
}

}  // namespace ugatit
