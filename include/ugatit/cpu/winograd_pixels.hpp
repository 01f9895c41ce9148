// Tiles of images in lanes, and back: a row of pixels is read as it lies in memory and dealt out to the tiles.
//
// A tile of `Field` pixels begins every `Step` pixels. The first `Step` pixels of all tiles of a run are one piece of a
// row, and so are the others, `Step` pixels further on.
#pragma once

#include <ugatit/cpu/winograd_tiling.hpp>
#include <ugatit/cpu/winograd_transforms.hpp>
#include <ugatit/ops/border.hpp>

#include <algorithm>

namespace ugatit::winograd {

/// Where a padded image's position reads in a row or column of `size`; -1 reads zero, as all beyond the border.
constexpr Index source(const PadGeometry& pad, Index i, Index size) {
  if (i < -pad.before() || i >= size + pad.after()) return -1;
  return border_source(pad.border, i, size);
}

/// out[q][l] = in[l·Step + q], for q < Wanted.
template <Index Step, Index Wanted, class T>
EIGEN_STRONG_INLINE void deal(const T* EIGEN_RESTRICT in, T* EIGEN_RESTRICT out) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  if constexpr (Wanted == Step) {
    for (Index l = 0; l < lanes; ++l) {
      for (Index q = 0; q < Step; ++q) out[q * lanes + l] = in[l * Step + q];
    }
  } else {
    alignas(64) T all[Step * lanes];  // whole groups are dealt in registers
    deal<Step, Step>(in, all);
    std::copy_n(all, Wanted * lanes, out);
  }
}

/// out[l·Step + q] = in[q][l], with zeros for q ≥ Given.
template <Index Step, Index Given, class T>
EIGEN_STRONG_INLINE void collect(const T* EIGEN_RESTRICT in, T* EIGEN_RESTRICT out) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  if constexpr (Given == Step) {
    for (Index l = 0; l < lanes; ++l) {
      for (Index q = 0; q < Step; ++q) out[l * Step + q] = in[q * lanes + l];
    }
  } else {
    alignas(64) T all[Step * lanes] = {};
    std::copy_n(in, Given * lanes, all);
    collect<Step, Step>(all, out);
  }
}

/// Reads and writes the tiles of one packet, which begin `Step` pixels apart and are `Field` wide, in an image with
/// this border.
template <Index Step, Index Field, class T>
class TilePixels {
 public:
  static constexpr Index lanes = gemm::Tile<T>::lanes;

  TilePixels(const Tiling& tiling, const TilePacket<T>& packet, const PadGeometry& pad)
      : packet_(packet), pad_(pad), down_(tiling.down) {}

  /// Lane l of square (i, j) becomes pixel (i, j) of the l-th tile of channel c; zero where there is none.
  void read(View<const T> image, Index c, Square<T, Field>& square) const {
    alignas(64) T near_line[line_size] = {};
    alignas(64) T far_line[line_size] = {};
    alignas(64) T pixels[line_size + Step];
    const T* near = near_line;
    const T* far = far_line;
    for (Index i = 0; i < Field; ++i) {
      for (const typename TilePacket<T>::Run& run : packet_.runs()) {
        const Place place = place_of(image, c, run, i);
        if (packet_.is_one_run()) {
          near = whole_row(image, place, pixels);
          far = near + Step;
        } else {
          gather(image, place, run.length, pixels);
          std::copy_n(pixels, run.length * Step, near_line + run.lane * Step);
          std::copy_n(pixels + Step, run.length * Step, far_line + run.lane * Step);
        }
      }
      deal<Step, Step>(near, square.at(i, 0));
      if constexpr (Field > Step) deal<Step, Field - Step>(far, square.at(i, Step));
    }
  }

  /// Has the pixels of a channel fetched that will be read soon: rows of one channel are too short, and channels too
  /// far apart, for the processor to foresee them.
  void fetch(View<const T> image, Index c) const {
    constexpr Index line = 64 / static_cast<Index>(sizeof(T));
    for (Index i = 0; i < Field; ++i) {
      for (const typename TilePacket<T>::Run& run : packet_.runs()) {
        const Place place = place_of(image, c, run, i);
        if (place.row < 0) continue;
        const Index begin = std::max<Index>(place.column, 0);
        const Index end = std::min(begin + run.length * Step, image.width);
        const T* const row = image.data + place.plane + place.row * image.width;
        for (Index x = begin; x < end; x += line) __builtin_prefetch(row + x);
      }
    }
  }

  /// The adjoint of `read`: adds to the image. Tiles overlap, so one thread adds to a channel.
  void add(const Square<T, Field>& square, View<T> image, Index c) const {
    // Pixels that two tiles share are in `near` of one and in `far` of the tile before it. What is written here is read
    // from other places: all of it first, as a processor waits for what it has just written elsewhere.
    alignas(64) T near[Field][line_size + Step] = {};
    alignas(64) T far[Field][line_size + Step] = {};
    for (Index i = 0; i < Field; ++i) {
      collect<Step, Step>(square.at(i, 0), near[i]);
      if constexpr (Field > Step) collect<Step, Field - Step>(square.at(i, Step), far[i] + Step);
    }
    for (Index i = 0; i < Field; ++i) {
      for (const typename TilePacket<T>::Run& run : packet_.runs()) {
        const Place place = place_of(image, c, run, i);
        if (place.row < 0) continue;
        T* const row = image.data + place.plane + place.row * image.width;
        if (packet_.is_one_run()) {
          add_piece([&](Index x) { return near[i][x] + far[i][x]; }, line_size + Field - Step, row, place.column,
                    image.width);
          continue;
        }
        const T* const own = near[i] + run.lane * Step;
        const T* const next = far[i] + (run.lane + 1) * Step;
        add_piece([&](Index x) { return own[x]; }, run.length * Step, row, place.column, image.width);
        // The last tile's missing pixels need no place.
        add_piece([&](Index x) { return next[x]; }, (run.length - 2) * Step + Field, row, place.column + Step,
                  image.width);
      }
    }
  }

  /// Zeros in the rows of channel c to which these tiles are the first to be added, when packets come in order.
  void clear(View<T> image, Index c) const {
    for (const typename TilePacket<T>::Run& run : packet_.runs()) {
      if (run.column > 0) continue;
      const auto end_of = [&](Index row) {
        // The first tiles' border may fold back farther than they reach.
        const Index reached = std::max(row * Step - pad_.before() + Field, pad_.before() + 1);
        return std::clamp<Index>(reached, 0, image.height);
      };
      const Index begin = run.row == 0 ? 0 : end_of(run.row - 1);
      const Index end = run.row + 1 == down_ ? image.height : end_of(run.row);
      std::fill_n(image.data + run.sample * image.image() + c * image.area() + begin * image.width,
                  (end - begin) * image.width, T(0));
    }
  }

  /// Writes the tiles' pixels that lie in the image.
  void write(const Square<T, Field>& square, View<T> image, Index c) const {
    static_assert(Step == Field, "tiles that overlap are added");
    alignas(64) T line[line_size];
    for (Index i = 0; i < Field; ++i) {
      collect<Step, Step>(square.at(i, 0), line);
      for (const typename TilePacket<T>::Run& run : packet_.runs()) {
        const Index row = run.row * Step + i;
        const Index column = run.column * Step;
        if (row >= image.height) continue;
        std::copy_n(line + run.lane * Step, std::min(run.length * Step, image.width - column),
                    image.data + run.sample * image.image() + c * image.area() + row * image.width + column);
      }
    }
  }

 private:
  static constexpr Index line_size = lanes * Step;

  struct Place {
    Index plane;        // where the channel begins
    Index row, column;  // in it; row -1 is zeros, the column may lie outside
  };

  template <class Image>
  Place place_of(const Image& image, Index c, const typename TilePacket<T>::Run& run, Index i) const {
    return {run.sample * image.image() + c * image.area(),
            source(pad_, run.row * Step - pad_.before() + i, image.height), run.column * Step - pad_.before()};
  }

  // The pixels of a run that fills the packet: where they lie, if reading whole packets there stays inside.
  const T* whole_row(View<const T> image, const Place& place, T* pixels) const {
    constexpr Index read = line_size + (Field > Step ? Step : 0);
    const Index start = place.plane + place.row * image.width + place.column;
    const bool inside = place.row >= 0 && place.column >= 0 && place.column + line_size + Field - Step <= image.width;
    if (inside && start + read <= image.size()) return image.data + start;
    gather(image, place, lanes, pixels);
    return pixels;
  }

  // The (length + 1)·Step pixels from a place on, as many as a run needs and some more, which are anything.
  void gather(View<const T> image, const Place& place, Index length, T* out) const {
    const Index count = length * Step + Field - Step;
    if (place.row < 0) {
      std::fill_n(out, count, T(0));
      return;
    }
    const T* const row = image.data + place.plane + place.row * image.width;
    const Index begin = std::clamp<Index>(-place.column, 0, count);
    const Index end = std::clamp<Index>(image.width - place.column, begin, count);
    std::copy_n(row + place.column + begin, end - begin, out + begin);
    const auto put_border = [&](Index from, Index to) {
      for (Index x = from; x < to; ++x) {
        const Index column = source(pad_, place.column + x, image.width);
        out[x] = column < 0 ? T(0) : row[column];
      }
    };
    put_border(0, begin);
    put_border(end, count);
  }

  // Adds value(x) for `count` pixels from a column on, which may lie in the border.
  template <class Value>
  void add_piece(const Value& value, Index count, T* row, Index column, Index width) const {
    const Index begin = std::clamp<Index>(-column, 0, count);
    const Index end = std::clamp<Index>(width - column, begin, count);
    T* const to = row + column;
    for (Index x = begin; x < end; ++x) to[x] += value(x);
    const auto fold_border = [&](Index first, Index last) {
      for (Index x = first; x < last; ++x) {
        const Index target = source(pad_, column + x, width);
        if (target >= 0) row[target] += value(x);
      }
    };
    fold_border(0, begin);
    fold_border(end, count);
  }

  const TilePacket<T>& packet_;
  PadGeometry pad_;
  Index down_;
};

}  // namespace ugatit::winograd
