// The classifiers of the attention: pooled features → logits, and the weights that scale the features for the map.
//
// Codes differ in how many there are and in what scales the features. Each of these has, for features In = Map<C>:
//
//   names              of the classifiers, in the order of `each`
//   forward, backward  averages and maxima [N, C] → the two logits [N, 1], and back
//   maps               the two weights [C] that scale the features for the average's and the maximum's map
//   maps_backward      has f(d_average, d_maximum) add the gradients of those, and brings them to the parameters
#pragma once

#include <ugatit/nn/layer.hpp>
#include <ugatit/ops/cam.hpp>

#include <array>

namespace ugatit {

namespace cam {

/// Whether a classifier is normalised spectrally: its parameters then lie inside those of the normalisation.
template <class Params>
inline constexpr bool is_normalised = requires(Params& params) {
  params.inner;
};

/// A classifier's own parameters, inside spectral normalisation where there is one.
template <class Params>
auto& own(Params& params) {
  if constexpr (is_normalised<Params>) {
    return params.inner;
  } else {
    return params;
  }
}

/// A pass of the averages and one of the maxima, each through a classifier.
template <class Classifier, Index C, class D>
struct BothPools {
  using Logit = ugatit::On<Classifier, Vector<C>, D>;             ///< one classifier
  using Logits = Pair<Value<Vector<1>, D>, Value<Vector<1>, D>>;  ///< of the average, of the maximum
  using Pools = Pair<Value<Vector<C>, D>, Value<Vector<C>, D>>;   ///< averages and maxima

  /// One for each pass.
  struct Tape {
    typename Logit::Tape average;  ///< of the averages' pass
    typename Logit::Tape maximum;  ///< of the maxima's pass
  };

  /// `of_average` and `of_maximum` may be the same.
  static Logits forward(D& dev, const typename Logit::Params& of_average, const typename Logit::Params& of_maximum,
                        Pools x, Tape& tape) {
    auto average = Logit::forward(dev, of_average, std::move(x.first), tape.average);
    return {std::move(average), Logit::forward(dev, of_maximum, std::move(x.second), tape.maximum)};
  }

  /// Adds to the gradients of both, which may be the same.
  static Pools backward(D& dev, const typename Logit::Params& of_average, const typename Logit::Params& of_maximum,
                        Tape& tape, Logits dy, typename Logit::Params& d_average, typename Logit::Params& d_maximum) {
    auto average = Logit::backward(dev, of_average, tape.average, std::move(dy.first), d_average);
    return {std::move(average), Logit::backward(dev, of_maximum, tape.maximum, std::move(dy.second), d_maximum)};
  }
};

}  // namespace cam

/// Which classifier's weights scale the features for the maximum's map: its own or, as in the Paddle port's generator,
/// the average's.
enum class MaximumMap { own, average };

/// One classifier for each pool. Features are scaled by their weights before any normalisation. Parameters: gap_fc,
/// gmp_fc.
template <class Classifier, MaximumMap Map = MaximumMap::own>
struct TwoClassifiers {
  static constexpr std::array<const char*, 2> names{"gap_fc", "gmp_fc"};  ///< as published

  template <class In, class D>
  struct On {
    using Passes = cam::BothPools<Classifier, In::channels, D>;
    using Logit = typename Passes::Logit;
    using Logits = typename Passes::Logits;
    using Pools = typename Passes::Pools;
    using Tape = typename Passes::Tape;

    struct Params {
      typename Logit::Params gap_fc;
      typename Logit::Params gmp_fc;

      template <class V, class... Ps>
      static void each(const V& f, Ps&... params) {
        Logit::Params::each(f, params.gap_fc...);
        Logit::Params::each(f, params.gmp_fc...);
      }
    };

    static Params parameters(const Extent& extent) { return {Logit::parameters(extent), Logit::parameters(extent)}; }

    static Logits forward(D& dev, const Params& w, Pools x, Tape& tape) {
      return Passes::forward(dev, w.gap_fc, w.gmp_fc, std::move(x), tape);
    }

    static Pools backward(D& dev, const Params& w, Tape& tape, Logits dy, Params& dw) {
      return Passes::backward(dev, w.gap_fc, w.gmp_fc, tape, std::move(dy), dw.gap_fc, dw.gmp_fc);
    }

    static Pair<Buffer<D>, Buffer<D>> maps(D&, const Params& w) {
      return {cam::own(w.gap_fc).weight.buffer, of_maximum(w).weight.buffer};
    }

    template <class F>
    static void maps_backward(D&, const Params&, Params& dw, const F& f) {
      f(cam::own(dw.gap_fc).weight.data(), of_maximum(dw).weight.data());
    }

   private:
    static const auto& of_maximum(const Params& w) {
      return Map == MaximumMap::average ? cam::own(w.gap_fc) : cam::own(w.gmp_fc);
    }
  };
};

/// One classifier for both pools, as in the TensorFlow code, with a bias. Both maps are scaled by what it adds for each
/// channel: its weight, normalised where it is, plus its bias. Parameters: cam_fc.
template <class Classifier>
struct OneClassifier {
  static constexpr std::array<const char*, 1> names{"cam_fc"};  ///< as published

  template <class In, class D>
  struct On {
    using Passes = cam::BothPools<Classifier, In::channels, D>;
    using Logit = typename Passes::Logit;
    using Logits = typename Passes::Logits;
    using Pools = typename Passes::Pools;
    using Tape = typename Passes::Tape;

    struct Params {
      typename Logit::Params fc;

      template <class V, class... Ps>
      static void each(const V& f, Ps&... params) {
        Logit::Params::each(f, params.fc...);
      }
    };

    static Params parameters(const Extent& extent) { return {Logit::parameters(extent)}; }

    static Logits forward(D& dev, const Params& w, Pools x, Tape& tape) {
      return Passes::forward(dev, w.fc, w.fc, std::move(x), tape);
    }

    static Pools backward(D& dev, const Params& w, Tape& tape, Logits dy, Params& dw) {
      return Passes::backward(dev, w.fc, w.fc, tape, std::move(dy), dw.fc, dw.fc);
    }

    static Pair<Buffer<D>, Buffer<D>> maps(D& dev, const Params& w) {
      const Buffer<D> map(dev.arena(), In::channels);
      classifier_map_forward(dev, geometry, as_input(cam::own(w.fc).weight), as_input(cam::own(w.fc).bias), map.data());
      return {map, map};
    }

    template <class F>
    static void maps_backward(D& dev, const Params& w, Params& dw, const F& f) {
      const Buffer<D> dmap(dev.arena(), In::channels);
      fill(dev, dmap.size(), typename D::Scalar{}, dmap.data());
      f(dmap.data(), dmap.data());
      classifier_map_backward(dev, geometry, as_input(dmap), as_input(cam::own(w.fc).weight),
                              cam::own(dw.fc).weight.data(), cam::own(dw.fc).bias.data());
    }

   private:
    static constexpr ClassifierMapGeometry geometry{In::channels, cam::is_normalised<typename Logit::Params>};
  };
};

}  // namespace ugatit
