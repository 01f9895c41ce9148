// Convolutions from or to an image of few channels, as ones that tensor cores have: the columns of the window become
// channels, so that 3 × 7 of them and three of zeros are 24, and the window that is left is one pixel wide.
//
//   from few:  x'[n, r, j, l·C + c] = pad(x)[n, c, r, s·j + l],   w'[o, k, l·C + c] = w[o, c, k, l]
//              y[n, o, i, j] = Σ_{k,f} w'[o, k, f] x'[n, s·i + k, j, f]
//   to few:    w'[l·O + o, k, c] = w[o, c, k, l],   z[n, f, i, q] = Σ_{c,k} w'[f, k, c] pad(x)[n, c, i + k, q]
//              y[n, o, i, j] = b[o] + Σ_l z[n, l·O + o, i, j + l],   for s = 1
//
// All of x', w', z is for tensor cores, with channels last.
#pragma once

#include <ugatit/cuda/pad.hpp>
#include <ugatit/ops/conv2d.hpp>

namespace ugatit {

namespace folded {

/// Channels of the folded image: `kernel` columns of `few`, and zeros up to a multiple of eight.
constexpr Index channels(Index kernel, Index few) {
  return (kernel * few + 7) / 8 * 8;
}

/// The same of a result: a multiple of 64. For 24 outputs cuDNN has no kernel on tensor cores, and 32 are no faster.
constexpr Index outputs(Index kernel, Index few) {
  return (kernel * few + 63) / 64 * 64;
}

/// Whether a convolution from few channels can be folded.
constexpr bool from_few(const Conv2dGeometry& g) {
  return g.pad.border != Border::replicate;
}

/// Whether one to few can.
constexpr bool to_few(const Conv2dGeometry& g) {
  return g.stride == 1;
}

/// Which column and which of the few channels a channel of a folded image is; beyond the last, `column` is `kernel` or
/// more.
struct Source {
  int column, channel;

  UGATIT_KERNEL Source(Index few, Index folded)
      : column(static_cast<int>(static_cast<unsigned>(folded) / static_cast<unsigned>(few))),
        channel(static_cast<int>(static_cast<unsigned>(folded) % static_cast<unsigned>(few))) {}

  /// To the next channel of the folded image.
  UGATIT_KERNEL void advance(Index few) {
    if (++channel < few) return;
    channel = 0;
    ++column;
  }
};

/// x -> x', [N, H + border, `width`, F] for `width` columns of y.
template <LaunchesKernels D, ChannelsLast E>
void spread_image(D& dev, const Conv2dGeometry& geometry, View<const float> x, Index width, E* spread) {
  const Conv2dGeometry g = geometry;
  const Index columns = channels(g.kernel, x.channels) / 8;
  const Index height = x.height + g.pad.both();
  Eight<E>* const to = eights(spread);
  for_each(dev, x.batch * height * width * columns, [=] UGATIT_KERNEL(Index at) {
    const Cell p(columns, at);
    const Cell pixel(width, p.row);
    const Cell line(height, pixel.row);
    const Index i = border_source(g.pad.border, line.column - g.pad.before(), x.height);
    const Index left = pixel.column * g.stride - g.pad.before();
    Source source(x.channels, 8 * p.column);
    float values[8];
    for (int k = 0; k < 8; ++k) {
      const Index j = border_source(g.pad.border, left + source.column, x.width);
      const bool inside = source.column < g.kernel && i >= 0 && j >= 0;
      values[k] = inside ? x.data[x.at(line.row, source.channel, i, j)] : 0.0F;
      source.advance(x.channels);
    }
    to[at] = eight<E>([&](int k) { return values[k]; });
  });
}

/// dx' -> dx
template <LaunchesKernels D, ChannelsLast E>
void gather_image(D& dev, const Conv2dGeometry& geometry, const E* spread, Index width, View<float> dx) {
  const Conv2dGeometry g = geometry;
  const pad::Readers readers(g.pad, dx.height, dx.width);
  const Index all = channels(g.kernel, dx.channels);
  const Index height = dx.height + g.pad.both();
  const Index padded_width = dx.width + g.pad.both();
  for_each(dev, dx.size(), [=] UGATIT_KERNEL(Index at) {
    const auto [plane, pixel] = Cell(dx.area(), at);
    const auto [n, c] = Cell(dx.channels, plane);
    const E* const from = spread + n * height * width * all + c;
    float sum = 0;
    const auto take = [&](int place) {
      const Cell p(padded_width, place);
      for (Index l = 0; l < g.kernel && l <= p.column; ++l) {
        const Cell window(g.stride, p.column - l);
        if (window.column != 0 || window.row >= width) continue;
        sum += to_float(from[(p.row * width + window.row) * all + l * dx.channels]);
      }
    };
    take(readers.own(static_cast<int>(pixel)));
    readers.each_other(static_cast<int>(pixel), take);
    dx.data[at] = sum;
  });
}

/// A weight; zero for columns beyond the window.
UGATIT_KERNEL inline float tap(const View<const float>& w, Index o, Index c, Index row, Index column) {
  return column < w.width ? w.data[w.at(o, c, row, column)] : 0.0F;
}

/// w -> w' of a convolution from few channels, [O, K, F].
template <LaunchesKernels D, ChannelsLast E>
void pack_weights_from_few(D& dev, const Conv2dGeometry& geometry, const float* w, E* packed) {
  const Conv2dGeometry g = geometry;
  const Index all = channels(g.kernel, g.in_channels);
  const View<const float> weights{w, g.out_channels, g.in_channels, g.kernel, g.kernel};
  for_each(dev, g.out_channels * g.kernel * all, [=] UGATIT_KERNEL(Index at) {
    const Cell place(all, at);
    const Cell row(g.kernel, place.row);
    const Source of(g.in_channels, place.column);
    packed[at] = rounded_to<E>(tap(weights, row.row, of.channel, row.column, of.column));
  });
}

/// dw += dw'
template <LaunchesKernels D, ChannelsLast E>
void add_weights_from_few(D& dev, const Conv2dGeometry& geometry, const E* packed, float* dw) {
  const Conv2dGeometry g = geometry;
  const Index all = channels(g.kernel, g.in_channels);
  const View<float> weights{dw, g.out_channels, g.in_channels, g.kernel, g.kernel};
  for_each(dev, weights.size(), [=] UGATIT_KERNEL(Index at) {
    const Place p(weights, at);
    dw[at] += to_float(packed[(p.n * g.kernel + p.i) * all + p.j * g.in_channels + p.c]);
  });
}

/// w -> w' of a convolution to few channels, [F, K, C].
template <LaunchesKernels D, ChannelsLast E>
void pack_weights_to_few(D& dev, const Conv2dGeometry& geometry, const float* w, E* packed) {
  const Conv2dGeometry g = geometry;
  const Index all = outputs(g.kernel, g.out_channels);
  const View<const float> weights{w, g.out_channels, g.in_channels, g.kernel, g.kernel};
  for_each(dev, all * g.kernel * g.in_channels, [=] UGATIT_KERNEL(Index at) {
    const Cell place(g.in_channels, at);
    const Cell row(g.kernel, place.row);
    const Source of(g.out_channels, row.row);
    packed[at] = rounded_to<E>(tap(weights, of.channel, place.column, row.column, of.column));
  });
}

/// dw += dw'
template <LaunchesKernels D, ChannelsLast E>
void add_weights_to_few(D& dev, const Conv2dGeometry& geometry, const E* packed, float* dw) {
  const Conv2dGeometry g = geometry;
  const View<float> weights{dw, g.out_channels, g.in_channels, g.kernel, g.kernel};
  for_each(dev, weights.size(), [=] UGATIT_KERNEL(Index at) {
    const Place p(weights, at);
    dw[at] += to_float(packed[((p.j * g.out_channels + p.n) * g.kernel + p.i) * g.in_channels + p.c]);
  });
}

/// z, [N, H, W + K − 1, F] -> y; b may be null.
template <LaunchesKernels D, ChannelsLast E>
void collect(D& dev, Index kernel, const E* z, const float* b, View<float> y) {
  const Index all = outputs(kernel, y.channels);
  const Index width = y.width + kernel - 1;
  for_each(dev, y.size(), [=] UGATIT_KERNEL(Index at) {
    const Place p(y, at);
    const E* const from = z + ((p.n * y.height + p.i) * width + p.j) * all + p.c;
    float sum = b == nullptr ? 0.0F : b[p.c];
    for (Index l = 0; l < kernel; ++l) sum += to_float(from[l * (all + y.channels)]);
    y.data[at] = sum;
  });
}

/// dy -> dz
template <LaunchesKernels D, ChannelsLast E>
void distribute(D& dev, Index kernel, View<const float> dy, E* dz) {
  const Index columns = outputs(kernel, dy.channels) / 8;
  const Index width = dy.width + kernel - 1;
  Eight<E>* const to = eights(dz);
  for_each(dev, dy.batch * dy.height * width * columns, [=] UGATIT_KERNEL(Index at) {
    const Cell p(columns, at);
    const Cell pixel(width, p.row);
    const Cell line(dy.height, pixel.row);
    Source source(dy.channels, 8 * p.column);
    float values[8];
    for (int k = 0; k < 8; ++k) {
      const Index j = pixel.column - source.column;
      const bool inside = source.column < kernel && j >= 0 && j < dy.width;
      values[k] = inside ? dy.data[dy.at(line.row, source.channel, line.column, j)] : 0.0F;
      source.advance(dy.channels);
    }
    to[at] = eight<E>([&](int k) { return values[k]; });
  });
}

}  // namespace folded

}  // namespace ugatit
