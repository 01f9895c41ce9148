// Instance norm and ILN; formulas in ops/norm.hpp.
#pragma once

#include <ugatit/nn/activation.hpp>
#include <ugatit/nn/layer.hpp>
#include <ugatit/ops/norm.hpp>

#include <concepts>

namespace ugatit {

/// Whether a norm has a learned factor and summand for each channel.
enum class Affine : bool { no, yes };

/// What the sum of squares is divided by: N, or N − 1.
enum class Variance { biased, unbiased };

/// Whether ReLU comes after a norm, in the same pass.
enum class ThenRelu : bool { no, yes };

/// Each channel of each sample normalised over height and width (Ulyanov et al. 2016), biased variance, eps 1e-5.
/// Map<C> → Map<C>. Parameters, with `Affine::yes`: weight [C] (1), bias [C] (0).
template <Affine WithAffine = Affine::no>
struct InstanceNorm2d {
  template <class In, class D, ThenRelu After = ThenRelu::no, PadGeometry Around = no_border>
  struct On {
    static_assert(require_map<InstanceNorm2d, In>());
    using Out = In;
    static constexpr NormGeometry geometry{1e-5, false, false, After == ThenRelu::yes, Around};

    struct Params {
      Field<D> weight;
      Field<D> bias;

      template <class F, class... Ps>
      static void each([[maybe_unused]] const F& f, [[maybe_unused]] Ps&... params) {
        if constexpr (WithAffine == Affine::yes) {
          f("weight", params.weight...);
          f("bias", params.bias...);
        }
      }
    };

    struct Tape {
      Kept<Value<In, D>> x;
      Kept<Buffer<D>> mean;
      Kept<Buffer<D>> rstd;
    };

    static Extent out(const Extent& extent) { return geometry.border.out(extent); }
    static Params parameters(const Extent&) {
      if constexpr (WithAffine == Affine::no) return {};
      return {Field<D>::of({In::channels}, Start::constant(1)), Field<D>::of({In::channels}, Start::constant(0))};
    }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape, const Value<Out, D>& added = {}) {
      require_values(dev, "a norm");
      const Index planes = x.extent().batch * In::channels;
      const Buffer<D> mean(dev.arena(), planes);
      const Buffer<D> rstd(dev.arena(), planes);
      Value<Out, D> y(dev, out(x.extent()));
      instance_norm_forward(dev, geometry, as_input(x), as_input(w.weight), as_input(w.bias), as_input(added).data,
                            y.view(), {mean.data(), rstd.data()});
      tape.x.keep(dev, x);
      tape.mean.keep(dev, mean);
      tape.rstd.keep(dev, rstd);
      return y;
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      const Value<In, D> x = tape.x.take();
      const Buffer<D> mean = tape.mean.take();
      const Buffer<D> rstd = tape.rstd.take();
      if (!dy) return {};
      Value<In, D> dx(dev, x.extent());
      instance_norm_backward(dev, geometry, as_input(dy), as_input(x), as_input(w.weight), as_input(w.bias),
                             {mean.data(), rstd.data()}, dx.view(), dw.weight.data(), dw.bias.data());
      return dx;
    }
  };

  /// Both in one pass, and a border around the result.
  template <std::same_as<Relu> Next, class In, class D, PadGeometry Around = no_border>
  using FollowedBy = On<In, D, ThenRelu::yes, Around>;
};

/// Instance norm without γ and β, as the generator's encoder has it.
using InstanceNorm = InstanceNorm2d<Affine::no>;

namespace norms {

/// The four statistics of a layer-instance norm.
template <class D>
struct LayerInstanceStatistics {
  Buffer<D> mean, rstd, layer_mean, layer_rstd;

  LayerInstanceStatistics() = default;
  LayerInstanceStatistics(D& dev, Index batch, Index channels)
      : mean(dev.arena(), batch * channels),
        rstd(dev.arena(), batch * channels),
        layer_mean(dev.arena(), batch),
        layer_rstd(dev.arena(), batch) {}

  NormStatistics<typename D::Scalar> view() const {
    return {mean.data(), rstd.data(), layer_mean.data(), layer_rstd.data()};
  }
};

template <class In, class D>
struct LayerInstanceTape {
  Kept<Value<In, D>> x;
  Kept<LayerInstanceStatistics<D>> statistics;
};

}  // namespace norms

/// Layer-instance norm: ρ x_I + (1 − ρ) x_L with learned γ and β, unbiased variances, eps 1e-5 (section 2.1 of the
/// paper). Map<C> → Map<C>. Parameters: rho [1, C, 1, 1] (0, clamped to [0, 1]), gamma (1) and beta (0) likewise.
struct ILN {
  template <class In, class D, Variance V = Variance::unbiased, ThenRelu After = ThenRelu::no,
            PadGeometry Around = no_border>
  struct On {
    static_assert(require_map<ILN, In>());
    using Out = In;
    static constexpr NormGeometry geometry{1e-5, V == Variance::unbiased, false, After == ThenRelu::yes, Around};

    struct Params {
      Field<D> rho;
      Field<D> gamma;
      Field<D> beta;

      template <class F, class... Ps>
      static void each(const F& f, Ps&... params) {
        f("rho", params.rho...);
        f("gamma", params.gamma...);
        f("beta", params.beta...);
      }
    };

    using Tape = norms::LayerInstanceTape<In, D>;

    static Extent out(const Extent& extent) { return geometry.border.out(extent); }
    static Params parameters(const Extent&) {
      return {Field<D>::of({1, In::channels, 1, 1}, Start::constant(0), Role::clamped),
              Field<D>::of({1, In::channels, 1, 1}, Start::constant(1)),
              Field<D>::of({1, In::channels, 1, 1}, Start::constant(0))};
    }

    static Value<Out, D> forward(D& dev, const Params& w, Value<In, D> x, Tape& tape, const Value<Out, D>& added = {}) {
      require_values(dev, "a norm");
      const norms::LayerInstanceStatistics<D> statistics(dev, x.extent().batch, In::channels);
      Value<Out, D> y(dev, out(x.extent()));
      layer_instance_norm_forward(dev, geometry, as_input(x), as_input(w.rho), as_input(w.gamma), as_input(w.beta),
                                  as_input(added).data, y.view(), statistics.view());
      tape.x.keep(dev, x);
      tape.statistics.keep(dev, statistics);
      return y;
    }

    static Value<In, D> backward(D& dev, const Params& w, Tape& tape, Value<Out, D> dy, Params& dw) {
      const Value<In, D> x = tape.x.take();
      const norms::LayerInstanceStatistics<D> statistics = tape.statistics.take();
      if (!dy) return {};
      Value<In, D> dx(dev, x.extent());
      layer_instance_norm_backward(dev, geometry, as_input(dy), as_input(x), as_input(w.rho), as_input(w.gamma),
                                   as_input(w.beta), statistics.view(), dx.view(), dw.rho.data(), dw.gamma.data(),
                                   dw.beta.data());
      return dx;
    }
  };

  /// Both in one pass, and a border around the result.
  template <std::same_as<Relu> Next, class In, class D, PadGeometry Around = no_border>
  using FollowedBy = On<In, D, Variance::unbiased, ThenRelu::yes, Around>;
};

/// ILN with the variance of other codes than PyTorch's.
template <Variance V>
struct ILNWith {
  /// The layer for an input.
  template <class In, class D>
  using On = ILN::On<In, D, V>;
  /// Both in one pass, and a border around the result.
  template <std::same_as<Relu> Next, class In, class D, PadGeometry Around = no_border>
  using FollowedBy = ILN::On<In, D, V, ThenRelu::yes, Around>;
};

}  // namespace ugatit
