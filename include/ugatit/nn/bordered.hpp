// A convolution's border, laid on by the layer before it: on devices whose convolutions read borders from memory, so
// that the image is written once instead of being copied.
#pragma once

#include <ugatit/nn/activation.hpp>
#include <ugatit/nn/conv.hpp>
#include <ugatit/nn/wiring.hpp>
#include <ugatit/ops/border.hpp>

namespace ugatit {

template <class F, class G>
struct Then;
template <class F, class G>
struct Fork;
template <class F, class G>
struct Parallel;

namespace combinators {

/// Of layers that begin with a convolution with a border: that border, and the layers without it.
template <class Layer>
struct Borderless {};

template <Index C, Index K, Index S, Bias WithBias, Index P, Border B, Index More>
requires(P > 0 && B != Border::replicate) struct Borderless<Conv2d<C, K, S, WithBias, P, B, More>> {
  static constexpr PadGeometry border{P, B, More};
  using type = Conv2d<C, K, S, WithBias>;
};

/// Layers that do.
template <class Layer>
concept BeginsWithBorder = requires {
  typename Borderless<Layer>::type;
};

template <BeginsWithBorder F, class G>
struct Borderless<Then<F, G>> {
  static constexpr PadGeometry border = Borderless<F>::border;
  using type = Then<typename Borderless<F>::type, G>;
};

template <BeginsWithBorder F>
struct Borderless<Parallel<F, Identity>> {
  static constexpr PadGeometry border = Borderless<F>::border;
  using type = Parallel<typename Borderless<F>::type, Identity>;
};

/// F, the activation A after it, and a border around the result in one pass.
template <class F, class A, PadGeometry Around>
struct ThenBorder {
  template <class In, class D>
  using On = typename F::template FollowedBy<A, In, D, Around>;
};

/// Whether F can do that.
template <class F, class A, PadGeometry Around>
concept LaysBorderAfter = requires {
  typename F::template FollowedBy<A, Map<1>, void, Around>;
};

/// Layers that end with such ones, with a border around the result.
template <class Layer, PadGeometry Around>
struct Bordered {};

template <class F, class A, PadGeometry Around>
requires LaysBorderAfter<F, A, Around>
struct Bordered<Then<F, A>, Around> {
  using type = ThenBorder<F, A, Around>;
};

template <class F, class G, PadGeometry Around>
requires requires {
  typename Bordered<G, Around>::type;
}
struct Bordered<Then<F, G>, Around> {
  using type = Then<F, typename Bordered<G, Around>::type>;
};

template <class F, PadGeometry Around>
requires requires {
  typename Bordered<F, Around>::type;
}
struct Bordered<Fork<F, Second>, Around> {
  using type = Fork<typename Bordered<F, Around>::type, Second>;
};

/// Whether values of a shape are what a device's layers lay borders on.
template <class Shape, class D>
inline constexpr bool takes_border = false;
template <Index C, class D>
inline constexpr bool takes_border<Map<C>, D> = channels_last<Element<Map<C>, D>>;
template <class A, class B, class D>
inline constexpr bool takes_border<Both<A, B>, D> = takes_border<A, D>;

/// Whether F ends with a layer that lays on the border that G begins with.
template <class F, class G, class In, class D>
concept MeetAtBorder = LaysBorders<D> && BeginsWithBorder<G> && requires {
  typename Bordered<F, Borderless<G>::border>::type;
} && takes_border<typename On<F, In, D>::Out, D>;

}  // namespace combinators

}  // namespace ugatit
