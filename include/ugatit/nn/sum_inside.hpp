// A sum x ↦ F(x) + G(x) in the pass of F's last layer, where that can add what it is given (a norm at the end of a
// residual block).
#pragma once

#include <ugatit/nn/sequential.hpp>
#include <ugatit/nn/wiring.hpp>

namespace ugatit {

template <class F, class G>
struct Fork;

namespace combinators {

/// What of F comes before its last layer, and that layer; nothing, where it is the only one.
template <class F>
struct Split {};

template <class F, class G>
struct Split<Then<F, G>> {
  using Front = F;
  using Last = G;
};

template <class F, class G, class H>
struct Split<Then<F, Then<G, H>>> {
  using Front = Then<F, typename Split<Then<G, H>>::Front>;
  using Last = typename Split<Then<G, H>>::Last;
};

/// Whether a layer for an input can add what it is given to what it makes.
template <class Node, class In, class D>
concept Adds = requires(D& dev, const typename Node::Params& w, const Value<In, D>& x, typename Node::Tape& tape,
                        const Value<typename Node::Out, D>& more) {
  Node::forward(dev, w, x, tape, more);
};

/// Whether F has several layers.
template <class F>
concept IsChain = requires {
  typename Split<F>::Last;
};

/// The last layer of F, for what reaches it.
template <class F, class In, class D>
struct AtTheEnd {
  using Reached = typename On<typename Split<F>::Front, In, D>::Out;
  using Node = On<typename Split<F>::Last, Reached, D>;
  static constexpr bool adds = Adds<Node, Reached, D>;
};

/// Whether that can.
template <class F, class In, class D>
concept AddsAtTheEnd = IsChain<F> && AtTheEnd<F, In, D>::adds;

/// x ↦ F(x) + G(x), with the sum in the pass of F's last layer.
template <class F, class G, class In, class D>
struct SumInside {
  using type = On<Then<Fork<typename Split<F>::Front, G>, PlusSecond<typename Split<F>::Last>>, In, D>;
};

}  // namespace combinators

}  // namespace ugatit
