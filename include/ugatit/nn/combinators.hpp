// Layers made of layers. Four carry the chain rule, the others are names for uses of them.
//
//   Then<F, G>      x ↦ G(F(x))             backward: F's of G's (sequential.hpp)
//   Fork<F, G>      x ↦ (F(x), G(x))        backward: the sum of both
//   Parallel<F, G>  (x, y) ↦ (F(x), G(y))   backward: side by side
//   Repeat<N, F>    F applied N times, each time with its own parameters
#pragma once

#include <ugatit/nn/sequential.hpp>
#include <ugatit/nn/sum_inside.hpp>
#include <ugatit/nn/wiring.hpp>

#include <array>
#include <concepts>
#include <cstddef>

namespace ugatit {

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
