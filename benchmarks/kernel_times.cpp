// Writes down when each kernel of a program runs on an NVIDIA GPU. It is loaded into the program, which knows nothing
// of it, by two variables of its environment:
//
//   CUDA_INJECTION64_PATH=build/cuda/benchmarks/libkernel_times.so
//   UGATIT_KERNEL_TIMES=times.txt
//
// A line for each of the last kernels, in the order of their starts: start and duration in microseconds, stream, name
// as the linker knows it. benchmarks/kernel_parts.py says which part of an iteration they are.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cupti.h>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace {

struct Kernel {
  std::uint64_t start, end;  // nanoseconds
  std::uint32_t stream;
  std::string name;
};

constexpr std::size_t most_kernels = 20000;  // several iterations
constexpr std::size_t buffer_bytes = std::size_t{8} << 20U;

std::mutex& lock() {
  static std::mutex mutex;
  return mutex;
}

std::vector<Kernel>& kernels() {
  static std::vector<Kernel> all;
  return all;
}

void buffer_wanted(std::uint8_t** buffer, std::size_t* size, std::size_t* most_records) {
  *buffer = static_cast<std::uint8_t*>(std::aligned_alloc(8, buffer_bytes));
  *size = *buffer == nullptr ? 0 : buffer_bytes;
  *most_records = 0;  // as many as fit
}

void buffer_full(CUcontext, std::uint32_t, std::uint8_t* buffer, std::size_t, std::size_t valid) {
  const std::scoped_lock<std::mutex> own(lock());
  CUpti_Activity* record = nullptr;
  while (cuptiActivityGetNextRecord(buffer, valid, &record) == CUPTI_SUCCESS) {
    if (record->kind != CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) continue;
    // NOLINTNEXTLINE: records begin alike, and `kind` says what one is
    const auto& kernel = *reinterpret_cast<const CUpti_ActivityKernel9*>(record);
    kernels().push_back({kernel.start, kernel.end, kernel.streamId, kernel.name == nullptr ? "?" : kernel.name});
  }
  std::free(buffer);
}

void write_down() {
  cuptiActivityFlushAll(1);
  const std::scoped_lock<std::mutex> own(lock());
  const char* const path = std::getenv("UGATIT_KERNEL_TIMES");
  std::vector<Kernel>& all = kernels();
  if (path == nullptr || all.empty()) return;
  std::ranges::sort(all, {}, &Kernel::start);
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path, "w"), &std::fclose);
  if (!file) {
    std::perror(path);
    return;
  }
  const std::size_t first = all.size() > most_kernels ? all.size() - most_kernels : 0;
  const auto microseconds = [](std::uint64_t nanoseconds) { return static_cast<double>(nanoseconds) / 1e3; };
  for (std::size_t i = first; i < all.size(); ++i) {
    const Kernel& kernel = all[i];
    std::fprintf(file.get(), "%.3f %.3f %u %s\n", microseconds(kernel.start - all[first].start),
                 microseconds(kernel.end - kernel.start), kernel.stream, kernel.name.c_str());
  }
}

}  // namespace

/// What CUDA calls when it loads the library. 1: it is ready.
extern "C" int InitializeInjection() {
  // Made before write_down is registered, so that they end after it.
  lock();
  kernels();
  if (cuptiActivityRegisterCallbacks(buffer_wanted, buffer_full) != CUPTI_SUCCESS) return 0;
  if (cuptiActivityEnable(CUPTI_ACTIVITY_KIND_CONCURRENT_KERNEL) != CUPTI_SUCCESS) return 0;
  return std::atexit(write_down) == 0 ? 1 : 0;
}
