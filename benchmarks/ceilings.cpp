#include "ceilings.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

namespace ugatit {

namespace {

// The fastest of several tries of f(thread) on all threads of a device, each of which does that much: as a rate.
template <class F>
double fastest_on_all(Cpu<float>& dev, double amount, const F& f) {
  constexpr int tries = 8;
  const Index threads = dev.pool().size();
  double best = 0;
  for (int i = 0; i < tries; ++i) {
    const auto start = std::chrono::steady_clock::now();
    dev.pool().run(threads, [&](Index thread, int) { f(thread); });
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    best = std::max(best, static_cast<double>(threads) * amount / seconds.count());
  }
  return best;
}

// Sums in as many registers as there are numbers I, each added to in every step.
template <Index... I>
void multiply_and_add(int steps, std::integer_sequence<Index, I...>) {
  using namespace Eigen::internal;
  using Packet = gemm::Tile<float>::Packet;
  Packet sums[] = {((void)I, pset1<Packet>(0))...};
  auto factor = pset1<Packet>(0.5F);
  benchmark::DoNotOptimize(factor);
  for (int step = 0; step < steps; ++step) ((sums[I] = pmadd(sums[I], factor, factor)), ...);
  float result = 0;
  for (const Packet& sum : sums) result += predux(sum);
  benchmark::DoNotOptimize(result);
}

}  // namespace

double most_flop(Cpu<float>& dev) {
  // Enough sums that none waits for its last addition, and few enough for the registers.
  constexpr Index sums = 2 * gemm::Tile<float>::rows;
  constexpr int steps = 1 << 20;
  return fastest_on_all(dev, 2.0 * steps * sums * gemm::Tile<float>::lanes,
                        [](Index) { multiply_and_add(steps, std::make_integer_sequence<Index, sums>{}); });
}

double most_bytes(Cpu<float>& dev) {
  constexpr std::size_t size = std::size_t{1} << 26U;
  const std::vector<char> from(size, 1);
  std::vector<std::vector<char>> to(static_cast<std::size_t>(dev.pool().size()), from);
  return fastest_on_all(dev, 2.0 * size, [&](Index thread) {
    std::memcpy(to[static_cast<std::size_t>(thread)].data(), from.data(), size);
    benchmark::ClobberMemory();
  });
}

}  // namespace ugatit
