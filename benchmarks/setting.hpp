// Settings of the benchmarks, from the environment.
#pragma once

#include <cstdlib>

namespace ugatit {

inline int setting(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

}  // namespace ugatit
