// Images of which channels are last, [N, H, W, C] with C a multiple of 8: a thread reads and writes eight channels of a
// pixel at once.
#pragma once

#include <ugatit/core/tensor.hpp>
#include <ugatit/cuda/map.hpp>

namespace ugatit {

/// A float as those images keep it.
template <ChannelsLast E>
constexpr E rounded_to(float x) {
  if constexpr (std::same_as<E, bfloat16>) {
    return to_bfloat16(x);
  } else {
    return {x};
  }
}

/// Two neighbouring channels of a pixel.
template <ChannelsLast E>
struct alignas(2 * sizeof(E)) Two {
  E first, second;
};

/// Both, rounded to the nearest, ties to even.
template <ChannelsLast E>
UGATIT_KERNEL Two<E> rounded(float first, float second) {
#if defined(__CUDA_ARCH__)
  if constexpr (std::same_as<E, bfloat16>) {
    std::uint32_t bits;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(second), "f"(first));
    return std::bit_cast<Two<E>>(bits);
  }
#endif
  return {rounded_to<E>(first), rounded_to<E>(second)};
}

/// Eight neighbouring channels of a pixel.
template <ChannelsLast E>
struct alignas(16) Eight {
  Two<E> of[4];

  /// Number k.
  UGATIT_KERNEL float at(int k) const { return to_float(k % 2 == 0 ? of[k / 2].first : of[k / 2].second); }
};

/// The same in float.
struct EightFloats {
  float of[8] = {};

  UGATIT_KERNEL float at(int k) const { return of[k]; }
};

/// value(k) for each k in [0, 8), rounded.
template <ChannelsLast E, class Value>
UGATIT_KERNEL Eight<E> eight(const Value& value) {
  Eight<E> all;
  for (int k = 0; k < 8; k += 2) all.of[k / 2] = rounded<E>(value(k), value(k + 1));
  return all;
}

/// An image of eights; their number is `image.size() / 8`.
template <ChannelsLast E>
const Eight<E>* eights(const E* image) {
  return reinterpret_cast<const Eight<E>*>(image);
}

/// The same, to be written.
template <ChannelsLast E>
Eight<E>* eights(E* image) {
  return reinterpret_cast<Eight<E>*>(image);
}

/// out[i] = value(i) for each of the eights of `size` numbers. value may read out[i] and nothing else that is written.
template <LaunchesKernels D, ChannelsLast E, class Value>
void map_eights(D& dev, Index size, E* out, const Value& value) {
  map(dev, size / 8, eights(out), value);
}

}  // namespace ugatit
