// Group norm and layer norm; formulas in ops/set_norm.hpp.
#pragma once

#include <ugatit/nn/layer.hpp>
#include <ugatit/nn/weight_and_bias.hpp>
#include <ugatit/ops/set_norm.hpp>

namespace ugatit {

/// Each sample normalised over height, width and C/G channels, in G groups of neighbouring channels: Map<C> → Map<C>;
/// G divides C. Biased variance, eps 1e-5. Parameters: weight [C] (1), bias [C] (0).
template <Index G>
struct GroupNorm {
  template <class In, class D>
  struct On {
    static_assert(require_map<GroupNorm, In>());
    static_assert(G > 0 && In::channels % G == 0, "the groups must divide the channels");
    using Out = In;
    using Params = WeightAndBias<D, Bias::yes>;
    static constexpr SetNormGeometry geometry{1, In::channels / G};

    struct Tape {
      Kept<Value<In, D>> x;
      Kept<Buffer<D>> mean;
      Kept<Buffer<D>> variance;
    };

    static Extent out(const Extent& extent) { return extent; }
    static Params parameters(const Extent&) {
      return {Field<D>::of({In::channels}, Start::constant(1)), Field<D>::of({In::channels}, Start::constant(0))};
    }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
      require_values(dev, "a norm");
      const Buffer<D> mean(dev.arena(), x.extent().batch * G);
      const Buffer<D> variance(dev.arena(), x.extent().batch * G);
      Value<Out, D> y(dev, x.extent());
      set_statistics(dev, geometry, as_input(x), mean.data(), variance.data());
      set_norm_forward(dev, geometry, as_input(x), as_input(mean), as_input(variance), as_input(w.weight),
                       as_input(w.bias), y.view());
      tape.x.keep(dev, x);
      tape.mean.keep(dev, mean);
      tape.variance.keep(dev, variance);
      return y;
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      const Value<In, D> x = tape.x.take();
      const Buffer<D> mean = tape.mean.take();
      const Buffer<D> variance = tape.variance.take();
      if (!dy) return {};
      Value<In, D> dx(dev, x.extent());
      set_norm_backward(dev, geometry, as_input(dy), as_input(x), as_input(mean), as_input(variance),
                        as_input(w.weight), dx.view(), dw.weight.data(), dw.bias.data());
      return dx;
    }
  };
};

/// Each sample normalised over all its channels, height and width, with weight and bias of each channel, so that any
/// image size will do: `torch.nn.GroupNorm(1, C)`.
using LayerNorm = GroupNorm<1>;

}  // namespace ugatit
