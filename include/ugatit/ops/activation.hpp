// Functions of single numbers. Each derivative is a function of the output, so a tape keeps y and never x.
//
//   relu: max(x, 0)   leaky relu: x or slope·x   tanh: 1 − y²   sigmoid: y (1 − y)
#pragma once

#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// The functions there are.
enum class Activation { relu, leaky_relu, tanh, sigmoid };

/// Which function.
struct ActivationGeometry {
  Activation kind = Activation::relu;  ///< the function
  double slope = 0;                    ///< of the negative side, for leaky relu
};

/// Input and output may be the same memory.
template <class D>
concept Activates = requires(D& dev, ActivationGeometry g, Index size, const typename D::Scalar* in,
                             typename D::Scalar* out) {
  activation_forward(dev, g, size, in, out);       // x -> y
  activation_backward(dev, g, size, in, in, out);  // dy, y -> dx
};

}  // namespace ugatit
