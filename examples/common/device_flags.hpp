// The flags --device, --precision and --threads: what a program computes on, and in which numbers.
#pragma once

#include "program.hpp"

#include <ugatit/ugatit.hpp>

#if defined(UGATIT_WITH_CUDA)
#include <ugatit/cuda.hpp>
#endif

#include <string>

namespace ugatit::examples {

/// What those flags say, and --benchmark_flag of trainings.
struct DeviceFlags {
  std::string device;
  std::string precision = "float32";
  int threads = 0;
  bool benchmark = false;  ///< on a GPU, time what cuDNN has for each convolution
};

/// Whether this build can compute on GPUs.
#if defined(UGATIT_WITH_CUDA)
inline constexpr bool has_cuda = true;
#else
inline constexpr bool has_cuda = false;
#endif

/// Adds the three flags.
inline void add_device_flags(CLI::App& app, DeviceFlags& flags) {
  app.add_option(
         "--device", flags.device,
         has_cuda ? "cpu or cuda (an NVIDIA GPU); by default cuda where there is one" : "cpu (cuda: not in this build)")
      ->check(CLI::IsMember({"cpu", "cuda"}));
  app.add_option(
         "--precision", flags.precision,
         "float32; bfloat16: convolutions multiply in bfloat16, which is faster; tf32: likewise in TF32, on a GPU; "
         "float64: for comparisons to the last digit, on the CPU")
      ->check(CLI::IsMember({"float32", "float64", "bfloat16", "tf32"}))
      ->capture_default_str();
  app.add_option("--threads", flags.threads, "threads; 0: one for each processor")
      ->check(CLI::Range(0, 1024))
      ->capture_default_str();
}

#if defined(UGATIT_WITH_CUDA)
/// Calls f(the GPU), with maps of numbers of type T.
template <class T, class F>
int with_gpu(const DeviceFlags& flags, const F& f) {
  Cuda<T> dev;
  dev.benchmark = flags.benchmark;
  return f(dev);
}
#endif

/// Calls f(device). Throws `Error` for a device or precision that is not in this build, or a GPU that is not there.
template <class F>
int with_device(const DeviceFlags& flags, const F& f) {
#if defined(UGATIT_WITH_CUDA)
  const bool by_default = flags.device.empty() && flags.precision != "float64" && gpu::is_present();
  if (flags.device == "cuda" || by_default) {
    if (flags.precision == "float64") throw Error("--precision float64 is for --device cpu; use float32 on a GPU");
    if (flags.precision == "bfloat16") return with_gpu<bfloat16>(flags, f);
    if (flags.precision == "tf32") return with_gpu<tf32>(flags, f);
    return with_gpu<float>(flags, f);
  }
#else
  if (flags.device == "cuda") {
    throw Error("--device cuda is not in this build; build with -DUGATIT_CUDA=ON, or use --device cpu");
  }
#endif
  if (flags.precision == "tf32") throw Error("--precision tf32 is for --device cuda; use float32 or bfloat16 on a CPU");
  if (flags.precision == "float64") {
    Cpu<double> dev(flags.threads);
    return f(dev);
  }
  Cpu<float> dev(flags.threads);
  if (flags.precision == "bfloat16") dev.products = Products::bfloat16;
  return f(dev);
}

}  // namespace ugatit::examples
