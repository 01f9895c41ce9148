// Which values have their channels last on a device for tensor cores.
#pragma once

#include <ugatit/core/shape.hpp>
#include <ugatit/core/tensor.hpp>

#include <type_traits>

namespace ugatit {

/// What values of a shape consist of on a device for numbers of type E: maps of many channels of E, in the order that
/// tensor cores read; images, logits and vectors of float. Eight channels are what a thread loads at once.
template <class Shape, class E>
struct MapElementOf {
  using type = float;  ///< it
};

/// Of maps.
template <Index C, ChannelsLast E>
struct MapElementOf<Map<C>, E> {
  using type = std::conditional_t<C % 8 == 0, E, float>;  ///< it
};

/// The same by name.
template <class Shape, class E>
using MapElement = typename MapElementOf<Shape, E>::type;

}  // namespace ugatit
