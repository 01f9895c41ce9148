// Shapes as types: channels are part of the type, batch, height and width are values.
//
// `Map<C>` is a batch of feature maps or images, laid out [N, C, H, W]; `Vector<C>` is a batch of vectors [N, C];
// `Flat<C>` is a feature map read as one long vector [N, C·H·W], in that order; `Both<A, B>` is two values side by
// side.
#pragma once

#include <concepts>
#include <cstddef>
#include <string>
#include <type_traits>

namespace ugatit {

/// Sizes and positions, signed as Eigen's.
using Index = std::ptrdiff_t;

/// Feature maps or images, [N, C, H, W].
template <Index C>
struct Map {
  static constexpr Index channels = C;  ///< C
};

/// Vectors, [N, C].
template <Index C>
struct Vector {
  static constexpr Index channels = C;  ///< C
};

/// Feature maps read as one long vector, [N, C·H·W], in the order channel, row, column.
template <Index C>
struct Flat {
  static constexpr Index channels = C;  ///< C, of the map
};

/// Two values side by side.
template <class A, class B>
struct Both {
  using First = A;   ///< shape of the first one
  using Second = B;  ///< shape of the second one
};

/// What a shape's type leaves open: batch, height and width. A `Vector` has height and width 1.
struct Extent {
  Index batch = 1;   ///< images
  Index height = 1;  ///< pixels
  Index width = 1;   ///< pixels

  friend bool operator==(const Extent&, const Extent&) = default;

  Index area() const { return height * width; }  ///< pixels of an image
};

/// "2 of 128x128", for messages.
inline std::string describe(const Extent& e) {
  return std::to_string(e.batch) + " of " + std::to_string(e.height) + "x" + std::to_string(e.width);
}

/// Two things of one kind side by side: extents of a `Both`, or its values.
template <class A, class B>
struct Pair {
  A first;   ///< the first one
  B second;  ///< the second one

  friend bool operator==(const Pair&, const Pair&) = default;
};

namespace shapes {

template <class Shape>
struct ExtentOf {
  using type = Extent;
};

template <class A, class B>
struct ExtentOf<Both<A, B>> {
  using type = Pair<typename ExtentOf<A>::type, typename ExtentOf<B>::type>;
};

template <class Shape>
struct Channels {
  static constexpr bool is_map = false;
};

template <Index C>
struct Channels<Map<C>> {
  static constexpr bool is_map = true;
};

}  // namespace shapes

/// `Extent` for one tensor, nested pairs of it for a `Both`.
template <class Shape>
using ExtentOf = typename shapes::ExtentOf<Shape>::type;

/// A `Map` of any number of channels.
template <class Shape>
concept IsMap = shapes::Channels<Shape>::is_map;

/// Declared, never defined: asking for its size is the compile error that names the layer and the two shapes.
template <class Layer, class Expected, class Given>
struct ShapeMismatch;

/// Refuses to compile unless the two shapes are the same; the first line of the error names all three types.
template <class Layer, class Expected, class Given>
constexpr bool require_shape() {
  if constexpr (!std::same_as<Expected, Given>) {
    return sizeof(ShapeMismatch<Layer, Expected, Given>) != 0;
  }
  return true;
}

/// Used where no single shape is expected: `Expected` of a `ShapeMismatch` that wants any `Map`.
struct AnyMap;

/// Refuses to compile unless `Given` is a `Map`.
template <class Layer, class Given>
constexpr bool require_map() {
  if constexpr (!IsMap<Given>) return sizeof(ShapeMismatch<Layer, AnyMap, Given>) != 0;
  return true;
}

}  // namespace ugatit
