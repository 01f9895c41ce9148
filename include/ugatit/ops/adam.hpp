// Adam (Kingma and Ba, arXiv 1412.6980) with weight decay added to the gradient, as PyTorch's `Adam(weight_decay=…)`:
//
//   g = dw + decay · w;   m = β1 m + (1 − β1) g;   v = β2 v + (1 − β2) g²
//   w −= lr / (1 − β1^t) · m / (√v / √(1 − β2^t) + eps)
#pragma once

#include <ugatit/core/tensor.hpp>

#include <cmath>
#include <span>

namespace ugatit {

/// What a step is told.
struct AdamRates {
  double learning_rate = 1e-4;  ///< of this step
  double beta1 = 0.5;           ///< decay of the mean of gradients
  double beta2 = 0.999;         ///< decay of the mean of squares
  double epsilon = 1e-8;        ///< added to the root of the mean square
  double weight_decay = 1e-4;   ///< added to the gradient, times the weight
  Index step = 1;               ///< t, counted from 1
};

/// The same as a device's scalars. They lie in its memory, so that a step can be given to it once and for all.
template <class T>
struct AdamFactors {
  T step{};     ///< learning rate, corrected for the first steps
  T root{};     ///< that correction of √v
  T beta1{};    ///< as it is
  T rest1{};    ///< 1 − β1
  T beta2{};    ///< as it is
  T rest2{};    ///< 1 − β2
  T epsilon{};  ///< as it is
  T decay{};    ///< as it is

  AdamFactors() = default;
  /// Of that step.
  explicit AdamFactors(const AdamRates& g)
      : step(static_cast<T>(g.learning_rate / (1 - std::pow(g.beta1, static_cast<double>(g.step))))),
        root(static_cast<T>(std::sqrt(1 - std::pow(g.beta2, static_cast<double>(g.step))))),
        beta1(static_cast<T>(g.beta1)),
        rest1(static_cast<T>(1 - g.beta1)),
        beta2(static_cast<T>(g.beta2)),
        rest2(static_cast<T>(1 - g.beta2)),
        epsilon(static_cast<T>(g.epsilon)),
        decay(static_cast<T>(g.weight_decay)) {}
};

/// One parameter with all that belongs to it.
template <class T>
struct AdamParameter {
  T* w = nullptr;      ///< the weights
  T* dw = nullptr;     ///< their gradient
  T* m = nullptr;      ///< the mean of gradients
  T* v = nullptr;      ///< the mean of squares
  Index size = 0;      ///< of each of the four
  bool decays = true;  ///< whether weight decay is added
  bool clamp = false;  ///< keep the result inside [0, 1] (ρ)
};

/// What says how a step is taken, in the device's memory.
template <class T>
struct AdamStep {
  const AdamFactors<T>* factors = nullptr;  ///< the numbers
  const double* allowed = nullptr;          ///< where it is 0, no weight and no mean changes
};

/// Takes the step for all parameters and leaves their gradients at zero for the next iteration.
template <class D>
concept StepsAdam = requires(D& dev, AdamStep<typename D::Scalar> step,
                             std::span<const AdamParameter<typename D::Scalar>> parameters) {
  adam_step(dev, step, parameters);
};

/// The same for one parameter, with rates that lie on the host.
template <class D>
void adam_step(D& dev, const AdamRates& rates, const AdamParameter<typename D::Scalar>& parameter) {
  using T = typename D::Scalar;
  const BufferOf<AdamFactors<T>, D> factors(dev.arena(), 1);
  const BufferOf<double, D> allowed(dev.arena(), 1);
  const AdamFactors<T> numbers(rates);
  const double yes = 1;
  copy_from_host(dev, 1, &numbers, factors.data());
  copy_from_host(dev, 1, &yes, allowed.data());
  adam_step(dev, AdamStep<T>{factors.data(), allowed.data()}, std::span<const AdamParameter<T>>(&parameter, 1));
}

}  // namespace ugatit
