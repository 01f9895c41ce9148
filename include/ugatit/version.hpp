// The version of the library (https://semver.org); CMake reads it here.
#pragma once

#include <string>

#define UGATIT_VERSION_MAJOR 0  ///< breaks programs
#define UGATIT_VERSION_MINOR 1  ///< adds to the library, and breaks programs while the first is zero
#define UGATIT_VERSION_PATCH 0  ///< mends
/// Versions compare as numbers: 1.2.3 is 10203.
#define UGATIT_VERSION (UGATIT_VERSION_MAJOR * 10000 + UGATIT_VERSION_MINOR * 100 + UGATIT_VERSION_PATCH)

namespace ugatit {

/// The same as text: "1.2.3".
inline std::string version() {
  return std::to_string(UGATIT_VERSION_MAJOR) + "." + std::to_string(UGATIT_VERSION_MINOR) + "." +
         std::to_string(UGATIT_VERSION_PATCH);
}

}  // namespace ugatit
