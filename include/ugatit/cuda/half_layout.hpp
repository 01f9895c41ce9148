// Between this library's layout in float, [N, C, H, W], and what tensor cores read: bfloat16 in [N, H, W, C].
//
// The border is laid on while an image is packed. Weights [O, I, K, K] become [O, K, K, I].
#pragma once

#include <ugatit/core/bfloat16.hpp>
#include <ugatit/cuda/team.hpp>
#include <ugatit/ops/border.hpp>

namespace ugatit {

namespace halves {

/// x with its border -> [N, H + border, W + border, C]
template <LaunchesKernels D>
void pack(D& dev, PadGeometry g, View<const float> x, bfloat16* packed) {
  const Index height = x.height + g.both();
  const Index width = x.width + g.both();
  for_each(dev, x.batch * height * width * x.channels, [=] UGATIT_KERNEL(Index at) {
    const auto [pixel, c] = Cell(x.channels, at);
    const auto [n, within] = Cell(height * width, pixel);
    const auto [row, column] = Cell(width, within);
    const Index i = border_source(g.border, row - g.before(), x.height);
    const Index j = border_source(g.border, column - g.before(), x.width);
    packed[at] = to_bfloat16(i < 0 || j < 0 ? 0.0F : x.data[x.at(n, c, i, j)]);
  });
}

/// [N, H, W, C] -> y[n, c, i, j] = packed + b[c]; b may be null.
template <LaunchesKernels D>
void unpack(D& dev, const bfloat16* packed, const float* b, View<float> y) {
  for_each(dev, y.size(), [=] UGATIT_KERNEL(Index at) {
    const Place p(y, at);
    const float value = to_float(packed[((p.n * y.height + p.i) * y.width + p.j) * y.channels + p.c]);
    y.data[at] = b == nullptr ? value : value + b[p.c];
  });
}

/// [O, I, K·K] -> [O, K·K, I]
template <LaunchesKernels D>
void pack_weights(D& dev, Index outputs, Index inputs, Index window, const float* w, bfloat16* packed) {
  for_each(dev, outputs * inputs * window, [=] UGATIT_KERNEL(Index at) {
    const auto [row, i] = Cell(inputs, at);
    const auto [o, k] = Cell(window, row);
    packed[at] = to_bfloat16(w[(o * inputs + i) * window + k]);
  });
}

/// And back, added: dw += packed.
template <LaunchesKernels D>
void add_weights(D& dev, Index outputs, Index inputs, Index window, const bfloat16* packed, float* dw) {
  for_each(dev, outputs * inputs * window, [=] UGATIT_KERNEL(Index at) {
    const auto [row, k] = Cell(window, at);
    const auto [o, i] = Cell(inputs, row);
    dw[at] += to_float(packed[(o * window + k) * inputs + i]);
  });
}

}  // namespace halves

}  // namespace ugatit
