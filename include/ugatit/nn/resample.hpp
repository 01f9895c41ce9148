// Layers that change the size and learn nothing: borders and enlargement; rules in ops/border.hpp and ops/resample.hpp.
#pragma once

#include <ugatit/nn/enlarged_conv.hpp>
#include <ugatit/nn/layer.hpp>
#include <ugatit/ops/border.hpp>
#include <ugatit/ops/resample.hpp>

namespace ugatit {

/// A border of P pixels: Map<C> [N, C, H, W] → Map<C> [N, C, H + 2P, W + 2P].
template <Index P, Border B = Border::reflect>
struct Pad {
  template <class In, class D>
  struct On {
    static_assert(require_map<Pad, In>());
    using Out = In;
    using Params = NoParams;
    using Tape = NoTape;
    static constexpr PadGeometry geometry{P, B};

    static Extent out(const Extent& extent) { return geometry.out(extent); }
    static Params parameters(const Extent&) { return {}; }

    static Value<Out, D> forward(D& dev, const Params&, Value<In, D> x, Tape&) {
      Value<Out, D> y(dev, out(x.extent()));
      pad_forward(dev, geometry, as_input(x), y.view());
      y.set_constant(x.is_constant());
      return y;
    }

    static Value<In, D> backward(D& dev, const Params&, Tape&, Value<Out, D> dy, Params&) {
      if (!dy) return {};
      const Extent e = dy.extent();
      Value<In, D> dx(dev, {e.batch, e.height - 2 * P, e.width - 2 * P});
      pad_backward(dev, geometry, as_input(dy), dx.view());
      return dx;
    }
  };
};

/// Enlargement by nearest neighbours: Map<C> [N, C, H, W] → Map<C> [N, C, F·H, F·W].
template <Index F = 2>
struct Upsample {
  template <class In, class D>
  struct On {
    static_assert(require_map<Upsample, In>());
    using Out = In;
    using Params = NoParams;
    using Tape = NoTape;

    static Extent out(const Extent& extent) { return {extent.batch, F * extent.height, F * extent.width}; }
    static Params parameters(const Extent&) { return {}; }

    static Value<Out, D> forward(D& dev, const Params&, Value<In, D> x, Tape&) {
      Value<Out, D> y(dev, out(x.extent()));
      upsample_forward(dev, F, as_input(x), y.view());
      y.set_constant(x.is_constant());
      return y;
    }

    static Value<In, D> backward(D& dev, const Params&, Tape&, Value<Out, D> dy, Params&) {
      if (!dy) return {};
      const Extent e = dy.extent();
      Value<In, D> dx(dev, {e.batch, e.height / F, e.width / F});
      upsample_backward(dev, F, as_input(dy), dx.view());
      return dx;
    }
  };

  /// Both in one pass.
  template <class Next, class In, class D>
  requires(F == 2) && ConvolvesEnlarged<D> using FollowedBy = typename EnlargedThen<Next>::template On<In, D>;
};

}  // namespace ugatit
