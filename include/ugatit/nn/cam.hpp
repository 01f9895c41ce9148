// Attention from class activation maps (section 2.1 of the paper).
//
// Two classifiers look at the features, one at their global average, one at their global maximum (in some codes one
// looks at both); each gives a logit, and its weights say which channels speak for the source domain. The features go
// on scaled by both weight vectors:
//   a = f(W concat(x · w_gap, x · w_gmp) + b),   heat map = Σ_c a_c
// Gradients flow into the two weight vectors from both uses. The concatenation is folded away (ops/cam.hpp).
#pragma once

#include <ugatit/nn/cam_classifiers.hpp>
#include <ugatit/nn/conv.hpp>
#include <ugatit/nn/layer.hpp>
#include <ugatit/nn/pool.hpp>

namespace ugatit {

/// Logits [N, 2] (average, maximum) and the heat map [N, 1, H, W].
using Attention = Both<Vector<2>, Map<1>>;

/// Map<C> → Both<Map<C>, Attention>. `Classifiers` are one of nn/cam_classifiers.hpp, of Linear<1> or SpectralNorm of
/// it; `F` is the activation. Parameters: the classifiers', conv1x1 weight [C, 2C, 1, 1] and bias [C].
template <class Classifiers, class F>
struct Cam {
  template <class In, class D>
  struct On {
    static_assert(require_map<Cam, In>());
    using Scalar = typename D::Scalar;
    static constexpr Index channels = In::channels;
    using Out = Both<In, Attention>;
    using Pooled = Value<Vector<channels>, D>;
    using Logit = ugatit::On<Classifiers, In, D>;
    using Function = ugatit::On<F, In, D>;
    static constexpr Conv2dGeometry one_by_one{channels, channels, 1, 1, {0, Border::zero}};

    struct Params {
      typename Logit::Params classifiers;
      Field<D> weight;
      Field<D> bias;

      template <class V, class... Ps>
      static void each(const V& f, Ps&... params) {
        Logit::Params::each(f, params.classifiers...);
        f("weight", params.weight...);
        f("bias", params.bias...);
      }
    };

    struct Tape {
      Kept<Value<In, D>> x;
      Kept<Buffer<D>> folded;
      pools::PoolTape<In, Vector<channels>, D> maximum;
      typename Logit::Tape classifiers;
      typename Function::Tape function;
    };

    static ExtentOf<Out> out(const Extent& extent) { return {extent, {{extent.batch, 1, 1}, extent}}; }
    static Params parameters(const Extent& extent) {
      const Start start = Start::fan_in(2 * channels);
      return {Logit::parameters({extent.batch, 1, 1}),
              Field<D>::of({channels, 2 * channels, 1, 1}, start).as(Part::kernel),
              Field<D>::of({channels}, start).as(Part::bias)};
    }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
      NoParams none;
      const Extent extent = x.extent();
      const auto [gap, gmp] = Logit::forward(dev, w.classifiers, pooled(dev, x, tape), tape.classifiers);
      Value<Vector<2>, D> logits(dev, {extent.batch, 1, 1});
      join_channels(dev, as_input(gap), as_input(gmp), logits.view());

      const Buffer<D> folded(dev.arena(), channels * channels);
      const auto [gap_map, gmp_map] = Logit::maps(dev, w.classifiers);
      cam_fold_forward(dev, {channels}, as_input(w.weight), as_input(gap_map), as_input(gmp_map), folded.data());
      Value<In, D> attended(dev, extent);
      conv2d_forward(dev, one_by_one, as_input(x), as_input(folded), as_input(bias_of_pass(dev, w.bias)),
                     attended.view());
      tape.x.keep(dev, x);
      tape.folded.keep(dev, folded);
      attended = Function::forward(dev, none, std::move(attended), tape.function);

      Value<Map<1>, D> heat(dev, extent);
      channel_sum_forward(dev, as_input(attended), heat.view());
      return {std::move(attended), {std::move(logits), std::move(heat)}};
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      const Value<In, D> x = tape.x.take();
      const Buffer<D> folded = tape.folded.take();
      auto& [dlogits, dheat] = dy.second;
      auto dx = backward_features(dev, w, tape, x, folded, std::move(dy.first), std::move(dheat), dw);
      return backward_logits(dev, w, tape, std::move(dx), std::move(dlogits), dw);
    }

   private:
    // The average and the maximum.
    static Pair<Pooled, Pooled> pooled(D& dev, const Value<In, D>& x, Tape& tape) {
      Pooled average(dev, {x.extent().batch, 1, 1});
      Pooled maximum(dev, average.extent());
      if (dev.mode.tangent) {
        const auto values = as_input(tape.maximum.x.look());
        const auto largest = as_input(tape.maximum.y.look()).data;
        global_pool_tangent(dev, Pool::average, as_input(x), values, largest, average.data());
        global_pool_tangent(dev, Pool::maximum, as_input(x), values, largest, maximum.data());
      } else {
        global_pools_forward(dev, as_input(x), average.data(), maximum.data());
        average.set_constant(x.is_constant());
        maximum.set_constant(x.is_constant());
        tape.maximum.x.keep(dev, x);
        tape.maximum.y.keep(dev, maximum);
      }
      return {std::move(average), std::move(maximum)};
    }

    static Value<In, D> backward_features(D& dev, const Params& w, Tape& tape, const Value<In, D>& x,
                                          const Buffer<D>& folded, Value<In, D> dy, Value<Map<1>, D> dheat,
                                          Params& dw) {
      NoParams none;
      if (dheat) {
        Value<In, D> total(dev, x.extent());
        if (dy) {
          copy(dev, total.size(), as_input(dy).data, total.data());
        } else {
          fill(dev, total.size(), Element<In, D>{}, total.data());
        }
        channel_sum_backward_add(dev, as_input(dheat), total.view());
        dy = std::move(total);
      }
      dy = Function::backward(dev, none, tape.function, std::move(dy), none);
      if (!dy) return {};
      if (bias_of_pass(dev, dw.bias)) bias_backward(dev, as_input(dy), dw.bias.data());
      Buffer<D> dfolded;
      if (dw.weight) {
        dfolded = Buffer<D>(dev.arena(), channels * channels);
        fill(dev, dfolded.size(), typename D::Scalar{}, dfolded.data());
      }
      Value<In, D> dx(dev, x.extent());
      conv2d_backward(dev, one_by_one, as_input(x), as_input(dy), as_input(folded), dfolded.data(), dx.view());
      if (dw.weight) {
        const auto maps = Logit::maps(dev, w.classifiers);
        Logit::maps_backward(dev, w.classifiers, dw.classifiers, [&](Scalar* dgap, Scalar* dgmp) {
          cam_fold_backward(dev, {channels}, as_input(dfolded), as_input(w.weight), as_input(maps.first),
                            as_input(maps.second), dw.weight.data(), dgap, dgmp);
        });
      }
      return dx;
    }

    // Adds to dx, which may be empty.
    static Value<In, D> backward_logits(D& dev, const Params& w, Tape& tape, Value<In, D> dx,
                                        Value<Vector<2>, D> dlogits, Params& dw) {
      const Value<In, D> x = tape.maximum.x.take();  // the values, also where the pass was of derivatives
      const Pooled maximum = tape.maximum.y.take();
      if (!dlogits) return dx;
      Value<Vector<1>, D> dgap(dev, dlogits.extent());
      Value<Vector<1>, D> dgmp(dev, dlogits.extent());
      split_channels(dev, as_input(dlogits), dgap.view(), dgmp.view());
      const auto pools =
          Logit::backward(dev, w.classifiers, tape.classifiers, {std::move(dgap), std::move(dgmp)}, dw.classifiers);
      if (!pools.first || !pools.second) return dx;  // of a constant
      if (!dx) {
        dx = Value<In, D>(dev, x.extent());
        fill(dev, dx.size(), Element<In, D>{}, dx.data());
      }
      global_pools_backward_add(dev, as_input(pools.first).data, as_input(pools.second).data, as_input(x),
                                as_input(maximum).data, dx.view());
      return dx;
    }
  };
};

}  // namespace ugatit
