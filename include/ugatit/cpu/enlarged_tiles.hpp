// ops/enlarged_conv2d.hpp in bfloat16: 4/9 of the multiplications, and the small image is all that is packed.
//
// A pixel of the result sees two pixels of the small image in each direction, with taps that are sums of the kernel's:
//
//   even:  w0 x[i − 1] + (w1 + w2) x[i]          odd:  (w0 + w1) x[i] + w2 x[i + 1]
//
// So forward is a 2×2 convolution for each of four phases, and backward is one 4×4 convolution of dy with stride 2,
// with the taps (w2, w1 + w2, w0 + w1, w0), to the small image with a border of 1 that repeats its edge.
#pragma once

#include <ugatit/cpu/conv2d_tiles.hpp>

#include <array>
#include <cstddef>

namespace ugatit::tiles {

constexpr PadGeometry border_of_small{1, Border::replicate};

/// The taps of the 4×4 kernel that tap 0, 1 and 2 are part of, the first of each.
constexpr std::array<Index, 3> first_of_tap{2, 1, 0};

/// Sums of taps: adds each of the 3×3 to the two times two of the 4×4 that it is part of.
inline std::array<float, 16> sums_of_taps(const float* w) {
  std::array<float, 16> sums{};
  for (std::size_t t = 0; t < 9; ++t) {
    const Index row = first_of_tap[t / 3];
    const Index column = first_of_tap[t % 3];
    for (Index i = row; i < row + 2; ++i) {
      for (Index j = column; j < column + 2; ++j) sums[static_cast<std::size_t>(4 * i + j)] += w[t];
    }
  }
  return sums;
}

/// Taps [out, in, 2, 2].
inline Kernel phase_kernel(const Conv2dGeometry& g, const float* taps) {
  return {taps, g.out_channels, g.in_channels, 2, 2, 4 * g.in_channels, 4, 0, 2, 1};
}

/// The 2×2 kernels of one phase, as tiles read them.
inline Numbers pack_phase(Cpu<float>& dev, const Conv2dGeometry& g, const float* w, Index phase) {
  const Buffer<Cpu<float>> taps(dev.arena(), 4 * g.out_channels * g.in_channels);  // [out, in, 2, 2]
  dev.pool().run(g.out_channels, [&](Index o, int) {
    for (Index pair = o * g.in_channels; pair < (o + 1) * g.in_channels; ++pair) {
      const std::array<float, 16> sums = sums_of_taps(w + 9 * pair);
      for (Index tap = 0; tap < 4; ++tap) {
        // Even pixels have the taps 3 and 1 of the four, odd ones 2 and 0.
        const Index row = 3 - phase / 2 - 2 * (tap / 2);
        const Index column = 3 - phase % 2 - 2 * (tap % 2);
        taps.data()[4 * pair + tap] = sums[static_cast<std::size_t>(4 * row + column)];
      }
    }
  });
  return pack_weights(dev, phase_kernel(g, taps.data()), 1);
}

/// y = conv(enlarged(x), w) + b
inline void forward_enlarged(Cpu<float>& dev, Unit unit, const Conv2dGeometry& g, View<const float> x, const float* w,
                             const float* b, View<float> y) {
  const PackedImage<2> image(dev, x, {border_of_small, 0, 0, x.height + 2, round_up(x.width, two_tiles) + 2, 1, 1});
  for (int phase = 0; phase < 4; ++phase) {
    const Numbers weights(dev.held_weights().form(w, WeightForm::enlarged_tiles, phase,
                                                  [&] { return pack_phase(dev, g, w, phase).memory(); }));
    correlate(dev, unit, phase_kernel(g, nullptr), weights, image, 1, 1, phase / 2, phase % 2, b,
              {y, phase / 2, phase % 2, 2});
  }
}

/// From dy to the small image with its border.
inline Conv2dGeometry back_to_small(const Conv2dGeometry& g) {
  return {g.out_channels, g.in_channels, 4, 2, {3, Border::zero}};
}

/// The gradient of the small image; dx is overwritten.
inline void backward_input_enlarged(Cpu<float>& dev, Unit unit, const Conv2dGeometry& g, View<const float> dy,
                                    const float* w, View<float> dx) {
  const Buffer<Cpu<float>> kernel(dev.arena(), 16 * g.out_channels * g.in_channels);  // [in, out, 4, 4]
  dev.pool().run(g.in_channels, [&](Index c, int) {
    for (Index o = 0; o < g.out_channels; ++o) {
      const std::array<float, 16> sums = sums_of_taps(w + 9 * (o * g.in_channels + c));
      std::copy_n(sums.begin(), 16, kernel.data() + 16 * (c * g.out_channels + o));
    }
  });
  View<float> padded{nullptr, dx.batch, dx.channels, dx.height + 2, dx.width + 2};
  const Buffer<Cpu<float>> memory(dev.arena(), padded.size());
  padded.data = memory.data();
  forward(dev, unit, back_to_small(g), dy, kernel.data(), nullptr, padded);
  pad_backward<float>(dev, border_of_small, padded, dx);
}

/// dw += the gradient of the weights.
inline void backward_weight_enlarged(Cpu<float>& dev, Unit unit, const Conv2dGeometry& g, View<const float> x,
                                     View<const float> dy, float* dw) {
  const Buffer<Cpu<float>> sums(dev.arena(), 16 * g.out_channels * g.in_channels);  // [in, out, 4, 4]
  fill(dev, sums.size(), 0.0F, sums.data());
  backward_weight(dev, unit, back_to_small(g), dy, Padded<float>(dev, border_of_small, x).view(), sums.data());
  dev.pool().run(g.out_channels, [&](Index o, int) {
    for (Index c = 0; c < g.in_channels; ++c) {
      const float* const from = sums.data() + 16 * (c * g.out_channels + o);
      float* const to = dw + 9 * (o * g.in_channels + c);
      for (std::size_t t = 0; t < 9; ++t) {
        const float* const corner = from + 4 * first_of_tap[t / 3] + first_of_tap[t % 3];
        to[t] += corner[0] + corner[1] + corner[4] + corner[5];
      }
    }
  });
}

}  // namespace ugatit::tiles
