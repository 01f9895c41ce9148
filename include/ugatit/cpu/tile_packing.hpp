// Images and weights rounded to bfloat16 and laid out for tiles (tiles.hpp), with zeros where there is nothing.
//
// Rows of an image are packed as [sample, row, channel, phase, column]: column j of phase f is the pixel
// j·stride + f, so that pixels of a result's row are neighbours whatever the stride. Where there are few channels, the
// taps of a kernel's row are folded into them: channel c·taps + l is channel c moved by l pixels.
#pragma once

#include <ugatit/core/tensor.hpp>
#include <ugatit/cpu/bfloat16.hpp>
#include <ugatit/cpu/device.hpp>
#include <ugatit/cpu/tiles.hpp>

#include <algorithm>

namespace ugatit::tiles {

constexpr Index round_up(Index size, Index unit) { return (size + unit - 1) / unit * unit; }

/// Memory for bfloat16 numbers from the arena, not initialised.
class Numbers {
 public:
  Numbers() = default;
  Numbers(Cpu<float>& dev, Index size) : memory_(dev.arena(), (size + 1) / 2) {}
  bfloat16* data() const { return reinterpret_cast<bfloat16*>(memory_.data()); }

 private:
  Buffer<Cpu<float>> memory_;
};

/// Where an image's packed rows begin and how they are cut.
struct Rows {
  Index first_row = 0;     ///< of the image that is packed first; outside of it there are zeros
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
      const Index row = task % rows_.rows + rows_.first_row;
      bfloat16* const to = memory_.data() + task * row_size();
      if (row < 0 || row >= x.height) {
        std::fill_n(to, row_size(), bfloat16{});
        return;
      }
      pack_row(x, x.data + task / rows_.rows * x.image() + row * x.width, to);
    });
  }

  const bfloat16* row(Index sample, Index row) const { return memory_.data() + (sample * rows_.rows + row) * row_size(); }
  Index row_size() const { return channels_ * phases_ * rows_.columns; }
  Index channels() const { return channels_; }                          ///< with those that fill the last tile
  Index channel_size() const { return phases_ * rows_.columns; }        ///< from a channel to the next, for Group 1
  /// Where a tap reads, from a row's beginning: its column, counted from the first one packed.
  Index tap(Index column) const {
    if (rows_.fold > 1) return column * Group;
    return (column % rows_.stride * rows_.columns + column / rows_.stride) * Group;
  }

 private:
  void pack_row(View<const float> x, const float* from, bfloat16* to) const {
    const Index real = x.channels * rows_.fold;
    for (Index c = 0; c < channels_; c += Group, to += Group * channel_size()) {
      if (c + Group > real) std::fill_n(to, Group * channel_size(), bfloat16{});
      for (Index i = 0; i < std::min(Group, real - c); ++i) {
        const Index shift = rows_.first_column + (c + i) % rows_.fold;
        for (Index f = 0; f < phases_; ++f) {
          pack_channel(from + (c + i) / rows_.fold * x.area(), x.width, shift + f, to + f * rows_.columns * Group + i);
        }
      }
    }
  }

  // out[j·Group] = from[j·stride + shift], zero outside.
  void pack_channel(const float* from, Index width, Index shift, bfloat16* out) const {
    const Index step = rows_.stride;
    const Index begin = shift >= 0 ? 0 : (-shift + step - 1) / step;
    const Index end = std::clamp((width - shift + step - 1) / step, begin, rows_.columns);
    for (Index j = 0; j < std::min(begin, rows_.columns); ++j) out[j * Group] = bfloat16{};
    if (step == 1) {
      for (Index j = begin; j < end; ++j) out[j * Group] = to_bfloat16(from[j + shift]);
    } else {
      for (Index j = begin; j < end; ++j) out[j * Group] = to_bfloat16(from[j * step + shift]);
    }
    for (Index j = end; j < rows_.columns; ++j) out[j * Group] = bfloat16{};
  }

  Rows rows_;
  Index channels_;
  Index phases_;
  Numbers memory_;
};

/// A kernel as a correlation reads it: tap (p, q) of the weights of output o and input c is at
/// w[o·out_step + c·in_step + p·row_step + q·column_step].
struct Kernel {
  const float* w;
  Index out, in, rows, columns;
  Index out_step, in_step, row_step, column_step;
};

/// Weights as left operands: [block of 16 outputs, block of 32 inputs, row, column, 16, 32].
inline Numbers pack_weights(Cpu<float>& dev, const Kernel& k, Index fold) {
  constexpr Index deep = 32;
  const Index columns = fold > 1 ? 1 : k.columns;
  const Index in = k.in * fold;
  const Index in_blocks = (in + deep - 1) / deep;
  const Index out_blocks = (k.out + side - 1) / side;
  const Index taps = k.rows * columns;
  const Numbers packed(dev, out_blocks * in_blocks * taps * side * deep);
  dev.pool().run(out_blocks * in_blocks, [&](Index task, int) {
    bfloat16* const to = packed.data() + task * taps * side * deep;
    const Index o = task / in_blocks * side;
    const Index first = task % in_blocks * deep;
    if (o + side > k.out || first + deep > in) std::fill_n(to, taps * side * deep, bfloat16{});
    for (Index r = 0; r < std::min(side, k.out - o); ++r) {
      for (Index i = 0; i < std::min(deep, in - first); ++i) {
        const Index c = (first + i) / fold;
        const Index l = (first + i) % fold;
        const float* from = k.w + (o + r) * k.out_step + c * k.in_step + l * k.column_step;
        bfloat16* tile = to + r * deep + i;
        for (Index p = 0; p < k.rows; ++p, from += k.row_step) {
          for (Index q = 0; q < columns; ++q, tile += side * deep) *tile = to_bfloat16(from[q * k.column_step]);
        }
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
    if (pixels < depth_ || channel + side > x.channels) std::fill_n(to, tile_size(), bfloat16{});
    for (Index r = 0; r < std::min(side, x.channels - channel); ++r) {
      const float* const from = row + (channel + r) * x.area() + first;
      for (Index q = 0; q < pixels; ++q) to[(q / 2 * side + r) * 2 + q % 2] = to_bfloat16(from[q]);
    }
  }

  Index blocks_, channel_blocks_, depth_, height_;
  Numbers memory_;
};

}  // namespace ugatit::tiles
