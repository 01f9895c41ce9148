// Starting values that other codes give to the same layers. A layer describes PyTorch's; `Starting<Values, L>` is L
// with those of `Values`, which has `of(field)` say how a kernel or a bias starts. Norms start everywhere alike.
#pragma once

#include <ugatit/nn/layer.hpp>

#include <cmath>

namespace ugatit {

/// As the layers say: kernels and biases uniform in ±1/√fan_in, PyTorch's default.
struct PyTorchStart {
  /// How that field starts.
  template <class D>
  static Start of(const Field<D>& field) {
    return field.start;
  }
};

/// The TensorFlow code's: kernels normal with deviation 0.02, biases 0.
struct TensorFlowStart {
  /// How that field starts.
  template <class D>
  static Start of(const Field<D>& field) {
    return field.part == Part::kernel ? Start::normal(0.02) : Start::constant(0);
  }
};

/// Paddle's defaults: kernels of convolutions normal with deviation √(2/fan_in), of linear layers uniform in
/// ±√(6/(fan_in + fan_out)), biases 0.
struct PaddleStart {
  /// How that field starts.
  template <class D>
  static Start of(const Field<D>& field) {
    if (field.part == Part::bias) return Start::constant(0);
    const auto outputs = static_cast<double>(field.dims[0]);
    const auto inputs = static_cast<double>(field.size()) / outputs;
    return field.rank == 2 ? Start::uniform(std::sqrt(6 / (inputs + outputs))) : Start::normal(std::sqrt(2 / inputs));
  }
};

/// L, its kernels and biases starting as `Values` say. All else is L's.
template <class Values, class L>
struct Starting {
  template <class In, class D>
  struct On : ugatit::On<L, In, D> {
    using Base = ugatit::On<L, In, D>;

    static typename Base::Params parameters(const ExtentOf<In>& extent) {
      typename Base::Params params = Base::parameters(extent);
      Base::Params::each(
          [](const char*, Field<D>& field) {
            if (field.part != Part::other) field.start = Values::of(field);
          },
          params);
      return params;
    }
  };
};

}  // namespace ugatit
