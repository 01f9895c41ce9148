// Adam for weights of convolutions whose gradient is kept in parts: what the convolution made of one pass, as the
// device packs weights, and outer products, which are what a spectral norm adds. It is summed where it is used and
// never stored.
//
//   dw[o,i,k] = Σ_p dy[p,o] x[p,i,k] + convolved[o,k,i]
//
// The discriminators' gradients are read twice an iteration, for their length and by Adam. Numbers of their own would
// be written and read several times before that, in float.
#pragma once

#include <ugatit/ops/outer_adam.hpp>

#include <span>

namespace ugatit {

/// A gradient of [O, I, K, K] in its parts. E is what the device packs weights in.
template <class T, class E>
struct ConvolvedGradient {
  const E* convolved = nullptr;  ///< [O, K·K, I]
  Index window = 1;              ///< K · K
  OuterGeometry outer;           ///< of [O, I·K·K]
  const T* dy = nullptr;         ///< [count, O]
  const T* x = nullptr;          ///< [count, I·K·K]
};

/// One of them, and where in the device's memory the sum of its squares goes.
template <class T, class E>
struct ConvolvedSquareSum {
  ConvolvedGradient<T, E> gradient;  ///< dw
  double* sum = nullptr;             ///< *sum = Σ dw²
};

/// A parameter without a gradient of its own, and that.
template <class T, class E>
struct ConvolvedParameter {
  AdamParameter<T> parameter;        ///< without `dw`
  ConvolvedGradient<T, E> gradient;  ///< in its place
};

/// What a device packs weights in, and makes of a convolution's pass.
template <class D>
using PackedNumber = Element<Map<8>, D>;

/// A device that keeps gradients so: where channels are last. `conv2d_convolved` is `conv2d_backward_weight` for that.
template <class D>
concept KeepsConvolved = requires(D& dev, AdamStep<typename D::Scalar> step,
                                  std::span<const ConvolvedSquareSum<typename D::Scalar, PackedNumber<D>>> sums,
                                  std::span<const ConvolvedParameter<typename D::Scalar, PackedNumber<D>>> parameters) {
  convolved_square_sums(dev, sums);
  convolved_adam_step(dev, step, parameters);
};

}  // namespace ugatit
