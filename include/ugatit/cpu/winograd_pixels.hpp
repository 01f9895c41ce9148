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
    for (Index i = 0; i < Field; ++i) {
      if (packet_.is_one_run()) {
        const Place place = place_of(image, c, packet_.runs().front(), i);
        if (lies_in_memory(image, place)) {
          deal_row(row_at(image, place), row_at(image, place) + Step, i, square);
          deal_border(image, place, i, square);
          continue;
        }
      }
      for (const typename TilePacket<T>::Run& run : packet_.runs()) {
        gather(image, place_of(image, c, run, i), run.length, pixels);
        std::copy_n(pixels, run.length * Step, near_line + run.lane * Step);
        std::copy_n(pixels + Step, run.length * Step, far_line + run.lane * Step);
      }
      deal_row(near_line, far_line, i, square);
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
        const T* const row = row_at(image, place);
        const Part inside = inside_of(image, place, run.length * Step);
        for (Index x = inside.begin; x < inside.end; x += line) __builtin_prefetch(row + x);
      }
    }
  }

  /// The adjoint of `read`: adds to the image. Tiles overlap, so one thread adds to a channel.
  void add(const Square<T, Field>& square, View<T> image, Index c) const {
    static_assert(Step < Field, "tiles that do not overlap are written");
    // Pixels that two tiles share are in `near` of one and in `far` of the tile before it. What is written here is read
    // from other places: all of it first, as a processor waits for what it has just written elsewhere.
    alignas(64) T near[Field][line_size];
    alignas(64) T far[Field][line_size + Step];
    constexpr T none[Step] = {};
    for (Index i = 0; i < Field; ++i) {
      collect<Step, Step>(square.at(i, 0), near[i]);
      collect<Step, Field - Step>(square.at(i, Step), far[i] + Step);
    }
    for (Index i = 0; i < Field; ++i) {
      for (const typename TilePacket<T>::Run& run : packet_.runs()) {
        const Place place = place_of(image, c, run, i);
        if (place.row < 0) continue;
        const Index first = run.lane * Step;
        const Index last = first + run.length * Step;
        // What sticks out of the last tile of the run before meets this one's first here, but not in the image.
        std::fill_n(far[i] + first, Step, T(0));
        add_piece(near[i] + first, far[i] + first, run.length * Step, image, place);
        add_piece(none, far[i] + last, Field - Step, image, {place.plane, place.row, place.column + run.length * Step});
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
  struct Part {
    Index begin, end;
  };

  template <class Image>
  Place place_of(const Image& image, Index c, const typename TilePacket<T>::Run& run, Index i) const {
    return {run.sample * image.image() + c * image.area(),
            source(pad_, run.row * Step - pad_.before() + i, image.height), run.column * Step - pad_.before()};
  }

  // The row of a place, from its column on.
  template <class V>
  static V* row_at(const View<V>& image, const Place& place) {
    return image.data + place.plane + place.row * image.width + place.column;
  }

  // Which of the `count` pixels from a place on lie in the image.
  template <class V>
  static Part inside_of(const View<V>& image, const Place& place, Index count) {
    const Index begin = std::clamp<Index>(-place.column, 0, count);
    return {begin, std::clamp<Index>(image.width - place.column, begin, count)};
  }

  // Calls f(x, source) for each of the `count` pixels from a place on that lies in the border, with the pixel of the
  // image that stands there; null for a zero.
  template <class V, class F>
  void for_each_in_border(const View<V>& image, const Place& place, Index count, const F& f) const {
    const Part inside = inside_of(image, place, count);
    const auto some = [&](Index from, Index to) {
      for (Index x = from; x < to; ++x) {
        const Index column = source(pad_, place.column + x, image.width);
        f(x, column < 0 ? nullptr : row_at(image, place) + column - place.column);
      }
    };
    some(0, inside.begin);
    some(inside.end, count);
  }

  // Whether what a run that fills the packet reads from a place on, as whole packets, is memory of the image, be it of
  // other rows.
  static bool lies_in_memory(const View<const T>& image, const Place& place) {
    const Index first = place.plane + place.row * image.width + place.column;
    return place.row >= 0 && first >= 0 && first + line_size + (Field > Step ? Step : 0) <= image.size();
  }

  // Row i of the square from the first pixels of all tiles and the others, `Step` pixels further on.
  static void deal_row(const T* near, const T* far, Index i, Square<T, Field>& square) {
    deal<Step, Step>(near, square.at(i, 0));
    if constexpr (Field > Step) deal<Step, Field - Step>(far, square.at(i, Step));
  }

  // Puts what lies beyond the image into row i of the square, where the pixels of other rows stand.
  void deal_border(const View<const T>& image, const Place& place, Index i, Square<T, Field>& square) const {
    for_each_in_border(image, place, line_size + Field - Step, [&](Index x, const T* source) {
      const T pixel = source == nullptr ? T(0) : *source;
      const Index lane = x / Step;
      const Index j = x % Step;
      if (lane < lanes) square.at(i, j)[lane] = pixel;
      if (lane > 0 && j + Step < Field) square.at(i, j + Step)[lane - 1] = pixel;
    });
  }

  // The (length + 1)·Step pixels from a place on, as many as a run needs and some more, which are anything.
  void gather(View<const T> image, const Place& place, Index length, T* out) const {
    const Index count = length * Step + Field - Step;
    if (place.row < 0) {
      std::fill_n(out, count, T(0));
      return;
    }
    const T* const row = row_at(image, place);
    const Part inside = inside_of(image, place, count);
    std::copy(row + inside.begin, row + inside.end, out + inside.begin);
    for_each_in_border(image, place, count,
                       [&](Index x, const T* source) { out[x] = source == nullptr ? T(0) : *source; });
  }

  // Adds one[x] + other[x] for `count` pixels from a place on, which may lie in the border.
  void add_piece(const T* one, const T* other, Index count, const View<T>& image, const Place& place) const {
    T* const row = row_at(image, place);
    const Part inside = inside_of(image, place, count);
    for (Index x = inside.begin; x < inside.end; ++x) row[x] += one[x] + other[x];
    for_each_in_border(image, place, count, [&](Index x, T* source) {
      if (source != nullptr) *source += one[x] + other[x];
    });
  }

  const TilePacket<T>& packet_;
  PadGeometry pad_;
  Index down_;
};

}  // namespace ugatit::winograd
