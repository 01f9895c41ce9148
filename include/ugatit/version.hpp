// The version of the library; CMakeLists.txt checks that it is its own.
#pragma once

#define UGATIT_VERSION_MAJOR 0
#define UGATIT_VERSION_MINOR 1
#define UGATIT_VERSION_PATCH 0
/// Versions compare as numbers: 1.2.3 is 10203.
#define UGATIT_VERSION (UGATIT_VERSION_MAJOR * 10000 + UGATIT_VERSION_MINOR * 100 + UGATIT_VERSION_PATCH)
