// The parameters of an affine map, for convolutions and linear layers alike: weight [outputs, …] and, where wanted,
// bias [outputs].
#pragma once

#include <ugatit/core/field.hpp>

namespace ugatit {

/// Whether an affine map has a summand for each output.
enum class Bias : bool { no, yes };

/// Weight and bias of a layer.
template <class D, Bias WithBias>
struct WeightAndBias {
  Field<D> weight;  ///< [outputs, …]
  Field<D> bias;    ///< with `Bias::no` not a parameter: nobody visits it and it has no memory

  /// Visits the weight and, where there is one, the bias.
  template <class F, class... Ps>
  static void each(const F& f, Ps&... params) {
    f("weight", params.weight...);
    if constexpr (WithBias == Bias::yes) f("bias", params.bias...);
  }

  /// Fields without memory for a weight of these dimensions, whose first is the number of outputs, both starting in the
  /// same way.
  static WeightAndBias described(std::initializer_list<Index> dims, Start start) {
    return {Field<D>::of(dims, start).as(Part::kernel),
            WithBias == Bias::yes ? Field<D>::of({*dims.begin()}, start).as(Part::bias) : Field<D>{}};
  }
};

}  // namespace ugatit
