// A gradient that is kept in parts, as the operations of ops/outer_adam.hpp and ops/convolved_adam.hpp take it.
#pragma once

#include <ugatit/models/network.hpp>
#include <ugatit/ops/convolved_adam.hpp>

#include <stdexcept>
#include <utility>

namespace ugatit {

/// The outer products that a parameter's gradient is the sum of, of all passes side by side, and what is convolved.
template <class D>
struct FactoredGradient {
  OuterGeometry geometry;                  ///< of the parameter, and how many products there are
  Buffer<D> dy;                            ///< [count, rows]
  Buffer<D> x;                             ///< [count, columns]
  BufferOf<PackedNumber<D>, D> convolved;  ///< [rows, window, inputs], or nothing
  Index window;                            ///< of a convolution

  /// Gathers what the passes have added to `p.dw.parts`, which is left empty.
  FactoredGradient(D& dev, const Parameter<D>& p)
      : geometry{p.w.dims[0], p.w.size() / p.w.dims[0], p.dw.parts->count()},
        convolved(std::exchange(p.dw.parts->convolved, {})),
        window(p.w.dims[2] * p.w.dims[3]) {
    if (p.dw.gradient == GradientIn::convolved && !convolved) {
      throw std::logic_error("a gradient that is kept of one pass was given none");
    }
    auto& passes = p.dw.parts->products;
    if (passes.size() == 1) {
      dy = passes.front().dy;
      x = passes.front().x;
    } else {
      dy = Buffer<D>(dev.arena(), geometry.count * geometry.rows);
      x = Buffer<D>(dev.arena(), geometry.count * geometry.columns);
      Index at = 0;
      for (const auto& pass : passes) {
        copy(dev, pass.batch * geometry.rows, as_input(pass.dy), dy.data() + at * geometry.rows);
        copy(dev, pass.batch * geometry.columns, as_input(pass.x), x.data() + at * geometry.columns);
        at += pass.batch;
      }
    }
    passes.clear();
  }

  /// With a convolution's part.
  ConvolvedGradient<typename D::Scalar, PackedNumber<D>> with_convolved() const {
    return {convolved.data(), window, geometry, as_input(dy), as_input(x)};
  }
};

}  // namespace ugatit
