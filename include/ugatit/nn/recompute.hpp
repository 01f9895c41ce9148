// Memory for time: a layer that is run again on the way back instead of being remembered.
#pragma once

#include <ugatit/nn/layer.hpp>

namespace ugatit {

/// F with a tape that keeps only F's input and runs F again on the way back: memory for time. F must have no state.
template <class F>
struct Recompute {
  template <class In, class D>
  struct On {
    using Inner = ugatit::On<F, In, D>;
    using Out = typename Inner::Out;
    using Params = typename Inner::Params;

    struct Tape {
      Kept<Value<In, D>> x;
    };

    static ExtentOf<Out> out(const ExtentOf<In>& extent) { return Inner::out(extent); }
    static Params parameters(const ExtentOf<In>& extent) {
      Params params = Inner::parameters(extent);
      Params::each(
          [](const char*, const auto& field) {
            if (field.role == Role::state) {
              throw Error("Recompute cannot hold a layer with state: it would advance twice");
            }
          },
          params);
      return params;
    }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
      require_values(dev, "Recompute");
      tape.x.keep(dev, x);
      const InMode<D> nothing_kept(dev, {false, dev.mode.training});
      typename Inner::Tape none;
      return Inner::forward(dev, w, std::move(x), none);
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      typename Inner::Tape again;
      {
        const InMode<D> kept(dev, {true, dev.mode.training});
        Inner::forward(dev, w, tape.x.take(), again);
      }
      return Inner::backward(dev, w, again, std::move(dy), dw);
    }
  };
};

}  // namespace ugatit
