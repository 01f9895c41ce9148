// Where chunks of a GPU's arena come from.
#pragma once

#include <ugatit/core/arena.hpp>
#include <ugatit/cuda/check.hpp>

namespace ugatit {

/// Memory of the GPU that is current when the chunk is taken. The host cannot touch it.
struct DeviceMemory {
  static constexpr std::size_t alignment = 256;    ///< of every block, in bytes: what cudaMalloc gives, and cuDNN likes
  static constexpr std::size_t page = 2UL << 20U;  ///< cudaMalloc takes whole ones, so an arena uses all of them

  /// A chunk of memory; throws `std::bad_alloc`.
  static std::byte* take(std::size_t bytes) {
    void* memory = nullptr;
    const cudaError_t status = cudaMalloc(&memory, bytes);
    if (status == cudaErrorMemoryAllocation) {
      cudaGetLastError();  // it is reported; the next call must not find it again
      throw std::bad_alloc();
    }
    check(status, "cudaMalloc");
    return static_cast<std::byte*>(memory);
  }
  /// Returns what `take` gave.
  static void give_back(std::byte* chunk) { cudaFree(chunk); }
};

}  // namespace ugatit
