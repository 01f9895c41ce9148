// What the library throws: one clear line that names what is wrong and how to mend it.
#pragma once

#include <stdexcept>
#include <string>

namespace ugatit {

/// Every failure that a person can mend (a wrong file, size, flag or weight) is thrown as this type.
///
/// The message is one line, meant to be shown as it is. Programs print it on standard error and exit with code 1.
class Error : public std::runtime_error {
 public:
  /// A line without a newline: what is wrong, and what to do.
  explicit Error(const std::string& line) : std::runtime_error(line) {}
};

}  // namespace ugatit
