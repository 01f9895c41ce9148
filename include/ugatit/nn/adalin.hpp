// AdaLIN, adaptive layer-instance normalisation (section 2.1 of the paper); formula in ops/norm.hpp.
#pragma once

#include <ugatit/nn/norms.hpp>
#include <ugatit/nn/rho.hpp>

namespace ugatit {

/// γ and β for each sample, from the style network.
template <Index C>
using Style = Both<Vector<C>, Vector<C>>;

/// (x, (γ, β)) ↦ γ (ρ x_I + (1 − ρ) x_L) + β: Both<Map<C>, Style<C>> → Map<C>. Unbiased variances, eps 1e-5.
/// Parameter: rho [1, C, 1, 1] (0.9, clamped to [0, 1]).
struct AdaLIN {
  template <class In, class D, Variance V = Variance::unbiased, class Rho = LearnedRho, ThenRelu After = ThenRelu::no,
            PadGeometry Around = no_border>
  struct On {
    using Out = typename In::First;
    static_assert(require_map<AdaLIN, Out>());
    static constexpr Index channels = Out::channels;
    static_assert(require_shape<AdaLIN, Style<channels>, typename In::Second>());
    static constexpr NormGeometry geometry{1e-5, V == Variance::unbiased, true, After == ThenRelu::yes, Around};

    struct Params {
      Field<D> rho;

      template <class F, class... Ps>
      static void each(const F& f, Ps&... params) {
        f("rho", params.rho...);
      }
    };

    using Tape = norms::LayerInstanceTape<In, D>;

    static Extent out(const ExtentOf<In>& extent) { return geometry.border.out(extent.first); }
    static Params parameters(const ExtentOf<In>&) {
      return {Field<D>::of({1, channels, 1, 1}, Start::constant(Rho::start), Role::clamped)};
    }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape, const Value<Out, D>& added = {}) {
      require_values(dev, "a norm");
      const norms::LayerInstanceStatistics<D> statistics(dev, x.first.extent().batch, channels);
      const auto& [gamma, beta] = x.second;
      const Buffer<D> rho = Rho::forward(dev, w.rho);
      Value<Out, D> y(dev, geometry.border.out(x.first.extent()));
      layer_instance_norm_forward(dev, geometry, as_input(x.first), as_input(rho), as_input(gamma).data,
                                  as_input(beta).data, as_input(added).data, y.view(), statistics.view());
      tape.x.keep(dev, x);
      tape.statistics.keep(dev, statistics);
      return y;
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      const Value<In, D> x = tape.x.take();
      const norms::LayerInstanceStatistics<D> statistics = tape.statistics.take();
      if (!dy) return {};
      const auto& [gamma, beta] = x.second;
      Value<In, D> dx{
          Value<Out, D>(dev, x.first.extent()),
          {Value<Vector<channels>, D>(dev, gamma.extent()), Value<Vector<channels>, D>(dev, beta.extent())}};
      const Buffer<D> rho = Rho::forward(dev, w.rho);
      Rho::backward(dev, w.rho, dw.rho, [&](typename D::Scalar* drho) {
        layer_instance_norm_backward(dev, geometry, as_input(dy), as_input(x.first), as_input(rho),
                                     as_input(x.second.first).data, as_input(x.second.second).data, statistics.view(),
                                     dx.first.view(), drho, dx.second.first.data(), dx.second.second.data());
      });
      return dx;
    }
  };

  /// Both in one pass, and a border around the result.
  template <std::same_as<Relu> Next, class In, class D, PadGeometry Around = no_border>
  using FollowedBy = On<In, D, Variance::unbiased, LearnedRho, ThenRelu::yes, Around>;
};

/// AdaLIN with another code's variance and another use of ρ.
template <Variance V, class Rho>
struct AdaLINWith {
  /// The layer for an input.
  template <class In, class D>
  using On = AdaLIN::On<In, D, V, Rho>;
  /// Both in one pass, and a border around the result.
  template <std::same_as<Relu> Next, class In, class D, PadGeometry Around = no_border>
  using FollowedBy = AdaLIN::On<In, D, V, Rho, ThenRelu::yes, Around>;
};

}  // namespace ugatit
