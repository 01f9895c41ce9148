// Layers one after the other.
//
//   Then<F, G>      x ↦ G(F(x))             backward: F's of G's
#pragma once

#include <ugatit/nn/bordered.hpp>
#include <ugatit/nn/layer.hpp>

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

template <class F, class G, class In, class D>
requires MeetAtBorder<F, G, In, D>
struct Chained<F, G, In, D> {
  static constexpr PadGeometry border = Borderless<G>::border;
  using type = OneAfterTheOther<typename Bordered<F, border>::type, typename Borderless<G>::type, In, D>;
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
  using type = typename Chained<Then<F, G>, Rest, In, D>::type;
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

}  // namespace ugatit
