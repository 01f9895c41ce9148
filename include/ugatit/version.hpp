// The version of the library (https://semver.org); CMake reads it here.
#pragma once

#include <string>

#define UGATIT_VERSION_MAJOR 0
#define UGATIT_VERSION_MINOR 1
#define UGATIT_VERSION_PATCH 0
/// Versions compare as numbers: 1.2.3 is 10203.
#define UGATIT_VERSION (UGATIT_VERSION_MAJOR * 10000 + UGATIT_VERSION_MINOR * 100 + UGATIT_VERSION_PATCH)

namespace ugatit {

/// The same as text: "1.2.3".
inline std::string version() {
  return std::to_string(UGATIT_VERSION_MAJOR) + "." + std::to_string(UGATIT_VERSION_MINOR) + "." +
         std::to_string(UGATIT_VERSION_PATCH);
}

}  // namespace ugatit
