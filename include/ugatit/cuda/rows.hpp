// Images [N, H·W, C] as teams work on them: some rows (pixels) of up to 32 columns (eights of channels), of which each
// thread has one column.
#pragma once

#include <ugatit/cuda/eights.hpp>

#include <algorithm>

namespace ugatit {

namespace rows {

constexpr Index threads = 256;       ///< of a team
constexpr Index work = 8 * threads;  ///< what for_each_team is told, to have as many
constexpr Index most_columns = 32;   ///< of a team
constexpr Index enough = 264;        ///< teams, for a large GPU: images of more numbers have more rows for each thread

/// How images of that many pixels and channels are cut into pieces.
struct Cut {
  Index area;     ///< rows of an image
  Index columns;  ///< of an image
  Index width;    ///< columns of a piece; the last one of a row may have fewer
  Index across;   ///< pieces side by side
  Index length;   ///< rows of a piece; the last ones may have fewer
  Index down;     ///< pieces one below the other

  Cut(Index batch, Index pixels, Index channels)
      : area(pixels),
        columns(channels / 8),
        width(columns < most_columns ? columns : most_columns),
        across((columns + width - 1) / width),
        length(threads / width * std::clamp<Index>(batch * pixels * columns / (enough * threads), 4, 32)),
        down((pixels + length - 1) / length) {}

  Index pieces(Index batch) const { return batch * down * across; }  ///< of all images
};

/// Where a piece is.
struct Piece {
  Index n;       ///< image
  Index number;  ///< of `down`
  Index row;     ///< the first one
  Index column;  ///< the first one
  Index rows;    ///< how many
  Index width;   ///< columns

  UGATIT_KERNEL Piece(const Cut& cut, Index at) {
    const Cell place(cut.across, at);
    const Cell image(cut.down, place.row);
    n = image.row;
    number = image.column;
    row = number * cut.length;
    column = place.column * cut.width;
    rows = cut.area - row < cut.length ? cut.area - row : cut.length;
    width = cut.columns - column < cut.width ? cut.columns - column : cut.width;
  }
};

/// A thread's share of columns × rows: its first column, the step to its next one (more than there are, on a GPU), and
/// its rows: `level`, `level` + `depth`, … Threads that are left over have a level of `depth` or more, and no row.
struct Share {
  Index column, step, level, depth;

  UGATIT_KERNEL Share(const Team& team, Index width)
      : step(team.size() < width ? 1 : width), depth(team.size() / step) {
    const Cell place(step, team.rank());
    level = place.row;
    column = place.column;
  }
};

/// For each column, `Count` numbers of T: add(row, column, prepare(column), numbers) takes a row into them,
/// join(numbers, others) what another thread has, and store(column, numbers) gets the result. They begin as `start`.
/// `width` is at most the team's size, or the team is one thread. A thread has `Together` rows on their way.
template <int Count, int Together, class T, class Prepare, class Add, class Join, class Store>
UGATIT_KERNEL void fold(const Team& team, Index height, Index width, T start, const Prepare& prepare, const Add& add,
                        const Join& join, const Store& store) {
  const Share share(team, width);
  T* const held = team.shared<T, Count * threads>();
  for (Index column = share.column; column < width; column += share.step) {
    T numbers[Count];
    for (int k = 0; k < Count; ++k) numbers[k] = start;
    if (share.level < share.depth) {
      const auto prepared = prepare(column);
      UGATIT_UNROLLED(Together)
      for (Index row = share.level; row < height; row += share.depth) add(row, column, prepared, numbers);
    }
    team.meet();  // whoever still reads what was held before
    for (int k = 0; k < Count; ++k) held[k * threads + team.rank()] = numbers[k];
    Index distance = 1;
    while (2 * distance < share.depth) distance *= 2;
    for (; distance > 0; distance /= 2) {
      team.meet();
      if (share.level < distance && share.level + distance < share.depth) {
        for (int k = 0; k < Count; ++k) {
          T& own = held[k * threads + team.rank()];
          own = join(own, held[k * threads + team.rank() + distance * share.step]);
        }
      }
    }
    if (share.level == 0) {
      for (int k = 0; k < Count; ++k) numbers[k] = held[k * threads + team.rank()];
      store(column, numbers);
    }
  }
}

}  // namespace rows

/// For each channel of each image, `Count` numbers of T. A thread takes eight channels of a pixel into them by
/// add(i, pixel, prepared, numbers), where i is the eight's number, `prepared` what the thread has of prepare(n,
/// column) for all its pixels, and numbers[8 k + j] are of channel j; join(a, b) is of two such numbers; then
/// store(plane, numbers) is called once for each, with `Count` numbers of type `Joined`. `Together` pixels are on their
/// way at once.
template <int Count, class Joined, int Together = 4, class T, LaunchesKernels D, class Prepare, class Add, class Join,
          class Store>
void fold_channels(D& dev, Index batch, Index area, Index channels, T start, const Prepare& prepare, const Add& add,
                   const Join& join, const Store& store) {
  const rows::Cut cut(batch, area, channels);
  const BufferOf<T, D> memory(dev.arena(), batch * cut.down * Count * channels);
  T* const partial = memory.data();  // [N, pieces, Count, C]
  for_each_team(dev, cut.pieces(batch), rows::work, [=] UGATIT_KERNEL(Team team, Index t) {
    const rows::Piece piece(cut, t);
    T* const to = partial + (piece.n * cut.down + piece.number) * Count * channels + 8 * piece.column;
    rows::fold<8 * Count, Together, T>(
        team, piece.rows, piece.width, start, [&](Index column) { return prepare(piece.n, piece.column + column); },
        [&](Index row, Index column, const auto& prepared, T* numbers) {
          const Index pixel = piece.row + row;
          add((piece.n * cut.area + pixel) * cut.columns + piece.column + column, pixel, prepared, numbers);
        },
        join,
        [&](Index column, const T* numbers) {
          for (int k = 0; k < Count; ++k) {
            for (int i = 0; i < 8; ++i) to[k * channels + 8 * column + i] = numbers[8 * k + i];
          }
        });
  });
  constexpr Index together = 32;  // channels of a team
  const Index teams = (channels + together - 1) / together;
  for_each_team(dev, batch * teams, rows::work, [=] UGATIT_KERNEL(Team team, Index t) {
    const Cell place(teams, t);
    const Index first = place.column * together;
    const T* const from = partial + place.row * cut.down * Count * channels + first;
    rows::fold<Count, 4, Joined>(
        team, cut.down, channels - first < together ? channels - first : together, static_cast<Joined>(start),
        [](Index) { return 0; },
        [&](Index row, Index c, int, Joined* numbers) {
          for (int k = 0; k < Count; ++k) {
            numbers[k] = join(numbers[k], static_cast<Joined>(from[(row * Count + k) * channels + c]));
          }
        },
        join, [&](Index c, const Joined* numbers) { store(place.row * channels + first + c, numbers); });
  });
}

namespace rows {

/// Where nothing is prepared.
struct Nothing {
  UGATIT_KERNEL int operator()(Index, Index) const { return 0; }
};

/// a + b
struct Plus {
  template <class T>
  UGATIT_KERNEL T operator()(T a, T b) const {
    return a + b;
  }
};

}  // namespace rows

/// The same for sums.
template <int Count, int Together = 4, LaunchesKernels D, class Prepare, class Add, class Store>
void sum_channels(D& dev, Index batch, Index area, Index channels, const Prepare& prepare, const Add& add,
                  const Store& store) {
  fold_channels<Count, double, Together>(dev, batch, area, channels, 0.0F, prepare, add, rows::Plus{}, store);
}

/// Each eight of an image [N, H·W, C] = value(i, pixel, prepared), where i is its number, `pixel` where it is in its
/// image, and `prepared` is what a thread has of prepare(n, column) for all its pixels. value may read what it replaces
/// and nothing else that is written. At most `Together` pixels of a thread are on their way at once.
template <int Together = 4, LaunchesKernels D, ChannelsLast E, class Prepare, class Value>
void map_rows(D& dev, Index batch, Index area, Index channels, E* out, const Prepare& prepare, const Value& value) {
  const rows::Cut cut(batch, area, channels);
  Eight<E>* const to = eights(out);
  for_each_team(dev, cut.pieces(batch), rows::work, [=] UGATIT_KERNEL(Team team, Index t) {
    const rows::Piece piece(cut, t);
    const rows::Share share(team, piece.width);
    if (share.level >= share.depth) return;
    for (Index column = share.column; column < piece.width; column += share.step) {
      const auto prepared = prepare(piece.n, piece.column + column);
      const Index first = (piece.n * cut.area + piece.row) * cut.columns + piece.column + column;
      read_then_write<std::min(Together, maps::together<Eight<E>>)>(
          share.level, share.depth, piece.rows,
          [&](Index row) { return value(first + row * cut.columns, piece.row + row, prepared); },
          [&](Index row, const Eight<E>& eight) { to[first + row * cut.columns] = eight; });
    }
  });
}

}  // namespace ugatit
