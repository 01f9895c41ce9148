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

/// (x, y) ↦ F(x) + y in one pass, where F can add what its `forward` is given, as norms can
template <class F>
struct PlusSecond {
  template <class In, class D>
  struct On {
    using Own = ugatit::On<F, typename In::First, D>;
    using Out = typename Own::Out;
    using Params = typename Own::Params;
    using Tape = typename Own::Tape;
    static_assert(require_shape<Add, Out, typename In::Second>());

    static ExtentOf<Out> out(const ExtentOf<In>& extent) {
      return ugatit::On<Add, Both<Out, Out>, D>::out({Own::out(extent.first), extent.second});
    }
    static Params parameters(const ExtentOf<In>& extent) { return Own::parameters(extent.first); }
    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
      return Own::forward(dev, w, std::move(x.first), tape, x.second);
    }
    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      auto dx = Own::backward(dev, w, tape, dy, dw);
      return {std::move(dx), std::move(dy)};
    }
  };
};

}  // namespace ugatit
