// Names that come from outside (paths, keys, functions in a pickle) made fit for an error message.
#pragma once

#include <concepts>
#include <filesystem>
#include <string>
#include <string_view>

namespace ugatit {

/// `text` on one line: control characters become '?', and what is longer than 300 bytes is cut.
inline std::string one_line(std::string_view text) {
  constexpr std::size_t longest = 300;
  std::string line(text.substr(0, longest));
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  if (text.size() > longest) line += "...";
  return line;
}

/// A path as an error message shows it. (A template, so that no other text turns into a path to get here.)
template <std::same_as<std::filesystem::path> Path>
std::string one_line(const Path& path) {
  return one_line(std::string_view(path.native()));
}

}  // namespace ugatit
