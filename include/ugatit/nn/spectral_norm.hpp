// Spectral normalisation of any layer that is linear in its weight; rules in ops/spectral_norm.hpp.
#pragma once

#include <ugatit/core/side_by_side.hpp>
#include <ugatit/core/trail.hpp>
#include <ugatit/nn/activation.hpp>
#include <ugatit/nn/bordered.hpp>
#include <ugatit/ops/conv2d.hpp>
#include <ugatit/ops/spectral_norm.hpp>

#include <memory>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

namespace ugatit {

/// When the power iteration runs, and what is kept of it.
enum class PowerIteration {
  training,   ///< PyTorch: in training, where it advances u and v; evaluation takes both as they are stored
  from_u,     ///< the TensorFlow code: in each pass, from u alone, which advances in training; v is not stored
  from_start  ///< Paddle's operator: in each pass, from u as it started; neither u nor v ever advances
};

/// σ, u and v of each pass of a batch. Empty where nothing is estimated.
template <class D>
struct SingularVectors {
  Buffer<D> sigma;  ///< [passes]
  Buffer<D> u;      ///< [passes, rows]
  Buffer<D> v;      ///< [passes, columns]

  SingularVectors() = default;
  /// Memory for a weight of that geometry.
  SingularVectors(D& dev, const SpectralGeometry& g, Index passes)
      : sigma(dev.arena(), passes), u(dev.arena(), passes * g.rows), v(dev.arena(), passes * g.columns) {}

  /// How they are made.
  SpectralEstimate<typename D::Scalar> estimate(const SpectralGeometry& g, const Field<D>& weight, const Field<D>& of_u,
                                                const Field<D>& of_v) const {
    return {g, as_input(weight), of_u.data(), of_v.data(), sigma.data(), u.data(), v.data()};
  }
};

/// Collects what `SpectralNorm` layers in training will want to know in the next pass, as a visitor of parameters.
template <class D>
struct SpectraAhead {
  D& dev;                                                  ///< where
  std::vector<SpectralEstimate<typename D::Scalar>>& all;  ///< to be made before that pass

  void operator()(const char*, const Field<D>&) const {}  ///< parameters alone say nothing

  /// Of a layer.
  template <class Params>
  void of_layer(Params& params) const {
    const SpectralGeometry g = geometry(params.inner.weight);
    *params.ahead = SingularVectors<D>(dev, g, dev.mode.passes);
    all.push_back(params.ahead->estimate(g, params.inner.weight, params.u, params.v));
  }

  /// A weight as a matrix.
  static SpectralGeometry geometry(const Field<D>& weight) { return {weight.dims[0], weight.size() / weight.dims[0]}; }
};

/// The slope of a leaky ReLU, in hundredths; 0 for other layers.
template <class Layer>
inline constexpr int leaky_slope = 0;
/// The slope.
template <int SlopePercent>
inline constexpr int leaky_slope<LeakyRelu<SlopePercent>> = SlopePercent;

/// Whether a layer's gradient may be kept as a convolution makes it.
template <class Node>
inline constexpr bool gives_convolved = requires {
  requires Node::gives_convolved;
};

/// L with its weight divided by its largest singular value σ, estimated by one power iteration. L's Params must have
/// `weight` and `bias`, and L must be linear in `weight`. Shapes are L's. Parameters: L's own, and the state u [rows],
/// v [columns].
///
/// A forward pass keeps copies of its σ, u and v: several passes may run before any of them goes back, also as one
/// batch (`Mode::passes`). They depend on no image, so that they may be estimated ahead (`SpectraAhead`).
template <class L, PowerIteration P = PowerIteration::training>
struct SpectralNorm {
  /// The layer for an input, with a leaky ReLU of that slope after it (100: none) and that border around the result.
  template <class In, class D, int SlopePercent = 100, PadGeometry Around = no_border>
  struct On {
    using Inner = ugatit::On<L, In, D>;
    using Scalar = typename D::Scalar;
    using Out = typename Inner::Out;

    struct Params {
      typename Inner::Params inner;
      Field<D> u;
      Field<D> v;
      std::shared_ptr<SingularVectors<D>> ahead;  // for the next pass, where somebody has asked for them

      template <class F, class... Ps>
      static void each(const F& f, Ps&... params) {
        if constexpr (P == PowerIteration::training && requires { f.of_layer(params...); }) f.of_layer(params...);
        Inner::Params::each(f, params.inner...);
        f("u", params.u...);
        if constexpr (P != PowerIteration::from_u) f("v", params.v...);
      }
    };

    struct Tape {
      typename Inner::Tape inner;
      Kept<Value<Out, D>> y;
      Kept<Value<Out, D>> derivative;  // of y, after a pass of derivatives
      Kept<SingularVectors<D>> vectors;
    };

    static ExtentOf<Out> out(const ExtentOf<In>& extent) {
      if constexpr (Around.both() > 0) return Around.out(Inner::out(extent));
      return Inner::out(extent);
    }
    static Params parameters(const ExtentOf<In>& extent) {
      Params params{Inner::parameters(extent), {}, {}, std::make_shared<SingularVectors<D>>()};
      // What is added to the gradient is no product of the layer's own, but those of a convolution allow for others.
      if (params.inner.weight.gradient == GradientIn::products) params.inner.weight.gradient = GradientIn::one;
      const SpectralGeometry g = geometry(params.inner.weight);
      params.u = Field<D>::of({g.rows}, Start::unit_normal(), Role::state);
      params.v = Field<D>::of({g.columns}, Start::unit_normal(), Role::state);
      return params;
    }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape) {
      SingularVectors<D> vectors = std::exchange(*w.ahead, {});
      Value<Out, D> result;
      const auto apply = [&] { result = Inner::forward(dev, without_bias(w.inner), std::move(x), tape.inner); };
      if (vectors.sigma) {
        apply();
      } else {
        side_by_side(dev, apply, [&] { vectors = singular_vectors(dev, w); });
      }
      const Index passes = dev.mode.passes;
      if (vectors.sigma.size() != passes) throw std::logic_error("σ was estimated for another number of passes");
      if (result.extent().batch % passes != 0) throw Error("a batch of several passes has as many samples in each");
      Value<Out, D> y = result;
      if constexpr (Around.both() > 0) y = Value<Out, D>(dev, Around.out(result.extent()));
      if (dev.mode.tangent) {
        // A border is copied as the image is: what is in it has the derivatives of what it is a copy of.
        if constexpr (Around.both() > 0) pad_forward(dev, Around, as_input(result), y.view());
        spectral_scale_backward(dev, {passes, slope}, as_input(y), as_input(tape.y.look()), as_input(vectors.sigma),
                                y.view());
        tape.derivative.keep(dev, y);
      } else {
        spectral_scale(dev, {passes, slope, Around}, as_input(result), as_input(vectors.sigma), as_input(w.inner.bias),
                       y.view());
        tape.y.keep(dev, y);
      }
      tape.vectors.keep(dev, vectors);
      return y;
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      const Value<Out, D> y = tape.y.take();
      const Value<Out, D> derivative = tape.derivative.take();
      const SingularVectors<D> vectors = tape.vectors.take();
      if (!dy) return {};
      const Value<Out, D>& result = derivative ? derivative : y;
      const SpectralScale scale{vectors.sigma.size(), slope, Around};
      const SpectralGeometry g = geometry(w.inner.weight);
      const auto learn = [&] {
        const Field<D> b = bias_of_pass(dev, w.inner.bias);
        const Field<D> db = bias_of_pass(dev, dw.inner.bias);
        if constexpr (gives_convolved<Inner>) {
          if (dw.inner.weight.parts) {
            const Buffer<D> du(dev.arena(), scale.passes * g.rows);
            spectral_backward_factors(dev, g, scale, as_input(dy), as_input(result), as_input(b),
                                      as_input(vectors.sigma), as_input(vectors.u), du.data(), db.data());
            dw.inner.weight.parts->products.push_back({scale.passes, du, vectors.v});
            return;
          }
        }
        if (!dw.inner.weight && !db) return;
        spectral_backward(dev, g, scale, as_input(dy), as_input(result), as_input(b), as_input(vectors.sigma),
                          as_input(vectors.u), as_input(vectors.v), dw.inner.weight.data(), db.data());
      };
      // Where L adds to the same gradient by `later`, and nowhere else.
      bool trails = false;
      if constexpr (Trails<D> && requires { Inner::learns_later; }) trails = dev.trails();
      trails ? mark(dev) : learn();
      const bool in_place = Around.both() == 0 && !trails && dy.unique();
      Value<Out, D> scaled = in_place ? dy : Value<Out, D>(dev, Around.within(dy.extent()));
      spectral_scale_backward(dev, scale, as_input(dy), as_input(y), as_input(vectors.sigma), scaled.view());
      if (trails) later(dev, learn, dy, result, vectors);
      typename Inner::Params inner_dw = without_bias(dw.inner);
      return Inner::backward(dev, without_bias(w.inner), tape.inner, std::move(scaled), inner_dw);
    }

   private:
    static constexpr double slope = SlopePercent / 100.0;

    static SpectralGeometry geometry(const Field<D>& weight) { return SpectraAhead<D>::geometry(weight); }

    // u and v are state: they advance although the weights are constant here.
    static SingularVectors<D> singular_vectors(D& dev, const Params& w) {
      const SpectralGeometry g = geometry(w.inner.weight);
      const Index passes = dev.mode.passes;
      SingularVectors<D> vectors(dev, g, passes);
      if constexpr (P == PowerIteration::training) {
        if (dev.mode.training) {
          const SpectralEstimate<Scalar> one = vectors.estimate(g, w.inner.weight, w.u, w.v);
          spectral_estimates(dev, passes, std::span(&one, 1));
          return vectors;
        }
      }
      for (Index pass = 0; pass < passes; ++pass) {
        Scalar* const u = vectors.u.data() + pass * g.rows;
        Scalar* const v = vectors.v.data() + pass * g.columns;
        copy(dev, g.rows, as_input(w.u), u);
        if constexpr (P == PowerIteration::training) copy(dev, g.columns, as_input(w.v), v);
        spectral_sigma(dev, g, P != PowerIteration::training, as_input(w.inner.weight), u, v,
                       vectors.sigma.data() + pass);
        if (P == PowerIteration::from_u && dev.mode.training) {
          copy(dev, g.rows, static_cast<const Scalar*>(u), w.u.data());
        }
      }
      return vectors;
    }

    static typename Inner::Params without_bias(typename Inner::Params params) {
      params.bias = {};
      return params;
    }
  };

  /// Both in one pass, and a border around the result.
  template <class Next, class In, class D, PadGeometry Around = no_border>
  requires(leaky_slope<Next> > 0 && Around.copies_pixels()) using FollowedBy = On<In, D, leaky_slope<Next>, Around>;
};

namespace combinators {

template <BeginsWithBorder L, PowerIteration P>
struct Borderless<SpectralNorm<L, P>> {
  static constexpr PadGeometry border = Borderless<L>::border;
  using type = SpectralNorm<typename Borderless<L>::type, P>;
};

}  // namespace combinators

}  // namespace ugatit
