// ops/border.hpp as kernels. Backward gathers: each pixel looks up which places of the border read it.
#pragma once

#include <ugatit/cuda/in_float.hpp>
#include <ugatit/cuda/read_then_write.hpp>
#include <ugatit/ops/border.hpp>

namespace ugatit {

namespace pad {

/// Calls f(p) for every padded position p, counted from the image's first, that reads position `i` of `size`.
template <class F>
UGATIT_KERNEL void each_reader(const PadGeometry& g, Index i, Index size, const F& f) {
  f(i);
  const bool inside = i > g.before() && i < size - 1 - g.after();
  if (inside || g.border == Border::zero) return;
  for (Index p = -g.before(); p < 0; ++p) {
    if (border_source(g.border, p, size) == i) f(p);
  }
  for (Index p = size; p < size + g.after(); ++p) {
    if (border_source(g.border, p, size) == i) f(p);
  }
}

/// Which places of an image with border read a pixel of it.
class Readers {
 public:
  Readers(const PadGeometry& geometry, Index rows, Index columns) : g(geometry), height(rows), width(columns) {}

  /// The pixel's own place, counted from the first with border.
  UGATIT_KERNEL int own(int pixel) const {
    const Place at(*this, pixel);
    return place(at.row, at.column);
  }

  /// Whether position i of `size` is read by its own place alone.
  UGATIT_KERNEL bool only_own(int i, int size) const {
    return g.border == Border::zero || (i > static_cast<int>(g.before()) && i < size - 1 - static_cast<int>(g.after()));
  }

  /// f(place) for each of the others; the border is zero or reflected.
  template <class F>
  UGATIT_KERNEL void each_other(int pixel, const F& f) const {
    const Place at(*this, pixel);
    if (only_own(at.row, static_cast<int>(height)) && only_own(at.column, static_cast<int>(width))) return;
    // Loops that stay loops: one copy of f takes few registers.
    UGATIT_UNROLLED(1) for (int i = 0; i < 3; ++i) {
      const int row = reader(i, at.row, static_cast<int>(height));
      if (row == nowhere) continue;
      UGATIT_UNROLLED(1) for (int j = i == 0 ? 1 : 0; j < 3; ++j) {
        const int column = reader(j, at.column, static_cast<int>(width));
        if (column != nowhere) f(place(row, column));
      }
    }
  }

 private:
  static constexpr int nowhere = -0x7fffffff;

  struct Place {
    int row, column;

    UGATIT_KERNEL Place(const Readers& readers, int pixel) {
      const auto columns = static_cast<unsigned>(readers.width);
      row = static_cast<int>(static_cast<unsigned>(pixel) / columns);
      column = static_cast<int>(static_cast<unsigned>(pixel) % columns);
    }
  };

  UGATIT_KERNEL int place(int row, int column) const {
    const int before = static_cast<int>(g.before());
    return (row + before) * static_cast<int>(width + g.both()) + column + before;
  }

  PadGeometry g;
  Index height, width;  // without border

  // Of those that read position i of `size`: itself, the one beyond the first, the one beyond the last.
  UGATIT_KERNEL int reader(int number, int i, int size) const {
    if (number == 0) return i;
    if (g.border == Border::zero) return nowhere;
    if (number == 1) return i >= 1 && i <= static_cast<int>(g.before()) ? -i : nowhere;
    return i <= size - 2 && i >= size - 1 - static_cast<int>(g.after()) ? 2 * (size - 1) - i : nowhere;
  }
};

/// Σ of eight channels over all places that read a pixel; `first` is those channels of the first place, `columns` the
/// eights of each.
template <ChannelsLast E>
UGATIT_KERNEL EightFloats sum_of_places(const Readers& readers, const Eight<E>* first, Index columns, int pixel) {
  EightFloats sums;
  const auto take = [&](int place) {
    const Eight<E> one = first[place * columns];
    for (int k = 0; k < 8; ++k) sums.of[k] += one.at(k);
  };
  take(readers.own(pixel));
  readers.each_other(pixel, take);
  return sums;
}

/// Each number of `out` = value(plane, row, column), where a plane is a channel of a sample. 32 threads go along a row,
/// so that no number needs a division to know where it is.
template <class D, class T, class Value>
void map_lines(D& dev, View<T> out, const Value& value) {
  constexpr Index together = 32;  // lines of a team
  constexpr Index abreast = 32;
  constexpr Index work = 2048;  // for a team of 256
  const Index lines = out.batch * out.channels * out.height;
  for_each_team(dev, (lines + together - 1) / together, work, [=] UGATIT_KERNEL(Team team, Index t) {
    const Index step = team.size() < abreast ? team.size() : abreast;
    const Index lines_at_once = team.size() / step;
    const Cell thread(step, team.rank());
    if (thread.row >= lines_at_once) return;
    const Index end = (t + 1) * together < lines ? (t + 1) * together : lines;
    for (Index line = t * together + thread.row; line < end; line += lines_at_once) {
      const Cell place(out.height, line);
      T* const to = out.data + line * out.width;
      read_then_write<4>(
          thread.column, step, out.width, [&](Index column) { return value(place.row, place.column, column); },
          [&](Index column, T number) { to[column] = number; });
    }
  });
}

}  // namespace pad

template <LaunchesKernels D>
void pad_forward(D& dev, PadGeometry g, View<const typename D::Scalar> x, View<typename D::Scalar> y) {
  using T = typename D::Scalar;
  pad::map_lines(dev, y, [=] UGATIT_KERNEL(Index plane, Index row, Index column) {
    const Index i = border_source(g.border, row - g.before(), x.height);
    const Index j = border_source(g.border, column - g.before(), x.width);
    return i < 0 || j < 0 ? T(0) : x.data[(plane * x.height + i) * x.width + j];
  });
}

template <LaunchesKernels D>
void pad_backward(D& dev, PadGeometry g, View<const typename D::Scalar> dy, View<typename D::Scalar> dx) {
  using T = typename D::Scalar;
  pad::map_lines(dev, dx, [=] UGATIT_KERNEL(Index plane, Index row, Index column) {
    const T* const from = dy.data + (plane * dy.height + g.before()) * dy.width + g.before();
    T sum = T(0);
    pad::each_reader(g, row, dx.height, [&](Index i) {
      pad::each_reader(g, column, dx.width, [&](Index j) { sum += from[i * dy.width + j]; });
    });
    return sum;
  });
}

template <LaunchesKernels D, ChannelsLast E>
void pad_forward(D& dev, PadGeometry g, View<const E> x, View<E> y) {
  const Eight<E>* const from = eights(x.data);
  Eight<E>* const to = eights(y.data);
  const Index columns = x.channels / 8;
  // A row is copied as it is, and then has its ends.
  for_each_team(dev, y.batch * y.height, 8 * y.width * columns, [=] UGATIT_KERNEL(Team team, Index line) {
    const Cell place(y.height, line);
    const Index i = border_source(g.border, place.column - g.before(), x.height);
    const Eight<E>* const row = from + (place.row * x.height + i) * x.width * columns;
    Eight<E>* const padded = to + line * y.width * columns;
    if (i < 0) return map(team, y.width * columns, padded, [](Index) { return Eight<E>{}; });
    map(team, x.width * columns, padded + g.before() * columns, [=](Index at) { return row[at]; });
    team.each(g.both() * columns, [=](Index at) {
      const Cell end(columns, at);
      const Index p = end.row < g.before() ? end.row : x.width + end.row;
      const Index j = border_source(g.border, p - g.before(), x.width);
      padded[p * columns + end.column] = j < 0 ? Eight<E>{} : row[j * columns + end.column];
    });
  });
}

template <LaunchesKernels D, ChannelsLast E>
void pad_backward(D& dev, PadGeometry g, View<const E> dy, View<E> dx) {
  if (g.border == Border::replicate) {  // many places read one pixel: summed in float, in the other order
    const FromFloat sums(dev, dx);
    pad_backward(dev, g, InFloat(dev, dy).view(), sums.view());
    return sums.finish();
  }
  const pad::Readers readers(g, dx.height, dx.width);
  const Eight<E>* const from = eights(dy.data);
  Eight<E>* const to = eights(dx.data);
  const Index columns = dx.channels / 8;
  for_each_team(dev, dx.batch * dx.height, 8 * dx.width * columns, [=] UGATIT_KERNEL(Team team, Index line) {
    const Cell place(dx.height, line);
    const int i = static_cast<int>(place.column);
    const Eight<E>* const image = from + place.row * dy.area() * columns;
    Eight<E>* const row = to + line * dx.width * columns;
    const bool row_alone = readers.only_own(i, static_cast<int>(dx.height));
    if (row_alone) {
      const Eight<E>* const own = image + ((i + g.before()) * dy.width + g.before()) * columns;
      map(team, dx.width * columns, row, [=](Index at) { return own[at]; });
      team.meet();  // then the ends, which several columns read
    }
    team.each(dx.width * columns, [=](Index at) {
      const Cell pixel(columns, at);
      const int j = static_cast<int>(pixel.row);
      if (row_alone && readers.only_own(j, static_cast<int>(dx.width))) return;
      const int number = i * static_cast<int>(dx.width) + j;
      const EightFloats sums = pad::sum_of_places(readers, image + pixel.column, columns, number);
      row[at] = eight<E>([&](int k) { return sums.at(k); });
    });
  });
}

}  // namespace ugatit
