// Activations; formulas in ops/activation.hpp. They take any shape and keep it.
#pragma once

#include <ugatit/nn/layer.hpp>
#include <ugatit/ops/activation.hpp>

namespace ugatit {

/// One function applied to every number; `SlopePercent` is leaky ReLU's slope for negative numbers, in hundredths.
template <Activation Kind, int SlopePercent = 0>
struct Activate {
  template <class In, class D>
  struct On {
    using Out = In;
    using Params = NoParams;
    static constexpr ActivationGeometry geometry{Kind, SlopePercent / 100.0};

    struct Tape {
      Kept<Value<Out, D>> y;
    };

    static Extent out(const Extent& extent) { return extent; }
    static Params parameters(const Extent&) { return {}; }

    static Value<Out, D> forward(D& dev, const Params&, Value<In, D> x, Tape& tape) {
      Value<Out, D> y = x.unique() ? x : Value<Out, D>(dev, x.extent());
      if constexpr (Kind == Activation::tanh || Kind == Activation::sigmoid) {
        require_values(dev, "a tanh or sigmoid");
      } else if (dev.mode.tangent) {
        activation_backward(dev, geometry, x.size(), as_input(x).data, as_input(tape.y.look()).data, y.data());
        return y;
      }
      activation_forward(dev, geometry, x.size(), as_input(x).data, y.data());
      y.set_constant(x.is_constant());
      tape.y.keep(dev, y);
      return y;
    }

    static Value<In, D> backward(D& dev, const Params&, Tape& tape, Value<Out, D> dy, Params&) {
      const Value<Out, D> y = tape.y.take();
      if (!dy) return {};
      Value<In, D> dx = dy.unique() ? dy : Value<In, D>(dev, dy.extent());
      activation_backward(dev, geometry, dy.size(), as_input(dy).data, as_input(y).data, dx.data());
      return dx;
    }
  };
};

using Relu = Activate<Activation::relu>;        ///< max(x, 0)
using Tanh = Activate<Activation::tanh>;        ///< tanh x
using Sigmoid = Activate<Activation::sigmoid>;  ///< 1 / (1 + exp(−x))

template <int SlopePercent = 20>
using LeakyRelu = Activate<Activation::leaky_relu, SlopePercent>;  ///< x, or x times `SlopePercent` / 100 below zero

}  // namespace ugatit
