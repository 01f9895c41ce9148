// Convolution layers; formula and backward rule in ops/conv2d.hpp.
#pragma once

#include <ugatit/core/side_by_side.hpp>
#include <ugatit/core/trail.hpp>
#include <ugatit/nn/layer.hpp>
#include <ugatit/nn/weight_and_bias.hpp>
#include <ugatit/ops/conv2d.hpp>
#include <ugatit/ops/convolved_adam.hpp>

#include <stdexcept>

namespace ugatit {

namespace convolutions {

/// Passes of a layer that is one convolution: `Operation` has its geometry and what it computes.
template <class Operation, class In, class D, Bias WithBias>
struct Passes {
  static constexpr Conv2dGeometry geometry = Operation::geometry;
  static constexpr bool learns_later = true;  // what weights learn is computed by `later`

  using Out = Map<geometry.out_channels>;
  using Params = WeightAndBias<D, WithBias>;
  // As a part of the weight's gradient.
  static constexpr bool gives_convolved = Operation::gives_convolved && KeepsConvolved<D> &&
                                          channels_last<Element<In, D>> && channels_last<Element<Out, D>>;

  struct Tape {
    Kept<Value<In, D>> x;
  };

  static Extent out(const Extent& extent) { return Operation::out(extent); }
  static Params parameters(const Extent&) {
    const Index kernel = geometry.kernel;
    Params params =
        Params::described({geometry.out_channels, In::channels, kernel, kernel}, Start::fan_in(geometry.taps()));
    if (gives_convolved) params.weight.gradient = GradientIn::convolved;
    return params;
  }

  static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
    Value<Out, D> y(dev, out(x.extent()));
    Operation::forward(dev, as_input(x), as_input(w.weight), as_input(bias_of_pass(dev, w.bias)), y.view());
    tape.x.keep(dev, x);
    return y;
  }

  static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
    const Value<In, D> x = tape.x.take();
    if (!dy) return {};
    Value<In, D> dx = x.is_constant() ? Value<In, D>{} : Value<In, D>(dev, x.extent());
    if constexpr (Trails<D>) {
      if (dev.trails() && dw.weight.is_wanted()) {
        mark(dev);
        go_back(dev, dy, w, dx);
        later(
            dev, [&] { learn(dev, x, dy, dw); }, x, dy);
        return dx;
      }
    }
    if constexpr (gives_convolved) {
      if (dw.weight.parts) {
        side_by_side(
            dev, [&] { go_back(dev, dy, w, dx); }, [&] { learn(dev, x, dy, dw); });
        return dx;
      }
    }
    learn_bias(dev, dy, dw);
    Operation::backward(dev, as_input(x), as_input(dy), as_input(w.weight), dw.weight.data(), dx.view());
    return dx;
  }

 private:
  static void go_back(D& dev, const Value<Out, D>& dy, const Params& w, const Value<In, D>& dx) {
    if (dx) Operation::backward_input(dev, as_input(dy), as_input(w.weight), dx.view());
  }

  static void learn(D& dev, const Value<In, D>& x, const Value<Out, D>& dy, const Params& dw) {
    learn_bias(dev, dy, dw);
    if constexpr (gives_convolved) {
      if (dw.weight.parts) {
        auto& convolved = dw.weight.parts->convolved;
        if (convolved) throw std::logic_error("a gradient that is kept of one pass was given another");
        convolved = Operation::convolved(dev, as_input(x), as_input(dy));
        return;
      }
    }
    Operation::backward_weight(dev, as_input(x), as_input(dy), dw.weight.data());
  }

  static void learn_bias(D& dev, const Value<Out, D>& dy, const Params& dw) {
    if (bias_of_pass(dev, dw.bias)) bias_backward(dev, as_input(dy), dw.bias.data());
  }
};

/// ops/conv2d.hpp
template <Conv2dGeometry G>
struct Plain {
  static constexpr Conv2dGeometry geometry = G;
  static constexpr bool gives_convolved = true;

  static Extent out(const Extent& extent) { return geometry.out(extent); }

  template <class D, class... Args>
  static void forward(D& dev, const Args&... args) {
    conv2d_forward(dev, geometry, args...);
  }

  template <class D, class... Args>
  static void backward(D& dev, const Args&... args) {
    conv2d_backward(dev, geometry, args...);
  }

  template <class D, class... Args>
  static void backward_input(D& dev, const Args&... args) {
    conv2d_backward_input(dev, geometry, args...);
  }

  template <class D, class... Args>
  static void backward_weight(D& dev, const Args&... args) {
    conv2d_backward_weight(dev, geometry, args...);
  }

  template <class D, class... Args>
  static auto convolved(D& dev, const Args&... args) {
    return conv2d_convolved(dev, geometry, args...);
  }
};

/// Passes of one whose border is memory: the image with its border is made once, and kept for what the weights learn.
/// `Inside` are those of the convolution without a border.
template <class Inside, PadGeometry Around, class In, class D>
struct BorderedPasses : Inside {
  static Extent out(const Extent& extent) { return Inside::out(Around.out(extent)); }

  static Value<typename Inside::Out, D> forward(D& dev, const typename Inside::Params& w, Value<In, D> x,
                                                typename Inside::Tape& tape) {
    Value<In, D> image(dev, Around.out(x.extent()));
    pad_forward(dev, Around, as_input(x), image.view());
    image.set_constant(x.is_constant());
    x = {};
    return Inside::forward(dev, w, std::move(image), tape);
  }

  static Value<In, D> backward(D& dev, const typename Inside::Params& w, typename Inside::Tape& tape,
                               Value<typename Inside::Out, D> dy, typename Inside::Params& dw) {
    const Value<In, D> with_border = Inside::backward(dev, w, tape, std::move(dy), dw);
    if (!with_border) return {};
    Value<In, D> dx(dev, Around.within(with_border.extent()));
    pad_backward(dev, Around, as_input(with_border), dx.view());
    return dx;
  }
};

}  // namespace convolutions

/// K×K convolution to C channels with stride S and a border of P pixels, at the bottom and on the right of P + More:
/// `Map<I>` [N, I, H, W] → `Map<C>` [N, C, (H + 2P + More − K)/S + 1, …]. Parameters: weight [C, I, K, K], bias [C].
template <Index C, Index K, Index S = 1, Bias WithBias = Bias::no, Index P = 0, Border B = Border::reflect,
          Index More = 0>
struct Conv2d {
  /// What it is for an input.
  template <class In>
  static consteval Conv2dGeometry geometry() {
    static_assert(require_map<Conv2d, In>());
    return {In::channels, C, K, S, {P, B, More}};
  }

  /// The layer for an input.
  template <class In, class D>
  struct On : convolutions::Passes<convolutions::Plain<geometry<In>()>, In, D, WithBias> {};

  /// The same where a border is memory.
  template <class In, class D>
  requires(P > 0 && LaysBorders<D> && channels_last<Element<In, D>>) struct On<In, D>
      : convolutions::BorderedPasses<typename Conv2d<C, K, S, WithBias>::template On<In, D>, PadGeometry{P, B, More},
                                     In, D> {
  };
};

/// A convolution with a reflected border that keeps the size (odd K, stride 1), as all of U-GAT-IT's are.
template <Index C, Index K, Index S = 1, Bias WithBias = Bias::no>
using PadConv = Conv2d<C, K, S, WithBias, (K - 1) / 2, Border::reflect>;

}  // namespace ugatit
