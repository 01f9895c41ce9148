// Enlargement and the convolution after it as one layer, for devices that have the operation (ops/enlarged_conv2d.hpp).
// Its tape keeps the small map alone.
#pragma once

#include <ugatit/nn/conv.hpp>
#include <ugatit/ops/enlarged_conv2d.hpp>

namespace ugatit {

/// What an enlargement by two and the layer `Next` are in one pass; nothing, where there is no such pass.
template <class Next>
struct EnlargedThen {};

/// Before a 3×3 convolution that keeps the size: `Map<I>` [N, I, H, W] → `Map<C>` [N, C, 2H, 2W]. Parameters: the
/// convolution's.
template <Index C, Bias WithBias>
struct EnlargedThen<PadConv<C, 3, 1, WithBias>> {
  /// The layer for an input.
  template <class In, class D>
  struct On {
    using Convolution = ugatit::On<PadConv<C, 3, 1, WithBias>, In, D>;  ///< of the enlarged map
    using Out = typename Convolution::Out;
    using Params = typename Convolution::Params;
    using Tape = typename Convolution::Tape;
    static constexpr Conv2dGeometry geometry = Convolution::geometry;  ///< likewise

    static Extent out(const Extent& extent) {
      return geometry.out({extent.batch, 2 * extent.height, 2 * extent.width});
    }
    static Params parameters(const Extent& extent) { return Convolution::parameters(extent); }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
      Value<Out, D> y(dev, out(x.extent()));
      enlarged_conv2d_forward(dev, geometry, as_input(x), as_input(w.weight), as_input(bias_of_pass(dev, w.bias)),
                              y.view());
      tape.x.keep(dev, x);
      return y;
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      const Value<In, D> x = tape.x.take();
      if (!dy) return {};
      if (bias_of_pass(dev, dw.bias)) bias_backward(dev, as_input(dy), dw.bias.data());
      Value<In, D> dx = x.is_constant() ? Value<In, D>{} : Value<In, D>(dev, x.extent());
      enlarged_conv2d_backward(dev, geometry, as_input(x), as_input(dy), as_input(w.weight), dw.weight.data(),
                               dx.view());
      return dx;
    }
  };
};

}  // namespace ugatit
