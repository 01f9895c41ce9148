// Tests on a GPU: skipped (exit code 77) where there is none, unless UGATIT_REQUIRE_GPU=1 makes that a failure.
#include <ugatit/cuda/device.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>
#else
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#endif

int main(int argc, char** argv) {
  if (ugatit::gpu::is_present()) return Catch::Session().run(argc, argv);
  const char* const required = std::getenv("UGATIT_REQUIRE_GPU");
  std::puts("skipped: there is no NVIDIA GPU that can be used here");
  return required != nullptr && std::string(required) == "1" ? 1 : 77;
}
