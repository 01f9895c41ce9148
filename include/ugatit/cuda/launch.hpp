// Kernels on a GPU, and the way between its memory and the host's.
#pragma once

#if !defined(__CUDACC__)
#error "operations on Cuda<T> are compiled by nvcc; link ugatit::cuda and make the source a CUDA one"
#endif

#include <ugatit/cuda/device.hpp>
#include <ugatit/cuda/team.hpp>

#include <algorithm>

namespace ugatit {

namespace gpu {

constexpr Index threads = 256;    // of a block that works on single numbers
constexpr Index most_team = 512;  // of a team, so that each may have 128 registers

template <class F>
__global__ void __launch_bounds__(threads, 4) call_for_each(Index count, F f) {
  const Index stride = static_cast<Index>(gridDim.x) * threads;
  for (Index i = static_cast<Index>(blockIdx.x) * threads + threadIdx.x; i < count; i += stride) f(i);
}

template <class F>
__global__ void __launch_bounds__(most_team) call_for_each_team(Index teams, F f) {
  for (Index t = blockIdx.x; t < teams; t += gridDim.x) f(Team{}, t);
}

inline unsigned blocks_for(Index count) {
  constexpr Index most_blocks = Index{1} << 30U;
  return static_cast<unsigned>(std::min(count, most_blocks));
}

// What Place and Cell count with has 32 bits.
inline void require_countable(Index count) {
  if (count < Index{1} << 32U) return;
  throw Error("one operation on " + std::to_string(count) + " numbers is more than a GPU is given here (2^32); " +
              "use smaller images, a smaller batch or the light model");
}

// Of a team: a thread for every 8 numbers, in whole warps.
inline unsigned team_size(Index length) {
  return static_cast<unsigned>(std::clamp<Index>((length / 8 + 31) / 32 * 32, 32, most_team));
}

}  // namespace gpu

template <class T, class F>
void for_each(Cuda<T>& dev, Index count, const F& f) {
  if (count <= 0) return;
  gpu::require_countable(count);
  const unsigned blocks = gpu::blocks_for((count + gpu::threads - 1) / gpu::threads);
  gpu::call_for_each<<<blocks, static_cast<unsigned>(gpu::threads), 0, dev.stream()>>>(count, f);
  UGATIT_CHECK(cudaGetLastError());
}

template <class T, class F>
void for_each_team(Cuda<T>& dev, Index teams, Index length, const F& f) {
  if (teams <= 0) return;
  gpu::require_countable(teams);
  gpu::require_countable(length);
  gpu::call_for_each_team<<<gpu::blocks_for(teams), gpu::team_size(length), 0, dev.stream()>>>(teams, f);
  UGATIT_CHECK(cudaGetLastError());
}

/// The host's memory may be used again when it returns.
template <class T, class Number>
void copy_from_host(Cuda<T>& dev, Index size, const Number* in, Number* out) {
  const auto bytes = static_cast<std::size_t>(size) * sizeof(Number);
  UGATIT_CHECK(cudaMemcpyAsync(out, in, bytes, cudaMemcpyHostToDevice, dev.stream()));
  UGATIT_CHECK(cudaStreamSynchronize(dev.stream()));
}

template <class T, class Number>
void copy_to_host(Cuda<T>& dev, Index size, const Number* in, Number* out) {
  const auto bytes = static_cast<std::size_t>(size) * sizeof(Number);
  UGATIT_CHECK(cudaMemcpyAsync(out, in, bytes, cudaMemcpyDeviceToHost, dev.stream()));
  UGATIT_CHECK(cudaStreamSynchronize(dev.stream()));
}

}  // namespace ugatit
