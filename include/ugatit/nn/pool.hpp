// Pooling layers; rules in ops/pool.hpp.
#pragma once

#include <ugatit/nn/layer.hpp>
#include <ugatit/ops/pool.hpp>

namespace ugatit {

namespace pools {

/// What went in and what came out: where they are equal, the maximum was.
template <class In, class Out, class D>
struct PoolTape {
  Kept<Value<In, D>> x;
  Kept<Value<Out, D>> y;
};

}  // namespace pools

/// One number for each channel: Map<C> [N, C, H, W] → Vector<C> [N, C].
template <Pool Kind>
struct GlobalPool {
  template <class In, class D>
  struct On {
    static_assert(require_map<GlobalPool, In>() && Kind != Pool::average_inside);
    using Out = Vector<In::channels>;
    using Params = NoParams;
    using Tape = pools::PoolTape<In, Out, D>;

    static Extent out(const Extent& extent) { return {extent.batch, 1, 1}; }
    static Params parameters(const Extent&) { return {}; }

    static Value<Out, D> forward(D& dev, const Params&, Value<In, D> x, Tape& tape) {
      Value<Out, D> y(dev, out(x.extent()));
      if (dev.mode.tangent) {
        global_pool_tangent(dev, Kind, as_input(x), as_input(tape.x.look()), as_input(tape.y.look()).data, y.data());
        return y;
      }
      global_pool_forward(dev, Kind, as_input(x), y.data());
      y.set_constant(x.is_constant());
      tape.x.keep(dev, x);
      tape.y.keep(dev, y);
      return y;
    }

    static Value<In, D> backward(D& dev, const Params&, Tape& tape, Value<Out, D> dy, Params&) {
      const Value<In, D> x = tape.x.take();
      const Value<Out, D> y = tape.y.take();
      if (!dy) return {};
      Value<In, D> dx(dev, x.extent());
      global_pool_backward(dev, Kind, as_input(dy).data, as_input(x), as_input(y).data, dx.view());
      return dx;
    }
  };
};

using GlobalAveragePool = GlobalPool<Pool::average>;  ///< the mean of each channel, [N, C]
using GlobalMaxPool = GlobalPool<Pool::maximum>;      ///< the largest of each channel, [N, C]

/// Windows of W×W every S pixels, with P pixels of padding: Map<C> → Map<C>.
template <Pool Kind, Index W, Index S = W, Index P = 0>
struct WindowPool {
  template <class In, class D>
  struct On {
    static_assert(require_map<WindowPool, In>());
    using Out = In;
    using Params = NoParams;
    using Tape = pools::PoolTape<In, Out, D>;
    static constexpr PoolGeometry geometry{Kind, W, S, P};

    static Extent out(const Extent& extent) { return geometry.out(extent); }
    static Params parameters(const Extent&) { return {}; }

    static Value<Out, D> forward(D& dev, const Params&, Value<In, D> x, Tape& tape) {
      if constexpr (Kind == Pool::maximum) require_values(dev, "a windowed maximum");
      Value<Out, D> y(dev, out(x.extent()));
      pool_forward(dev, geometry, as_input(x), y.view());
      y.set_constant(x.is_constant());
      tape.x.keep(dev, x);
      tape.y.keep(dev, y);
      return y;
    }

    static Value<In, D> backward(D& dev, const Params&, Tape& tape, Value<Out, D> dy, Params&) {
      const Value<In, D> x = tape.x.take();
      const Value<Out, D> y = tape.y.take();
      if (!dy) return {};
      Value<In, D> dx(dev, x.extent());
      pool_backward(dev, geometry, as_input(dy), as_input(x), as_input(y), dx.view());
      return dx;
    }
  };
};

template <Index W, Index S = W, Index P = 0>
using AveragePool = WindowPool<Pool::average, W, S, P>;  ///< means of W×W windows, stride S, P zeros around that count

/// The mean of what lies inside the image, TensorFlow's.
template <Index W, Index S = W, Index P = 0>
using AveragePoolInside = WindowPool<Pool::average_inside, W, S, P>;

template <Index W, Index S = W, Index P = 0>
using MaxPool = WindowPool<Pool::maximum, W, S, P>;  ///< largest of W×W windows, stride S, P around that never win

}  // namespace ugatit
