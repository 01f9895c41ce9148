// What AdaLIN mixes instance norm and layer norm with, made of the ρ that is learned.
//
// Each has: `start`, where ρ starts; `forward`, what is mixed with; and `backward(dev, rho, drho, f)`, which has f(to)
// add the gradient of that to `to` (null where drho has no memory) and brings it to drho.
#pragma once

#include <ugatit/nn/layer.hpp>
#include <ugatit/ops/smoothing.hpp>

namespace ugatit {

/// ρ itself.
struct LearnedRho {
  static constexpr double start = 0.9;  ///< of what is learned

  /// What is mixed with.
  template <class D>
  static Buffer<D> forward(D&, const Field<D>& rho) {
    return rho.buffer;
  }

  /// Brings the gradient of that, which f adds, to drho.
  template <class D, class F>
  static void backward(D&, const Field<D>&, const Field<D>& drho, const F& f) {
    f(drho.data());
  }
};

/// ρ − 0.1, inside [0, 1] (ops/smoothing.hpp).
struct SmoothedRho {
  static constexpr double start = 1;  ///< of what is learned

  /// What is mixed with.
  template <class D>
  static Buffer<D> forward(D& dev, const Field<D>& rho) {
    Buffer<D> smoothed(dev.arena(), rho.size());
    smoothing_forward(dev, rho.size(), as_input(rho), smoothed.data());
    return smoothed;
  }

  /// Brings the gradient of that, which f adds, to drho.
  template <class D, class F>
  static void backward(D& dev, const Field<D>& rho, const Field<D>& drho, const F& f) {
    if (!drho) return f(drho.data());
    const Buffer<D> gradient(dev.arena(), rho.size());
    fill(dev, rho.size(), typename D::Scalar{}, gradient.data());
    f(gradient.data());
    smoothing_backward(dev, rho.size(), as_input(gradient), as_input(rho), drho.data());
  }
};

}  // namespace ugatit
