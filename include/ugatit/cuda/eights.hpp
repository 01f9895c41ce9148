// Images in bfloat16, [N, H, W, C] with C a multiple of 8: a thread reads and writes eight channels of a pixel at once.
#pragma once

#include <ugatit/core/bfloat16.hpp>
#include <ugatit/cuda/map.hpp>

namespace ugatit {

/// Two neighbouring channels of a pixel.
struct alignas(4) Two {
  bfloat16 first, second;
};

/// Both, rounded to the nearest, ties to even.
UGATIT_KERNEL inline Two rounded(float first, float second) {
#if defined(__CUDA_ARCH__)
  std::uint32_t bits;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(bits) : "f"(second), "f"(first));
  return std::bit_cast<Two>(bits);
#else
  return {to_bfloat16(first), to_bfloat16(second)};
#endif
}

/// Eight neighbouring channels of a pixel.
struct alignas(16) Eight {
  Two of[4];

  /// Number k.
  UGATIT_KERNEL float at(int k) const { return to_float(k % 2 == 0 ? of[k / 2].first : of[k / 2].second); }
};

/// value(k) for each k in [0, 8), rounded.
template <class Value>
UGATIT_KERNEL Eight eight(const Value& value) {
  Eight all;
  for (int k = 0; k < 8; k += 2) all.of[k / 2] = rounded(value(k), value(k + 1));
  return all;
}

/// An image of eights; their number is `image.size() / 8`.
inline const Eight* eights(const bfloat16* image) {
  return reinterpret_cast<const Eight*>(image);
}

/// The same, to be written.
inline Eight* eights(bfloat16* image) {
  return reinterpret_cast<Eight*>(image);
}

/// out[i] = value(i) for each of the eights of `size` numbers. value may read out[i] and nothing else that is written.
template <LaunchesKernels D, class Value>
void map_eights(D& dev, Index size, bfloat16* out, const Value& value) {
  map(dev, size / 8, eights(out), value);
}

}  // namespace ugatit
