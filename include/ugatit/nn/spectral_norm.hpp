// Spectral normalisation of any layer that is linear in its weight; rules in ops/spectral_norm.hpp.
#pragma once

#include <ugatit/core/side_by_side.hpp>
#include <ugatit/nn/layer.hpp>
#include <ugatit/ops/conv2d.hpp>
#include <ugatit/ops/spectral_norm.hpp>

namespace ugatit {

/// When the power iteration runs, and what is kept of it.
enum class PowerIteration {
  training,   ///< PyTorch: in training, where it advances u and v; evaluation takes both as they are stored
  from_u,     ///< the TensorFlow code: in each pass, from u alone, which advances in training; v is not stored
  from_start  ///< Paddle's operator: in each pass, from u as it started; neither u nor v ever advances
};

/// L with its weight divided by its largest singular value σ, estimated by one power iteration. L's Params must have
/// `weight` and `bias`, and L must be linear in `weight`. Shapes are L's. Parameters: L's own, and the state u [rows],
/// v [columns].
///
/// A forward pass keeps copies of its σ, u and v: several passes may run before any of them goes back, also as one
/// batch (`Mode::passes`).
template <class L, PowerIteration P = PowerIteration::training>
struct SpectralNorm {
  template <class In, class D>
  struct On {
    using Inner = ugatit::On<L, In, D>;
    using Scalar = typename D::Scalar;
    using Out = typename Inner::Out;

    struct Params {
      typename Inner::Params inner;
      Field<D> u;
      Field<D> v;

      template <class F, class... Ps>
      static void each(const F& f, Ps&... params) {
        Inner::Params::each(f, params.inner...);
        f("u", params.u...);
        if constexpr (P != PowerIteration::from_u) f("v", params.v...);
      }
    };

    struct Tape {
      typename Inner::Tape inner;
      Kept<Value<Out, D>> y;
      Kept<Buffer<D>> sigma;
      Kept<Buffer<D>> u;
      Kept<Buffer<D>> v;
    };

    static ExtentOf<Out> out(const ExtentOf<In>& extent) { return Inner::out(extent); }
    static Params parameters(const ExtentOf<In>& extent) {
      Params params{Inner::parameters(extent), {}, {}};
      params.inner.weight.is_outer = false;  // the correction of the gradient is not a product of the layer's own
      const SpectralGeometry g = geometry(params.inner.weight);
      params.u = Field<D>::of({g.rows}, Start::unit_normal(), Role::state);
      params.v = Field<D>::of({g.columns}, Start::unit_normal(), Role::state);
      return params;
    }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
      const Buffer<D> sigma(dev.arena(), dev.mode.passes);
      Pair<Buffer<D>, Buffer<D>> vectors;
      Value<Out, D> y;
      side_by_side(
          dev, [&] { y = Inner::forward(dev, without_bias(w.inner), std::move(x), tape.inner); },
          [&] { vectors = singular_vectors(dev, w, sigma); });
      const auto& [u, v] = vectors;
      if (y.extent().batch % sigma.size() != 0) throw Error("a batch of several passes has as many samples in each");
      spectral_scale(dev, sigma.size(), as_input(y), as_input(sigma), as_input(bias_of_pass(dev, w.inner.bias)),
                     y.view());
      tape.y.keep(dev, y);
      tape.sigma.keep(dev, sigma);
      tape.u.keep(dev, u);
      tape.v.keep(dev, v);
      return y;
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      const Value<Out, D> y = tape.y.take();
      const Buffer<D> sigma = tape.sigma.take();
      const Buffer<D> u = tape.u.take();
      const Buffer<D> v = tape.v.take();
      if (!dy) return {};
      if (bias_of_pass(dev, dw.inner.bias)) bias_backward(dev, as_input(dy), dw.inner.bias.data());
      const SpectralGeometry g = geometry(w.inner.weight);
      Value<Out, D> scaled = dy.unique() ? dy : Value<Out, D>(dev, dy.extent());
      if (dw.inner.weight) {
        spectral_backward(dev, g, sigma.size(), as_input(dy), as_input(y), as_input(bias_of_pass(dev, w.inner.bias)),
                          as_input(sigma), as_input(u), as_input(v), dw.inner.weight.data());
      }
      spectral_scale(dev, sigma.size(), as_input(dy), as_input(sigma), static_cast<const Scalar*>(nullptr),
                     scaled.view());
      typename Inner::Params inner_dw = without_bias(dw.inner);
      return Inner::backward(dev, without_bias(w.inner), tape.inner, std::move(scaled), inner_dw);
    }

   private:
    static SpectralGeometry geometry(const Field<D>& weight) {
      return {weight.dims[0], weight.size() / weight.dims[0]};
    }

    // Of each pass, [passes, rows] and [passes, columns], and σ with them. u and v are state: they advance although the
    // weights are constant here.
    static Pair<Buffer<D>, Buffer<D>> singular_vectors(D& dev, const Params& w, const Buffer<D>& sigma) {
      const SpectralGeometry g = geometry(w.inner.weight);
      const bool keeps = P != PowerIteration::training || dev.mode.recording;
      Pair<Buffer<D>, Buffer<D>> all;
      if (keeps) {
        all = {Buffer<D>(dev.arena(), sigma.size() * g.rows), Buffer<D>(dev.arena(), sigma.size() * g.columns)};
      }
      for (Index pass = 0; pass < sigma.size(); ++pass) {
        Scalar* const u = keeps ? all.first.data() + pass * g.rows : nullptr;
        Scalar* const v = keeps ? all.second.data() + pass * g.columns : nullptr;
        if constexpr (P == PowerIteration::training) {
          spectral_sigma(dev, g, dev.mode.training, as_input(w.inner.weight), w.u.data(), w.v.data(),
                         sigma.data() + pass);
          if (!keeps) continue;
          copy(dev, g.rows, as_input(w.u), u);
          copy(dev, g.columns, as_input(w.v), v);
        } else {
          copy(dev, g.rows, as_input(w.u), u);
          spectral_sigma(dev, g, true, as_input(w.inner.weight), u, v, sigma.data() + pass);
          if (P == PowerIteration::from_u && dev.mode.training) {
            copy(dev, g.rows, static_cast<const Scalar*>(u), w.u.data());
          }
        }
      }
      return all;
    }

    static typename Inner::Params without_bias(typename Inner::Params params) {
      params.bias = {};
      return params;
    }
  };
};

}  // namespace ugatit
