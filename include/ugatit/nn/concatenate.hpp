// Channels side by side: what brings branches together again.
#pragma once

#include <ugatit/nn/combinators.hpp>

namespace ugatit {

/// (x, y) ↦ all channels of x, then those of y: `Both<Map<A>, Map<B>>` → `Map<A + B>`, of one height and width.
struct Concatenate {
  template <class In, class D>
  struct On {
    using A = typename In::First;
    using B = typename In::Second;
    static_assert(require_map<Concatenate, A>() && require_map<Concatenate, B>());
    using Out = Map<A::channels + B::channels>;
    using Params = NoParams;
    using Tape = NoTape;

    static Extent out(const ExtentOf<In>& extent) {
      if (!(extent.first == extent.second)) throw Error("channels side by side need two values of the same size");
      return extent.first;
    }
    static Params parameters(const ExtentOf<In>&) { return {}; }

    static Value<Out, D> forward(D& dev, const Params&, Value<In, D> x, Tape&) {
      Value<Out, D> y(dev, x.first.extent());
      join_channels(dev, as_input(x.first), as_input(x.second), y.view());
      y.set_constant(x.first.is_constant() && x.second.is_constant());
      return y;
    }

    static Value<In, D> backward(D& dev, const Params&, Tape&, Value<Out, D> dy, Params&) {
      if (!dy) return {};
      Value<In, D> dx{Value<A, D>(dev, dy.extent()), Value<B, D>(dev, dy.extent())};
      split_channels(dev, as_input(dy), dx.first.view(), dx.second.view());
      return dx;
    }
  };
};

namespace combinators {

template <class F, class... Rest>
struct Branch {
  using type = Then<Fork<F, typename Branch<Rest...>::type>, Concatenate>;
};

template <class F>
struct Branch<F> {
  using type = F;
};

}  // namespace combinators

/// x ↦ the channels of F(x), G(x), … side by side.
template <class... Layers>
using Branches = typename combinators::Branch<Layers...>::type;

}  // namespace ugatit
