// Convolution in bfloat16 with sums in float: tiles are read straight from the packed image, every tap a shift.
//
//   y   correlates the image with the kernel
//   dx  likewise dy with the kernel turned round; with a stride, each phase of the image with the taps that meet it
//   dw  sums over the pixels of a row, for each tap
// The border is laid on while an image is packed. A block of a result is the work of one thread, so the result does not
// depend on the number of threads.
#pragma once

#include <ugatit/cpu/conv2d_columns.hpp>
#include <ugatit/cpu/pad.hpp>
#include <ugatit/cpu/tile_packing.hpp>
#include <ugatit/ops/conv2d.hpp>

#include <algorithm>

namespace ugatit::tiles {

/// Taps of a kernel's row to fold into the channels: all where few channels would leave most of a step empty.
inline Index taps_to_fold(Index channels, Index taps) {
  return channels * taps <= in_block ? taps : 1;
}

/// The pixels of a result that a correlation writes: (row + i·step, column + j·step).
struct Target {
  View<float> y;
  Index row, column, step;

  Index rows() const { return (y.height - row + step - 1) / step; }
  Index columns() const { return (y.width - column + step - 1) / step; }
};

/// y[o, i, j] = b[o] + Σ_{c,p,q} k[o,c,p,q] · image[c, i·stride + row + p, j·stride + column + q], where rows and
/// columns of the image are counted from the first one packed.
/// `weights` are k's, packed.
inline void correlate(Cpu<float>& dev, Unit unit, const Kernel& k, const Numbers& weights, const PackedImage<2>& image,
                      Index fold, Index stride, Index row, Index column, const float* b, const Target& target) {
  const Index taps_across = fold > 1 ? 1 : k.columns;
  const Index taps = k.rows * taps_across;
  const Index in_blocks = image.channels() / in_block;
  const Index steps = in_blocks * taps;
  const Offsets of_weights(dev, steps);
  const Offsets of_pixels(dev, steps);
  for (Index c = 0, s = 0; c < in_blocks; ++c) {
    for (Index p = 0; p < k.rows; ++p) {
      for (Index q = 0; q < taps_across; ++q, ++s) {
        of_weights[s] = s * tile_size;
        of_pixels[s] = p * image.row_size() + c * in_block * image.channel_size() + image.tap(column + q);
      }
    }
  }
  const Index rows = target.rows();
  const Index columns = target.columns();
  const Index out_blocks = (k.out + two_tiles - 1) / two_tiles;
  const Index strip = std::max<Index>(1, rows / 8);
  const Index strips = (rows + strip - 1) / strip;
  dev.pool().run(target.y.batch * out_blocks * strips, [&](Index task, int) {
    const Session session(unit, in_block);
    const Index n = task / (out_blocks * strips);
    const Index o = task / strips % out_blocks * two_tiles;
    const Index begin = task % strips * strip;
    const Operand left{weights.data() + o / side * steps * tile_size, in_block, steps * tile_size, of_weights.data()};
    Product product{steps, in_block, o + side < k.out, true};
    alignas(64) float c[result_size];
    for (Index i = begin; i < std::min(begin + strip, rows); ++i) {
      for (Index j = 0; j < columns; j += two_tiles) {
        product.two_columns = j + side < columns;
        std::fill_n(c, result_size, 0.0F);
        const Operand right{image.row(n, i * stride + row) + 2 * j, 2 * image.channel_size(), 2 * side,
                            of_pixels.data()};
        multiply(unit, product, left, right, c);
        for (Index r = 0; r < std::min(two_tiles, k.out - o); ++r) {
          const float bias = b == nullptr ? 0.0F : b[o + r];
          float* const to = target.y.data + n * target.y.image() + (o + r) * target.y.area() +
                            (target.row + i * target.step) * target.y.width + target.column + j * target.step;
          for (Index half = 0; half < 2; ++half) {
            const float* const from = c + (r / side * 2 + half) * side * side + r % side * side;
            const Index count = std::clamp<Index>(columns - j - half * side, 0, side);
            float* const place = to + half * side * target.step;
            if (target.step == 1) {
              for (Index l = 0; l < count; ++l) place[l] = from[l] + bias;
            } else {
              for (Index l = 0; l < count; ++l) place[l * target.step] = from[l] + bias;
            }
          }
        }
      }
    }
  });
}

constexpr PadGeometry no_border{0, Border::zero};

/// y = conv(pad(x), w) + b
inline void forward(Cpu<float>& dev, Unit unit, const Conv2dGeometry& g, View<const float> x, const float* w,
                    const float* b, View<float> y) {
  if (suits_columns(g, y.extent())) {
    return forward_by_columns(dev, unit, g, Padded<float>(dev, g.pad, x).view(), w, b, y);
  }
  const Index fold = taps_to_fold(g.in_channels, g.kernel);
  const Index rows = (y.height - 1) * g.stride + g.kernel;
  const Index columns = round_up(y.width, two_tiles) + (fold > 1 ? 0 : (g.kernel - 1) / g.stride);
  const PackedImage<2> image(dev, x, {g.pad, 0, 0, rows, columns, g.stride, fold});
  const Index square = g.kernel * g.kernel;
  const Kernel kernel{w, g.out_channels, g.in_channels, g.kernel, g.kernel, g.taps(), square, 0, g.kernel, 1};
  const Numbers weights(
      dev.held_weights().form(w, WeightForm::tiles, 0, [&] { return pack_weights(dev, kernel, fold).memory(); }));
  correlate(dev, unit, kernel, weights, image, fold, g.stride, 0, 0, b, {y, 0, 0, 1});
}

/// The gradient of the padded image; `padded` is overwritten. Phase (a, b) of it meets the taps a, a + stride, …:
///   dx[s·i + a, s·j + b] = Σ_{o,p,q} w[o, c, a + s·p, b + s·q] dy[o, i − p, j − q]
inline void backward_input(Cpu<float>& dev, Unit unit, const Conv2dGeometry& g, View<const float> dy, const float* w,
                           View<float> padded) {
  if (suits_columns(g, dy.extent())) return input_by_columns(dev, unit, g, dy, w, padded);
  const Index s = g.stride;
  const Index square = g.kernel * g.kernel;
  const Index reach = (g.kernel - 1) / s;  // the farthest pixel of dy that meets one of dx
  const Index fold = s == 1 ? taps_to_fold(g.out_channels, g.kernel) : 1;
  const Index rows = (padded.height + s - 1) / s + reach;
  const Index columns = round_up((padded.width + s - 1) / s, two_tiles) + (fold > 1 ? 0 : reach);
  const PackedImage<2> image(dev, dy, {no_border, -reach, -reach, rows, columns, 1, fold});
  for (Index a = 0; a < s; ++a) {
    for (Index b = 0; b < s; ++b) {
      const Index down = (g.kernel - a + s - 1) / s;
      const Index across = (g.kernel - b + s - 1) / s;
      const Index last = (a + s * (down - 1)) * g.kernel + b + s * (across - 1);
      const Kernel turned{w, g.in_channels, g.out_channels, down, across, square, g.taps(), last, -s * g.kernel, -s};
      correlate(dev, unit, turned, pack_weights(dev, turned, fold), image, fold, 1, reach - (down - 1),
                reach - (across - 1), nullptr, {padded, a, b, s});
    }
  }
}

/// dw += the gradient of the weights, [32 inputs × 32 outputs] of every tap at a time.
inline void backward_weight(Cpu<float>& dev, Unit unit, const Conv2dGeometry& g, View<const float> x,
                            View<const float> dy, float* dw) {
  if (suits_columns(g, dy.extent())) {
    return weight_by_columns(dev, unit, g, Padded<float>(dev, g.pad, x).view(), dy, dw);
  }
  const Index fold = taps_to_fold(g.in_channels, g.kernel);
  const Index taps_across = fold > 1 ? 1 : g.kernel;
  const Index taps = g.kernel * taps_across;
  const Index depth = std::min<Index>(in_block, round_up(dy.width, 2));
  const PackedPixels gradient(dev, dy, depth);
  const Index columns = gradient.blocks() * depth + (fold > 1 ? 0 : (g.kernel - 1) / g.stride);
  const PackedImage<1> image(dev, x, {g.pad, 0, 0, (dy.height - 1) * g.stride + g.kernel, columns, g.stride, fold});

  // Rows of a strip: what they read stays in the first-level cache while all taps look at it.
  const Index strip = std::clamp<Index>(8 / gradient.blocks(), 1, dy.height);
  const Offsets of_image(dev, strip * gradient.blocks());
  const Offsets of_gradient(dev, strip * gradient.blocks());
  for (Index i = 0, s = 0; i < strip; ++i) {
    for (Index block = 0; block < gradient.blocks(); ++block, ++s) {
      of_image[s] = i * g.stride * image.row_size() + block * depth;
      of_gradient[s] = i * gradient.row_size() + block * gradient.block_size();
    }
  }
  const Index inputs = g.in_channels * fold;
  const Index out_blocks = (g.out_channels + two_tiles - 1) / two_tiles;
  const Index in_blocks = (inputs + in_block - 1) / in_block;
  dev.reserve_scratch(taps * result_size);
  dev.pool().run(out_blocks * in_blocks, [&](Index task, int thread) {
    const Session session(unit, depth);
    const Index o = task / in_blocks * two_tiles;
    const Index first = task % in_blocks * in_block;
    float* const sums = dev.scratch(thread);
    std::fill_n(sums, taps * result_size, 0.0F);
    for (Index n = 0; n < dy.batch; ++n) {
      for (Index i = 0; i < dy.height; i += strip) {
        const Product product{std::min(strip, dy.height - i) * gradient.blocks(), depth, first + side < inputs,
                              o + side < g.out_channels};
        const Operand right{gradient.row(n, i) + o / side * gradient.tile_size(), 2 * side, gradient.tile_size(),
                            of_gradient.data()};
        for (Index t = 0; t < taps; ++t) {
          const bfloat16* const seen =
              image.row(n, i * g.stride + t / taps_across) + first * image.channel_size() + image.tap(t % taps_across);
          const Operand left{seen, image.channel_size(), side * image.channel_size(), of_image.data()};
          multiply(unit, product, left, right, sums + t * result_size);
        }
      }
    }
    for (Index i = 0; i < std::min(in_block, inputs - first); ++i) {
      for (Index r = 0; r < std::min(two_tiles, g.out_channels - o); ++r) {
        const float* const from = sums + (i / side * 2 + r / side) * side * side + i % side * side + r % side;
        // Taps of a row that were folded are channels here, in the same order.
        float* const to = dw + (o + r) * g.taps() + (first + i) / fold * g.kernel * g.kernel + (first + i) % fold;
        for (Index t = 0; t < taps; ++t) to[fold > 1 ? t * g.kernel : t] += from[t * result_size];
      }
    }
  });
}

}  // namespace ugatit::tiles
