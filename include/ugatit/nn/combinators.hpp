// Layers made of layers. Four carry the chain rule, the others are names for uses of them.
//
//   Then<F, G>      x ↦ G(F(x))             backward: F's of G's
//   Fork<F, G>      x ↦ (F(x), G(x))        backward: the sum of both
//   Parallel<F, G>  (x, y) ↦ (F(x), G(y))   backward: side by side
//   Repeat<N, F>    F applied N times, each time with its own parameters
#pragma once

#include <ugatit/nn/layer.hpp>
#include <ugatit/nn/wiring.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <type_traits>

namespace ugatit {

namespace combinators {

/// Parameters of two nodes side by side, the first's visited first.
template <class First, class Second>
struct PairParams {
  typename First::Params first;
  typename Second::Params second;

  template <class Visitor, class... P>
  static void each(const Visitor& f, P&... params) {
    First::Params::each(f, params.first...);
    Second::Params::each(f, params.second...);
  }
};

/// Tapes likewise.
template <class First, class Second>
struct PairTape {
  typename First::Tape first;
  typename Second::Tape second;
};

}  // namespace combinators

namespace combinators {

/// x ↦ G(F(x)), for an input and a device.
template <class F, class G, class In, class D>
struct OneAfterTheOther {
  using First = ugatit::On<F, In, D>;
  using Second = ugatit::On<G, typename First::Out, D>;
  using Out = typename Second::Out;
  using Params = combinators::PairParams<First, Second>;
  using Tape = combinators::PairTape<First, Second>;

  static ExtentOf<Out> out(const ExtentOf<In>& extent) { return Second::out(First::out(extent)); }
  static Params parameters(const ExtentOf<In>& extent) {
    return {First::parameters(extent), Second::parameters(First::out(extent))};
  }

  static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
    return Second::forward(dev, w.second, First::forward(dev, w.first, std::move(x), tape.first), tape.second);
  }

  static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
    return First::backward(dev, w.first, tape.first,
                           Second::backward(dev, w.second, tape.second, std::move(dy), dw.second), dw.first);
  }
};

/// Whether F has a pass for itself and G together.
template <class F, class G, class In, class D>
concept TakesAlong = requires {
  typename F::template FollowedBy<G, In, D>;
};

template <class F, class G, class In, class D>
struct Chained {
  using type = OneAfterTheOther<F, G, In, D>;
};

template <class F, class G, class In, class D>
requires TakesAlong<F, G, In, D>
struct Chained<F, G, In, D> {
  using type = typename F::template FollowedBy<G, In, D>;
};

}  // namespace combinators

/// x ↦ G(F(x)). Where F has `FollowedBy<G, In, D>`, that is both in one pass, with the same result.
template <class F, class G>
struct Then {
  /// The layer for an input.
  template <class In, class D>
  struct On : combinators::Chained<F, G, In, D>::type {};
};

namespace combinators {

// Then is associative: F and what comes first of the others in one pass, then the rest.
template <class F, class G, class Rest, class In, class D>
requires TakesAlong<F, G, In, D>
struct Chained<F, Then<G, Rest>, In, D> {
  using type = OneAfterTheOther<Then<F, G>, Rest, In, D>;
};

template <class... Layers>
struct Chain;

template <class F>
struct Chain<F> {
  using type = F;
};

template <class F, class... Rest>
struct Chain<F, Rest...> {
  using type = Then<F, typename Chain<Rest...>::type>;
};

}  // namespace combinators

/// Layers one after the other.
template <class... Layers>
using Sequential = typename combinators::Chain<Layers...>::type;

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

/// x ↦ (F(x), G(x))
template <class F, class G>
struct Fork {
  template <class In, class D>
  struct On {
    using First = ugatit::On<F, In, D>;
    using Second = ugatit::On<G, In, D>;
    using Out = Both<typename First::Out, typename Second::Out>;
    using Params = combinators::PairParams<First, Second>;
    using Tape = combinators::PairTape<First, Second>;

    static ExtentOf<Out> out(const ExtentOf<In>& extent) { return {First::out(extent), Second::out(extent)}; }
    static Params parameters(const ExtentOf<In>& extent) {
      return {First::parameters(extent), Second::parameters(extent)};
    }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
      auto first = First::forward(dev, w.first, x, tape.first);
      return {std::move(first), Second::forward(dev, w.second, std::move(x), tape.second)};
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      auto second = Second::backward(dev, w.second, tape.second, std::move(dy.second), dw.second);
      return sum(dev, First::backward(dev, w.first, tape.first, std::move(dy.first), dw.first), std::move(second));
    }
  };

  /// Both in one pass of F's last layer, where that can add.
  template <std::same_as<Add> Next, class In, class D>
  requires combinators::AddsAtTheEnd<F, In, D>
  using FollowedBy = typename combinators::SumInside<F, G, In, D>::type;
};

/// (x, y) ↦ (F(x), G(y))
template <class F, class G>
struct Parallel {
  template <class In, class D>
  struct On {
    using First = ugatit::On<F, typename In::First, D>;
    using Second = ugatit::On<G, typename In::Second, D>;
    using Out = Both<typename First::Out, typename Second::Out>;
    using Params = combinators::PairParams<First, Second>;
    using Tape = combinators::PairTape<First, Second>;

    static ExtentOf<Out> out(const ExtentOf<In>& extent) {
      return {First::out(extent.first), Second::out(extent.second)};
    }
    static Params parameters(const ExtentOf<In>& extent) {
      return {First::parameters(extent.first), Second::parameters(extent.second)};
    }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
      auto first = First::forward(dev, w.first, std::move(x.first), tape.first);
      return {std::move(first), Second::forward(dev, w.second, std::move(x.second), tape.second)};
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      auto second = Second::backward(dev, w.second, tape.second, std::move(dy.second), dw.second);
      return {First::backward(dev, w.first, tape.first, std::move(dy.first), dw.first), std::move(second)};
    }
  };
};

/// F applied N times, each time with parameters of its own. F must keep the shape.
template <Index N, class F>
struct Repeat {
  template <class In, class D>
  struct On {
    using One = ugatit::On<F, In, D>;
    using Out = In;
    static_assert(require_shape<Repeat, In, typename One::Out>());

    struct Params {
      std::array<typename One::Params, static_cast<std::size_t>(N)> all;

      template <class Visitor, class... P>
      static void each(const Visitor& f, P&... params) {
        for (std::size_t i = 0; i < static_cast<std::size_t>(N); ++i) One::Params::each(f, params.all[i]...);
      }
    };

    struct Tape {
      std::array<typename One::Tape, static_cast<std::size_t>(N)> all;
    };

    static ExtentOf<Out> out(ExtentOf<In> extent) {
      for (Index i = 0; i < N; ++i) extent = One::out(extent);
      return extent;
    }
    static Params parameters(ExtentOf<In> extent) {
      Params params;
      for (auto& one : params.all) {
        one = One::parameters(extent);
        extent = One::out(extent);
      }
      return params;
    }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
      for (std::size_t i = 0; i < w.all.size(); ++i) x = One::forward(dev, w.all[i], std::move(x), tape.all[i]);
      return x;
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      for (std::size_t i = w.all.size(); i-- > 0;) {
        dy = One::backward(dev, w.all[i], tape.all[i], std::move(dy), dw.all[i]);
      }
      return dy;
    }
  };
};

/// (x, y) ↦ (F(x), y)
template <class F>
using OnFirst = Parallel<F, Identity>;

/// (x, y) ↦ (F(x, y), y)
template <class F>
using Carry = Fork<F, Second>;

/// x ↦ F(x) + x, where F is the layers one after the other and keeps the shape.
template <class... Layers>
struct Residual {
  /// Looked at before the sum is, so that the error names this layer.
  template <class In, class D>
  struct Checked {
    static_assert(require_shape<Residual, In, typename ugatit::On<Sequential<Layers...>, In, D>::Out>());
    using type = Then<Fork<Sequential<Layers...>, Identity>, Add>;  ///< x ↦ F(x) + x
  };

  template <class In, class D>
  struct On : ugatit::On<typename Checked<In, D>::type, In, D> {};
};

}  // namespace ugatit
