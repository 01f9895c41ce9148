// Linear layers and what brings maps to vectors; formulas in ops/linear.hpp.
#pragma once

#include <ugatit/nn/layer.hpp>
#include <ugatit/nn/weight_and_bias.hpp>
#include <ugatit/ops/linear.hpp>

namespace ugatit {

/// Linear map to C numbers: `Vector<I>` or `Flat<I>` → `Vector<C>`. Parameters: weight [C, inputs], bias [C]. On a
/// `Flat` the number of inputs depends on the image size, so this layer ties its model to one size.
template <Index C, Bias WithBias = Bias::no>
struct Linear {
  template <class In, class D>
  struct On {
    using Out = Vector<C>;

    using Params = WeightAndBias<D, WithBias>;

    struct Tape {
      Kept<Value<In, D>> x;
    };

    static Extent out(const Extent& extent) { return {extent.batch, 1, 1}; }
    static Params parameters(const Extent& extent) {
      const Index inputs = In::channels * extent.area();
      Params params = Params::described({C, inputs}, Start::fan_in(inputs));
      if (std::same_as<In, Flat<In::channels>>) params.weight.gradient = GradientIn::products;
      return params;
    }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
      const LinearGeometry g = geometry(x.extent());
      if (w.weight.dims[1] != g.in) {
        throw Error("a linear layer made for " + std::to_string(w.weight.dims[1]) + " inputs was given " +
                    std::to_string(g.in) + ": a full model works at the one image size it was made for");
      }
      Value<Out, D> y(dev, out(x.extent()));
      linear_forward(dev, g, as_input(x).data, as_input(w.weight), as_input(bias_of_pass(dev, w.bias)), y.data());
      tape.x.keep(dev, x);
      return y;
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      const Value<In, D> x = tape.x.take();
      if (!dy) return {};
      const LinearGeometry g = geometry(x.extent());
      if (dw.weight.parts) {
        dw.weight.parts->products.push_back({g.batch, dy.buffer(), x.buffer()});
      } else if (dw.weight) {
        linear_backward_weight(dev, g, as_input(x).data, as_input(dy).data, dw.weight.data());
      }
      if (bias_of_pass(dev, dw.bias)) bias_backward(dev, as_input(dy), dw.bias.data());
      if (x.is_constant()) return {};
      Value<In, D> dx(dev, x.extent());
      linear_backward_input(dev, g, as_input(dy).data, as_input(w.weight), dx.data());
      return dx;
    }

   private:
    static LinearGeometry geometry(const Extent& extent) { return {extent.batch, In::channels * extent.area(), C}; }
  };
};

/// Reads a map as one long vector in the order C, H, W: Map<C> → Flat<C>.
struct Flatten {
  template <class In, class D>
  struct On {
    static_assert(require_map<Flatten, In>());
    using Out = Flat<In::channels>;
    using Params = NoParams;
    using Tape = NoTape;

    static Extent out(const Extent& extent) { return extent; }
    static Params parameters(const Extent&) { return {}; }
    static Value<Out, D> forward(D& dev, const Params&, Value<In, D> x, Tape&) { return reordered<Out>(dev, x); }
    static Value<In, D> backward(D& dev, const Params&, Tape&, Value<Out, D> dy, Params&) {
      return reordered<In>(dev, dy);
    }

   private:
    // The same memory, unless the device keeps maps in another order.
    template <class To, class From>
    static Tensor<To, D> reordered(D& dev, const Tensor<From, D>& x) {
      if constexpr (std::same_as<Element<To, D>, Element<From, D>>) {
        return x.template as<To>(x.extent());
      } else {
        if (!x) return {};
        Tensor<To, D> y(dev, x.extent());
        convert(dev, as_input(x), y.view());
        y.set_constant(x.is_constant());
        return y;
      }
    }
  };
};

}  // namespace ugatit
