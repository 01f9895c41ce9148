// The flags --device, --precision and --threads: what a program computes on, and in which numbers.
#pragma once

#include "program.hpp"

#include <ugatit/ugatit.hpp>

#include <string>

namespace ugatit::examples {

/// What those flags say.
struct DeviceFlags {
  std::string device;
  std::string precision = "float32";
  int threads = 0;
};

/// Adds the three flags.
inline void add_device_flags(CLI::App& app, DeviceFlags& flags) {
  app.add_option("--device", flags.device, "cpu (cuda: not in this build)")->check(CLI::IsMember({"cpu", "cuda"}));
  app.add_option(
         "--precision", flags.precision,
         "float32; bfloat16: convolutions multiply in bfloat16, which is faster; float64: for comparisons to the "
         "last digit")
      ->check(CLI::IsMember({"float32", "float64", "bfloat16", "tf32"}))
      ->capture_default_str();
  app.add_option("--threads", flags.threads, "threads; 0: one for each processor")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
}

/// Calls f(device). Throws `Error` for a device or precision that is not in this build.
template <class F>
int with_device(const DeviceFlags& flags, const F& f) {
  if (flags.device == "cuda") throw Error("--device cuda is not in this build; use --device cpu");
  if (flags.precision == "float64") {
    Cpu<double> dev(flags.threads);
    return f(dev);
  }
  if (flags.precision == "tf32") {
    throw Error("--precision tf32 is not in this build; use float32, bfloat16 or float64");
  }
  Cpu<float> dev(flags.threads);
  if (flags.precision == "bfloat16") dev.products = Products::bfloat16;
  return f(dev);
}

}  // namespace ugatit::examples
