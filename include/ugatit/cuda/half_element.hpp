// Which values are bfloat16 on a device for that.
#pragma once

#include <ugatit/core/bfloat16.hpp>
#include <ugatit/core/shape.hpp>

#include <type_traits>

namespace ugatit {

/// What values of a shape consist of on a device for `bfloat16`: maps of many channels of bfloat16, in the order that
/// tensor cores read; images, logits and vectors of float. Eight channels are what a thread loads at once.
template <class Shape>
struct HalfElementOf {
  using type = float;  ///< it
};

/// Of maps.
template <Index C>
struct HalfElementOf<Map<C>> {
  using type = std::conditional_t<C % 8 == 0, bfloat16, float>;  ///< it
};

/// The same by name.
template <class Shape>
using HalfElement = typename HalfElementOf<Shape>::type;

}  // namespace ugatit
