// Convolution in bfloat16 where weights by far outnumber pixels, as in a discriminator's last layers: the image is
// laid out as columns (im2col), and the weights stay in their own order, are read once and rounded on the way.
//
//   y[o, p] = b[o] + Σ_t W[o, t] X[t, p]      X̄[p, t] = Σ_o dy[o, p] W[o, t]      dW[o, t] += Σ_p dy[o, p] X[t, p]
//
// with t = (c, k, l) as weights lie in memory, p the pixels of the whole batch, and dx the sum of X̄ over the places
// that columns were taken from. Images need no padding any more.
#pragma once

#include <ugatit/cpu/tile_packing.hpp>
#include <ugatit/ops/conv2d.hpp>

#include <algorithm>

namespace ugatit::tiles {

/// Whether columns suit: more weights than a cache holds, few pixels.
inline bool suits_columns(const Conv2dGeometry& g, const Extent& out) {
  constexpr Index many_weights = Index{1} << 20U;
  constexpr Index few_pixels = 256;
  return g.out_channels * g.taps() >= many_weights && out.batch * out.area() <= few_pixels;
}

/// Where taps and pixels read in a padded image: tap t of pixel p at data[tap[t] + pixel[p]].
class Columns {
 public:
  Columns(Cpu<float>& dev, const Conv2dGeometry& g, const View<const float>& image, const Extent& out)
      : taps_(dev, g.taps()), pixels_(dev, out.batch * out.area()) {
    Index t = 0;
    for (Index c = 0; c < g.in_channels; ++c) {
      for (Index k = 0; k < g.kernel; ++k) {
        for (Index l = 0; l < g.kernel; ++l) taps_[t++] = (c * image.height + k) * image.width + l;
      }
    }
    Index p = 0;
    for (Index n = 0; n < out.batch; ++n) {
      for (Index i = 0; i < out.height; ++i) {
        for (Index j = 0; j < out.width; ++j) pixels_[p++] = n * image.image() + (i * image.width + j) * g.stride;
      }
    }
  }
  Index tap(Index t) const { return taps_[t]; }
  Index pixel(Index p) const { return pixels_[p]; }

 private:
  Offsets taps_;
  Offsets pixels_;
};

/// A number of the gradient, [batch, channels, height, width], by its channel and its pixel of the whole batch.
struct GradientAt {
  View<const float> dy;
  float operator()(Index channel, Index p) const {
    return dy.data[(p / dy.area() * dy.channels + channel) * dy.area() + p % dy.area()];
  }
};

/// A matrix as left operands, [block of 16 rows, block of 32 columns, 16, 32], zero beyond its end.
template <class At>
Numbers pack_left(Cpu<float>& dev, Index rows, Index columns, const At& at) {
  const Index blocks = round_up(columns, in_block);
  Numbers packed(dev, round_up(rows, side) * blocks);
  dev.pool().run(round_up(rows, side) / side, [&](Index block, int) {
    bfloat16* to = packed.data() + block * side * blocks;
    for (Index first = 0; first < columns; first += in_block) {
      for (Index i = block * side; i < (block + 1) * side; ++i) {
        for (Index j = first; j < first + in_block; ++j) {
          *to++ = i < rows && j < columns ? to_bfloat16(at(i, j)) : bfloat16{};
        }
      }
    }
  });
  return packed;
}

/// A matrix as right operands, [block of 32 rows, block of 16 columns, 16, 16, 2], zero beyond its end; blocks of
/// columns come in pairs.
template <class At>
Numbers pack_right(Cpu<float>& dev, Index rows, Index columns, const At& at) {
  const Index wide = round_up(columns, 2 * side);
  Numbers packed(dev, round_up(rows, in_block) * wide);
  dev.pool().run(round_up(rows, in_block) / in_block, [&](Index block, int) {
    bfloat16* to = packed.data() + block * in_block * wide;
    for (Index first = 0; first < wide; first += side) {
      for (Index i = block * in_block; i < (block + 1) * in_block; i += 2) {
        for (Index j = first; j < first + side; ++j) {
          *to++ = i < rows && j < columns ? to_bfloat16(at(i, j)) : bfloat16{};
          *to++ = i + 1 < rows && j < columns ? to_bfloat16(at(i + 1, j)) : bfloat16{};
        }
      }
    }
  });
  return packed;
}

/// Offsets of steps that lie `apart`.
inline Offsets even_steps(Cpu<float>& dev, Index steps, Index apart) {
  Offsets offsets(dev, steps);
  for (Index s = 0; s < steps; ++s) offsets[s] = s * apart;
  return offsets;
}

constexpr Index floats_of(Index numbers) {
  return (numbers + 1) / 2;
}  ///< scratch that they take

/// The number at (row, column) of four tiles of C.
inline float result_at(const float* c, Index row, Index column) {
  return c[((row / side * 2 + column / side) * side + row % side) * side + column % side];
}

/// y = conv(padded, w) + b
inline void forward_by_columns(Cpu<float>& dev, Unit unit, const Conv2dGeometry& g, View<const float> padded,
                               const float* w, const float* b, View<float> y) {
  const Columns at(dev, g, padded, y.extent());
  const Index taps = g.taps();
  const Index pixels = y.batch * y.area();
  const Index wide = round_up(pixels, two_tiles);
  const Numbers columns =
      pack_right(dev, taps, pixels, [&](Index t, Index p) { return padded.data[at.tap(t) + at.pixel(p)]; });
  constexpr Index stretch = 2048;  // of the taps: long runs, which the processor fetches ahead
  const Offsets of_weights = even_steps(dev, stretch / in_block, in_block);
  const Offsets of_columns = even_steps(dev, stretch / in_block, in_block * wide);
  dev.reserve_scratch(floats_of(two_tiles * stretch) + two_tiles * wide);
  dev.pool().run((g.out_channels + two_tiles - 1) / two_tiles, [&](Index task, int thread) {
    const Session session(unit, in_block);
    const Index o = task * two_tiles;
    const Index outputs = std::min(two_tiles, g.out_channels - o);
    auto* const rounded = reinterpret_cast<bfloat16*>(dev.scratch(thread));
    float* const sums = dev.scratch(thread) + floats_of(two_tiles * stretch);
    std::fill_n(sums, two_tiles * wide, 0.0F);
    std::fill_n(rounded, two_tiles * stretch, bfloat16{});
    for (Index t = 0; t < taps; t += stretch) {
      const Index count = std::min(stretch, taps - t);
      for (Index r = 0; r < outputs; ++r) {
        const float* const from = w + (o + r) * taps + t;
        for (Index i = 0; i < count; ++i) rounded[r * stretch + i] = to_bfloat16(from[i]);
        std::fill(rounded + r * stretch + count, rounded + r * stretch + round_up(count, in_block), bfloat16{});
      }
      const Product product{round_up(count, in_block) / in_block, in_block, outputs > side, true};
      const Operand left{rounded, stretch, side * stretch, of_weights.data()};
      for (Index p = 0; p < wide; p += two_tiles) {
        const Operand right{columns.data() + t * wide + p * in_block, two_tiles, tile_size, of_columns.data()};
        multiply(unit, product, left, right, sums + p * two_tiles);
      }
    }
    for (Index r = 0; r < outputs; ++r) {
      for (Index p = 0; p < pixels; ++p) {
        y.data[(p / y.area() * y.channels + o + r) * y.area() + p % y.area()] =
            result_at(sums + p / two_tiles * result_size, r, p % two_tiles) + (b == nullptr ? 0.0F : b[o + r]);
      }
    }
  });
}

/// The gradient of the padded image, which is overwritten; a task's taps are all those of some channels.
inline void input_by_columns(Cpu<float>& dev, Unit unit, const Conv2dGeometry& g, View<const float> dy, const float* w,
                             View<float> padded) {
  const Columns at(dev, g, padded, dy.extent());
  const Index square = g.kernel * g.kernel;
  const Index pixels = dy.batch * dy.area();
  const Index high = round_up(pixels, two_tiles);
  const Index depth = round_up(g.out_channels, in_block);
  const GradientAt gradient{dy};
  const Numbers rows =
      pack_left(dev, high, g.out_channels, [&](Index p, Index o) { return p < pixels ? gradient(o, p) : 0.0F; });
  const Index channels = std::min(g.in_channels, std::max<Index>(1, 2048 / square));
  const Index wide = round_up(channels * square, two_tiles);
  constexpr Index stretch = 2 * in_block;  // of the outputs
  const Offsets of_gradient = even_steps(dev, 2, tile_size);
  const Offsets of_weights = even_steps(dev, 2, in_block * wide);
  dev.reserve_scratch(floats_of(stretch * wide) + high * wide);
  dev.pool().run((g.in_channels + channels - 1) / channels, [&](Index task, int thread) {
    const Session session(unit, in_block);
    const Index c = task * channels;
    const Index taps = std::min(channels, g.in_channels - c) * square;
    auto* const rounded = reinterpret_cast<bfloat16*>(dev.scratch(thread));
    float* const sums = dev.scratch(thread) + floats_of(stretch * wide);
    std::fill_n(sums, high * wide, 0.0F);
    std::fill_n(rounded, stretch * wide, bfloat16{});
    for (Index o = 0; o < g.out_channels; o += stretch) {
      const Index steps = std::min(stretch, depth - o) / in_block;
      for (Index i = 0; i < steps * in_block; ++i) {  // pairs of outputs side by side, in tiles of 16 taps
        const bool inside = o + i < g.out_channels;
        const float* const from = w + (inside ? o + i : 0) * g.taps() + c * square;
        bfloat16* const to = rounded + i / in_block * in_block * wide + i % in_block / 2 * two_tiles + i % 2;
        for (Index t = 0; t < taps; t += side) {
          bfloat16* const tile = to + t * in_block;
          const Index count = std::min(side, taps - t);
          for (Index j = 0; j < count; ++j) tile[2 * j] = inside ? to_bfloat16(from[t + j]) : bfloat16{};
        }
      }
      for (Index p = 0; p < high; p += two_tiles) {
        const Operand left{rows.data() + p * depth + o * side, in_block, side * depth, of_gradient.data()};
        for (Index t = 0; t < wide; t += two_tiles) {
          const Operand right{rounded + t * in_block, two_tiles, tile_size, of_weights.data()};
          multiply(unit, {steps, in_block}, left, right, sums + p * wide + t * two_tiles);
        }
      }
    }
    for (Index n = 0; n < padded.batch; ++n) {
      std::fill_n(padded.data + n * padded.image() + c * padded.area(), taps / square * padded.area(), 0.0F);
    }
    float* const to = padded.data + c * padded.area();
    for (Index p = 0; p < pixels; ++p) {
      const float* const of_pixel = sums + p / two_tiles * two_tiles * wide;
      for (Index t = 0; t < taps; ++t) {
        to[at.tap(t) + at.pixel(p)] += result_at(of_pixel + t / two_tiles * result_size, p % two_tiles, t % two_tiles);
      }
    }
  });
}

/// dw += the gradient of the weights.
inline void weight_by_columns(Cpu<float>& dev, Unit unit, const Conv2dGeometry& g, View<const float> padded,
                              View<const float> dy, float* dw) {
  const Columns at(dev, g, padded, dy.extent());
  const Index taps = g.taps();
  const Index pixels = dy.batch * dy.area();
  const Index depth = round_up(pixels, in_block);
  const Index wide = round_up(taps, two_tiles);
  const Numbers rows = pack_left(dev, round_up(g.out_channels, two_tiles), pixels,
                                 [&](Index o, Index p) { return o < g.out_channels ? GradientAt{dy}(o, p) : 0.0F; });
  const Numbers columns =
      pack_right(dev, pixels, taps, [&](Index p, Index t) { return padded.data[at.tap(t) + at.pixel(p)]; });
  const Offsets of_gradient = even_steps(dev, depth / in_block, tile_size);
  const Offsets of_columns = even_steps(dev, depth / in_block, in_block * wide);
  dev.pool().run((g.out_channels + two_tiles - 1) / two_tiles, [&](Index task, int) {
    const Session session(unit, in_block);
    const Index o = task * two_tiles;
    const Operand left{rows.data() + o * depth, in_block, side * depth, of_gradient.data()};
    alignas(64) float c[result_size];
    for (Index t = 0; t < taps; t += two_tiles) {
      std::fill_n(c, result_size, 0.0F);
      const Operand right{columns.data() + t * in_block, two_tiles, tile_size, of_columns.data()};
      multiply(unit, {depth / in_block, in_block}, left, right, c);
      for (Index r = 0; r < std::min(two_tiles, g.out_channels - o); ++r) {
        float* const to = dw + (o + r) * taps + t;
        for (Index j = 0; j < std::min(two_tiles, taps - t); j += side) {
          const float* const from = c + (r / side * 2 + j / side) * side * side + r % side * side;
          for (Index l = 0; l < std::min(side, taps - t - j); ++l) to[j + l] += from[l];
        }
      }
    }
  });
}

}  // namespace ugatit::tiles
