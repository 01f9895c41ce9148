// Images of which channels are last, with a border around them that the operation which makes them lays on: how it
// writes them, and how its way back reads their gradient.
#pragma once

#include <ugatit/cuda/pad.hpp>
#include <ugatit/cuda/rows.hpp>

namespace ugatit {

namespace bordered {

/// What reaches the pixels of an image without border: gradients dy,
template <ChannelsLast E>
struct FromPixel {
  static constexpr int together = 4;  ///< pixels of a thread that have registers enough at once

  const Eight<E>* dy;
  Index area, columns;  // of each image

  explicit FromPixel(View<const E> gradients)
      : dy(eights(gradients.data)), area(gradients.area()), columns(gradients.channels / 8) {}

  /// Where a column of an image begins.
  UGATIT_KERNEL const Eight<E>* image(Index n, Index column) const { return dy + n * area * columns + column; }
  UGATIT_KERNEL Eight<E> operator()(const Eight<E>* image, Index pixel) const { return image[pixel * columns]; }
  /// Where a pixel is.
  UGATIT_KERNEL Index place(Index pixel) const { return pixel; }
};

/// or, where there is a border around x, their sum over all places that hold the pixel.
template <ChannelsLast E>
struct FromPlaces : FromPixel<E> {
  static constexpr int together = 2;

  pad::Readers readers;

  FromPlaces(const PadGeometry& g, View<const E> gradients, View<const E> x)
      : FromPixel<E>(gradients), readers(g, x.height, x.width) {}

  UGATIT_KERNEL EightFloats operator()(const Eight<E>* image, Index pixel) const {
    return pad::sum_of_places(readers, image, this->columns, static_cast<int>(pixel));
  }
  UGATIT_KERNEL Index place(Index pixel) const { return readers.own(static_cast<int>(pixel)); }
};

/// What a thread keeps for its places of an image with border.
template <ChannelsLast E, class Prepared>
struct Place {
  Prepared prepared;
  const Eight<E>* image;
};

/// y = value(an eight of x, prepared) with a border around it, whose places look up which pixel they hold; `prepared`
/// is what a thread has of prepare(n, column), and with a border it has at most `Together` places on their way at once.
/// Without a border x and y may be the same.
template <class Prepared, int Together = 4, class D, ChannelsLast E, class Prepare, class Value>
void map(D& dev, const PadGeometry& geometry, View<const E> x, View<E> y, const Prepare& prepare, const Value& value) {
  const Eight<E>* const from = eights(x.data);
  if (geometry.both() == 0) {
    return map_rows(dev, x.batch, x.area(), x.channels, y.data, prepare,
                    [=] UGATIT_KERNEL(Index i, Index, const Prepared& prepared) { return value(from[i], prepared); });
  }
  const PadGeometry g = geometry;
  const Index columns = x.channels / 8;
  map_rows<Together>(
      dev, y.batch, y.area(), y.channels, y.data,
      [=] UGATIT_KERNEL(Index n, Index column) {
        return Place<E, Prepared>{prepare(n, column), from + n * x.area() * columns + column};
      },
      [=] UGATIT_KERNEL(Index, Index number, const Place<E, Prepared>& place) {
        const Cell p(y.width, number);
        const Index row = border_source(g.border, p.row - g.before(), x.height);
        const Index column = border_source(g.border, p.column - g.before(), x.width);
        if (row < 0 || column < 0) return Eight<E>{};
        return value(place.image[(row * x.width + column) * columns], place.prepared);
      });
}

}  // namespace bordered

}  // namespace ugatit
