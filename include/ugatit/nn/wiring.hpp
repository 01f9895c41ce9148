// Layers that compute nothing, or hardly anything: what combinators need to say where values go.
#pragma once

#include <ugatit/nn/layer.hpp>

namespace ugatit {

/// x ↦ x
struct Identity {
  template <class In, class D>
  struct On {
    using Out = In;
    using Params = NoParams;
    using Tape = NoTape;

    static ExtentOf<Out> out(const ExtentOf<In>& extent) { return extent; }
    static Params parameters(const ExtentOf<In>&) { return {}; }
    static Value<Out, D> forward(D&, const Params&, Value<In, D> x, Tape&) { return x; }
    static Value<In, D> backward(D&, const Params&, Tape&, Value<Out, D> dy, Params&) { return dy; }
  };
};

/// (x, y) ↦ x
struct First {
  template <class In, class D>
  struct On {
    using Out = typename In::First;
    using Params = NoParams;
    using Tape = NoTape;

    static ExtentOf<Out> out(const ExtentOf<In>& extent) { return extent.first; }
    static Params parameters(const ExtentOf<In>&) { return {}; }
    static Value<Out, D> forward(D&, const Params&, Value<In, D> x, Tape&) { return std::move(x.first); }
    static Value<In, D> backward(D&, const Params&, Tape&, Value<Out, D> dy, Params&) { return {std::move(dy), {}}; }
  };
};

/// (x, y) ↦ y
struct Second {
  template <class In, class D>
  struct On {
    using Out = typename In::Second;
    using Params = NoParams;
    using Tape = NoTape;

    static ExtentOf<Out> out(const ExtentOf<In>& extent) { return extent.second; }
    static Params parameters(const ExtentOf<In>&) { return {}; }
    static Value<Out, D> forward(D&, const Params&, Value<In, D> x, Tape&) { return std::move(x.second); }
    static Value<In, D> backward(D&, const Params&, Tape&, Value<Out, D> dy, Params&) { return {{}, std::move(dy)}; }
  };
};

/// (x, y) ↦ x + y, of one shape
struct Add {
  template <class In, class D>
  struct On {
    using Out = typename In::First;
    using Params = NoParams;
    using Tape = NoTape;
    static_assert(require_shape<Add, Out, typename In::Second>());

    static ExtentOf<Out> out(const ExtentOf<In>& extent) {
      if (!(extent.first == extent.second)) throw Error("a sum needs two values of the same size");
      return extent.first;
    }
    static Params parameters(const ExtentOf<In>&) { return {}; }
    static Value<Out, D> forward(D& dev, const Params&, Value<In, D> x, Tape&) {
      return sum(dev, std::move(x.first), std::move(x.second));
    }
    static Value<In, D> backward(D&, const Params&, Tape&, Value<Out, D> dy, Params&) { return {dy, dy}; }
  };
};

}  // namespace ugatit
