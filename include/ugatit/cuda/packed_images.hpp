// Between this library's layout in float, [N, C, H, W], and what tensor cores read: bfloat16 or TF32 in [N, H, W, C].
//
// Images of many channels go through tiles of 32 pixels and 64 channels that a team holds, so that both sides are read
// and written in stretches; those of few channels go number by number.
#pragma once

#include <ugatit/cuda/eights.hpp>

namespace ugatit {

namespace packing {

/// Sizes of a tile. A row of it is a pixel, and a little longer, so that columns lie in different banks.
constexpr Index tile_pixels = 32;
constexpr Index tile_channels = 64;
constexpr Index tile_row = tile_channels + 2;
constexpr Index tile_pairs = tile_pixels * tile_row / 2;
constexpr Index tile_work = 2048;  // of a team, for 256 threads

/// Whether images of that many channels and pixels go in tiles, where places within an image are counted in 31 bits.
constexpr bool goes_in_tiles(Index channels, Index area) {
  return channels >= 16 && channels % 2 == 0 && channels * area < Index{1} << 31U;
}

/// Where a tile is: sample, first pixel, first channel, and how many there are of each.
struct Tile {
  Index n, pixel, channel, pixels, channels;

  /// Tile number t of images of that many pixels and channels.
  UGATIT_KERNEL Tile(Index t, Index area, Index all_channels) {
    const Index across = (all_channels + tile_channels - 1) / tile_channels;
    const Index down = (area + tile_pixels - 1) / tile_pixels;
    const Cell place(across, t);
    const Cell image(down, place.row);
    n = image.row;
    pixel = image.column * tile_pixels;
    channel = place.column * tile_channels;
    pixels = area - pixel < tile_pixels ? area - pixel : tile_pixels;
    channels = all_channels - channel < tile_channels ? all_channels - channel : tile_channels;
  }
};

constexpr Index tiles(Index batch, Index area, Index channels) {
  return batch * ((area + tile_pixels - 1) / tile_pixels) * ((channels + tile_channels - 1) / tile_channels);
}

/// write(pixel, channel, read(channel, pixel)) for each number of a tile; neighbouring threads have neighbouring
/// pixels.
template <class Read, class Write>
UGATIT_KERNEL void each_by_pixel(const Team& team, const Tile& tile, const Read& read, const Write& write) {
  const int together = static_cast<int>(team.size() < tile_pixels ? 1 : tile_pixels);  // pixels at a time
  const int rank = static_cast<int>(team.rank());
  const int step = static_cast<int>(team.size()) / together;
  for (int pixel = rank % together; pixel < static_cast<int>(tile.pixels); pixel += together) {
    read_then_write<8>(
        rank / together, step, static_cast<int>(tile.channels), [&](int channel) { return read(channel, pixel); },
        [&](int channel, const auto& value) { write(pixel, channel, value); });
  }
}

/// write(pixel, channel, read(pixel, channel)) for each pair of channels; neighbouring threads have neighbouring pairs.
template <class Read, class Write>
UGATIT_KERNEL void each_pair(const Team& team, const Tile& tile, const Read& read, const Write& write) {
  constexpr int pairs = static_cast<int>(tile_channels / 2);
  const int together = team.size() < pairs ? 1 : pairs;
  const int rank = static_cast<int>(team.rank());
  const int step = static_cast<int>(team.size()) / together;
  for (int channel = rank % together * 2; channel < static_cast<int>(tile.channels); channel += together * 2) {
    read_then_write<4>(
        rank / together, step, static_cast<int>(tile.pixels), [&](int pixel) { return read(pixel, channel); },
        [&](int pixel, const auto& value) { write(pixel, channel, value); });
  }
}

/// x -> [N, H, W, C]
template <LaunchesKernels D, ChannelsLast E>
void pack(D& dev, View<const float> x, E* packed) {
  if (!goes_in_tiles(x.channels, x.area())) {
    return for_each(dev, x.size(), [=] UGATIT_KERNEL(Index at) {
      const auto [pixel, c] = Cell(x.channels, at);
      const auto [n, within] = Cell(x.area(), pixel);
      packed[at] = rounded_to<E>(x.data[x.at(n, c, 0, 0) + within]);
    });
  }
  for_each_team(dev, tiles(x.batch, x.area(), x.channels), tile_work, [=] UGATIT_KERNEL(Team team, Index t) {
    const Tile tile(t, x.area(), x.channels);
    E* const held = reinterpret_cast<E*>(team.shared<Two<E>, tile_pairs>());
    const float* const from = x.data + x.at(tile.n, tile.channel, 0, 0) + tile.pixel;
    const int plane = static_cast<int>(x.area());
    each_by_pixel(
        team, tile, [&](int channel, int pixel) { return from[channel * plane + pixel]; },
        [&](int pixel, int channel, float value) { held[pixel * tile_row + channel] = rounded_to<E>(value); });
    team.meet();
    E* const to = packed + (tile.n * x.area() + tile.pixel) * x.channels + tile.channel;
    const int row = static_cast<int>(x.channels);
    each_pair(
        team, tile,
        [&](int pixel, int channel) { return *reinterpret_cast<const Two<E>*>(held + pixel * tile_row + channel); },
        [&](int pixel, int channel, Two<E> two) { *reinterpret_cast<Two<E>*>(to + pixel * row + channel) = two; });
    team.meet();  // before the next tile is written over this one
  });
}

/// [N, H, W, C] -> y[n, c, i, j] = packed + b[c]; b may be null.
template <LaunchesKernels D, ChannelsLast E>
void unpack(D& dev, const E* packed, const float* b, View<float> y) {
  if (!goes_in_tiles(y.channels, y.area())) {
    return for_each(dev, y.size(), [=] UGATIT_KERNEL(Index at) {
      const Place p(y, at);
      const float value = to_float(packed[((p.n * y.height + p.i) * y.width + p.j) * y.channels + p.c]);
      y.data[at] = b == nullptr ? value : value + b[p.c];
    });
  }
  for_each_team(dev, tiles(y.batch, y.area(), y.channels), tile_work, [=] UGATIT_KERNEL(Team team, Index t) {
    const Tile tile(t, y.area(), y.channels);
    E* const held = reinterpret_cast<E*>(team.shared<Two<E>, tile_pairs>());
    const E* const from = packed + (tile.n * y.area() + tile.pixel) * y.channels + tile.channel;
    const int row = static_cast<int>(y.channels);
    each_pair(
        team, tile,
        [&](int pixel, int channel) { return *reinterpret_cast<const Two<E>*>(from + pixel * row + channel); },
        [&](int pixel, int channel, Two<E> two) {
          *reinterpret_cast<Two<E>*>(held + pixel * tile_row + channel) = two;
        });
    team.meet();
    float* const to = y.data + y.at(tile.n, tile.channel, 0, 0) + tile.pixel;
    const int plane = static_cast<int>(y.area());
    each_by_pixel(
        team, tile,
        [&](int channel, int pixel) {
          const float value = to_float(held[pixel * tile_row + channel]);
          return b == nullptr ? value : value + b[tile.channel + channel];
        },
        [&](int pixel, int channel, float value) { to[channel * plane + pixel] = value; });
    team.meet();
  });
}

}  // namespace packing

/// The same image with channels last as in float, and the other way round (ops/elementwise.hpp).
template <LaunchesKernels D, ChannelsLast E>
void convert(D& dev, View<const float> x, View<E> y) {
  packing::pack(dev, x, y.data);
}

template <LaunchesKernels D, ChannelsLast E>
void convert(D& dev, View<const E> x, View<float> y) {
  packing::unpack(dev, x.data, nullptr, y);
}

}  // namespace ugatit
