// Images and weights rounded to bfloat16 and laid out for tiles (tiles.hpp), with zeros where there is nothing.
//
// Rows of an image are packed as [sample, row, channel, phase, column]: column j of phase f is the pixel
// j·stride + f, so that pixels of a result's row are neighbours whatever the stride. Where there are few channels, the
// taps of a kernel's row are folded into them: channel c·taps + l is channel c moved by l pixels.
#pragma once

#include <ugatit/core/bfloat16.hpp>
#include <ugatit/core/tensor.hpp>
#include <ugatit/cpu/device.hpp>
#include <ugatit/cpu/tiles.hpp>
#include <ugatit/ops/border.hpp>

#include <algorithm>
#include <cstring>

namespace ugatit::tiles {

constexpr Index in_block = 32;                ///< channels, or pixels, that a step sums over
constexpr Index tile_size = side * in_block;  ///< numbers of an operand's tile
constexpr Index two_tiles = 2 * side;         ///< rows or columns of a product

constexpr Index round_up(Index size, Index unit) {
  return (size + unit - 1) / unit * unit;
}

/// Memory for bfloat16 numbers from the arena, not initialised.
class Numbers {
 public:
  Numbers() = default;
  Numbers(Cpu<float>& dev, Index size) : memory_(dev.arena(), (size + 1) / 2) {}
  explicit Numbers(Buffer<Cpu<float>> memory) : memory_(std::move(memory)) {}
  bfloat16* data() const { return reinterpret_cast<bfloat16*>(memory_.data()); }
  const Buffer<Cpu<float>>& memory() const { return memory_; }

 private:
  Buffer<Cpu<float>> memory_;
};

/// Offsets of steps, in memory of the arena.
class Offsets {
 public:
  Offsets(Cpu<float>& dev, Index size) : memory_(dev.arena(), size) {}
  Index* data() const { return reinterpret_cast<Index*>(memory_.data()); }
  Index& operator[](Index i) const { return data()[i]; }

 private:
  static_assert(sizeof(Index) == 2 * sizeof(float));
  struct Wide {
    using Scalar = Index;
    using ArenaType = Cpu<float>::ArenaType;
  };
  Buffer<Wide> memory_;
};

/// Where an image's packed rows begin and how they are cut; rows and columns are those of the padded image.
struct Rows {
  PadGeometry pad;         ///< of the image
  Index first_row = 0;     ///< that is packed first; outside of the padded image there are zeros
  Index first_column = 0;  ///< likewise
  Index rows = 1;          ///< that are packed
  Index columns = 1;       ///< of each phase
  Index stride = 1;        ///< of the pixels that a row of the result reads
  Index fold = 1;          ///< taps that are folded into the channels
};

/// Packed rows of a batch: `Group` channels side by side, 1 for the left operand or 2 for the right one.
template <Index Group>
class PackedImage {
 public:
  PackedImage(Cpu<float>& dev, View<const float> x, const Rows& rows)
      : rows_(rows),
        channels_(round_up(x.channels * rows.fold, Group == 2 ? 32 : side)),
        phases_(rows.fold > 1 ? 1 : rows.stride),
        memory_(dev, x.batch * rows.rows * row_size()) {
    dev.pool().run(x.batch * rows.rows, [&](Index task, int) {
      const Index row = source(task % rows_.rows + rows_.first_row, x.height);
      bfloat16* const to = memory_.data() + task * row_size();
      if (row < 0) {
        std::fill_n(to, row_size(), bfloat16{});
        return;
      }
      pack_row(x, x.data + task / rows_.rows * x.image() + row * x.width, to);
    });
  }

  const bfloat16* row(Index sample, Index row) const {
    return memory_.data() + (sample * rows_.rows + row) * row_size();
  }
  Index row_size() const { return channels_ * phases_ * rows_.columns; }
  Index channels() const { return channels_; }                    ///< with those that fill the last tile
  Index channel_size() const { return phases_ * rows_.columns; }  ///< from a channel to the next, for Group 1
  /// Where a tap reads, from a row's beginning: its column, counted from the first one packed.
  Index tap(Index column) const {
    if (rows_.fold > 1) return column * Group;
    return (column % rows_.stride * rows_.columns + column / rows_.stride) * Group;
  }

 private:
  // Where a row or column of the padded image is read, -1 where there is nothing.
  Index source(Index i, Index size) const {
    const bool inside = i >= 0 && i < size + rows_.pad.both();
    return inside ? border_source(rows_.pad.border, i - rows_.pad.before(), size) : -1;
  }

  void pack_row(View<const float> x, const float* from, bfloat16* to) const {
    const Index real = x.channels * rows_.fold;
    const auto plane = [&](Index c) { return from + c / rows_.fold * x.area(); };
    for (Index c = 0; c < channels_; c += Group, to += Group * channel_size()) {
      if (c + Group > real) std::fill_n(to, Group * channel_size(), bfloat16{});
      for (Index f = 0; f < phases_; ++f) {
        bfloat16* const out = to + f * rows_.columns * Group;
        if (Group == 2 && rows_.fold == 1 && c + 1 < real) {
          pack_columns(x.width, rows_.first_column + f, out, plane(c), plane(c + 1));
          continue;
        }
        for (Index i = 0; i < std::min(Group, real - c); ++i) {
          pack_columns(x.width, rows_.first_column + (c + i) % rows_.fold + f, out + i, plane(c + i));
        }
      }
    }
  }

  // out[j·Group + i] = from_i[source(j·stride + shift)], zero where there is nothing, for as many channels as there
  // are.
  template <class... From>
  void pack_columns(Index width, Index shift, bfloat16* out, From... from) const {
    const Index step = rows_.stride;
    const Index first = shift - rows_.pad.before();  // without the border, column j is first + j·stride
    const Index begin = std::min(first >= 0 ? 0 : (-first + step - 1) / step, rows_.columns);
    const Index end = std::clamp((width - first + step - 1) / step, begin, rows_.columns);
    const auto put = [out](Index j, auto... x) {
      bfloat16* to = out + j * Group;
      ((*to++ = x), ...);
    };
    const auto put_border = [&](Index from_column, Index to_column) {
      for (Index j = from_column; j < to_column; ++j) {
        const Index column = source(j * step + shift, width);
        put(j, (column < 0 ? bfloat16{} : to_bfloat16(from[column]))...);
      }
    };
    put_border(0, begin);
    if (step == 1) {  // a length between neighbours that the compiler knows
      for (Index j = begin; j < end; ++j) put(j, to_bfloat16(from[j + first])...);
    } else {
      for (Index j = begin; j < end; ++j) put(j, to_bfloat16(from[j * step + first])...);
    }
    put_border(end, rows_.columns);
  }

  Rows rows_;
  Index channels_;
  Index phases_;
  Numbers memory_;
};

/// A kernel as a correlation reads it: the taps of output o and input c are in the block of weights that begins at
/// w[o·out_step + c·in_step], tap (p, q) at number first + p·row_step + q·column_step of it.
struct Kernel {
  const float* w;
  Index out, in, rows, columns;
  Index out_step, in_step;
  Index first, row_step, column_step;

  Index block() const { return std::min(out_step, in_step); }  ///< numbers
  Index tap(Index row, Index column) const { return first + row * row_step + column * column_step; }
};

/// Weights as left operands: [block of 16 outputs, block of 32 inputs, row, column, 16, 32]. Blocks that are neighbours
/// in memory are rounded in one go, then handed out.
inline Numbers pack_weights(Cpu<float>& dev, const Kernel& k, Index fold) {
  const Index columns = fold > 1 ? 1 : k.columns;
  const Index taps = k.rows * columns;
  const Index in = k.in * fold;
  const Index in_blocks = (in + in_block - 1) / in_block;
  const Index out_blocks = (k.out + side - 1) / side;
  Numbers packed(dev, out_blocks * in_blocks * taps * tile_size);
  dev.reserve_scratch(in_block * k.block());
  dev.pool().run(out_blocks * in_blocks, [&](Index task, int thread) {
    bfloat16* const to = packed.data() + task * taps * tile_size;
    const Index o = task / in_blocks * side;
    const Index first = task % in_blocks * in_block;
    const Index outputs = std::min(side, k.out - o);
    const Index inputs = std::min(in_block, in - first);
    if (outputs < side || inputs < in_block) std::fill_n(to, taps * tile_size, bfloat16{});
    auto* const rounded = reinterpret_cast<bfloat16*>(dev.scratch(thread));
    const auto round_blocks = [&](const float* from, Index blocks) {
      for (Index i = 0; i < blocks * k.block(); ++i) rounded[i] = to_bfloat16(from[i]);
    };
    if (k.in_step < k.out_step) {  // an output's inputs are neighbours
      Index place[in_block];
      for (Index i = 0; i < inputs; ++i) place[i] = i / fold * k.block() + i % fold * k.column_step;
      for (Index r = 0; r < outputs; ++r) {
        round_blocks(k.w + (o + r) * k.out_step + first / fold * k.in_step, (inputs + fold - 1) / fold);
        for (Index t = 0; t < taps; ++t) {
          const bfloat16* const from = rounded + k.tap(t / columns, t % columns);
          for (Index i = 0; i < inputs; ++i) to[t * tile_size + r * in_block + i] = from[place[i]];
        }
      }
      return;
    }
    for (Index i = 0; i < inputs; ++i) {
      round_blocks(k.w + o * k.out_step + (first + i) / fold * k.in_step, outputs);
      for (Index t = 0; t < taps; ++t) {
        const bfloat16* const from = rounded + k.tap(t / columns, t % columns + (first + i) % fold);
        for (Index r = 0; r < outputs; ++r) to[t * tile_size + r * in_block + i] = from[r * k.block()];
      }
    }
  });
  return packed;
}

/// A gradient as right operands for sums over the pixels of a row: [sample, row, block of `depth` pixels, block of 16
/// channels, depth/2, 16, 2].
class PackedPixels {
 public:
  PackedPixels(Cpu<float>& dev, View<const float> x, Index depth)
      : blocks_((x.width + depth - 1) / depth),
        channel_blocks_((x.channels + side - 1) / side),
        depth_(depth),
        height_(x.height),
        memory_(dev, x.batch * x.height * row_size()) {
    dev.pool().run(x.batch * x.height, [&](Index task, int) {
      const float* const row = x.data + task / x.height * x.image() + task % x.height * x.width;
      bfloat16* to = memory_.data() + task * row_size();
      for (Index block = 0; block < blocks_; ++block) {
        for (Index c = 0; c < channel_blocks_ * side; c += side, to += depth_ * side) {
          pack_tile(x, row, block * depth_, c, to);
        }
      }
    });
  }

  const bfloat16* row(Index sample, Index row) const { return memory_.data() + (sample * height_ + row) * row_size(); }
  Index row_size() const { return blocks_ * block_size(); }
  Index block_size() const { return channel_blocks_ * tile_size(); }
  Index tile_size() const { return depth_ * side; }
  Index blocks() const { return blocks_; }

 private:
  void pack_tile(View<const float> x, const float* row, Index first, Index channel, bfloat16* to) const {
    const Index pixels = std::min(depth_, x.width - first);
    const Index channels = std::min(side, x.channels - channel);
    bfloat16 rounded[side][in_block] = {};
    for (Index r = 0; r < channels; ++r) {
      const float* const from = row + (channel + r) * x.area() + first;
      for (Index q = 0; q < pixels; ++q) rounded[r][q] = to_bfloat16(from[q]);
    }
    for (Index q = 0; q < depth_; q += 2) {  // pairs of pixels, moved as one
      for (Index r = 0; r < side; ++r) std::memcpy(to + (q / 2 * side + r) * 2, &rounded[r][q], 2 * sizeof(bfloat16));
    }
  }

  Index blocks_, channel_blocks_, depth_, height_;
  Numbers memory_;
};

}  // namespace ugatit::tiles
