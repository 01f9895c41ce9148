// Convolutions whose kernel is a rectangle: the windows as channels, then a 1×1 convolution; rules in ops/unfold.hpp.
#pragma once

#include <ugatit/nn/combinators.hpp>
#include <ugatit/nn/conv.hpp>
#include <ugatit/ops/unfold.hpp>

namespace ugatit {

/// Windows of H×W (odd) with a border of zeros, as channels: `Map<C>` [N, C, h, w] → `Map<C·H·W>` [N, C·H·W, h, w].
template <Index H, Index W>
struct Unfold {
  static_assert(H % 2 == 1 && W % 2 == 1);

  template <class In, class D>
  struct On {
    static_assert(require_map<Unfold, In>());
    using Out = Map<In::channels * H * W>;
    using Params = NoParams;
    using Tape = NoTape;
    static constexpr UnfoldGeometry geometry{H, W};

    static Extent out(const Extent& extent) { return extent; }
    static Params parameters(const Extent&) { return {}; }

    static Value<Out, D> forward(D& dev, const Params&, Value<In, D> x, Tape&) {
      Value<Out, D> y(dev, x.extent());
      unfold_forward(dev, geometry, as_input(x), y.view());
      y.set_constant(x.is_constant());
      return y;
    }

    static Value<In, D> backward(D& dev, const Params&, Tape&, Value<Out, D> dy, Params&) {
      if (!dy) return {};
      Value<In, D> dx(dev, dy.extent());
      unfold_backward(dev, geometry, as_input(dy), dx.view());
      return dx;
    }
  };
};

/// H×W convolution (odd sides) to C channels that keeps the size, with a border of zeros: `Map<I>` → `Map<C>`.
/// Parameters: weight [C, I·H·W, 1, 1], in memory the same as [C, I, H, W], and bias [C].
template <Index C, Index H, Index W, Bias WithBias = Bias::no>
using RectangularConv = Then<Unfold<H, W>, Conv2d<C, 1, 1, WithBias>>;

}  // namespace ugatit
