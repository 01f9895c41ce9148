// A gradient that is kept as outer products, as the operations of ops/outer_adam.hpp take it.
#pragma once

#include <ugatit/models/network.hpp>
#include <ugatit/ops/outer_adam.hpp>

namespace ugatit {

/// The outer products that a parameter's gradient is the sum of, of all passes side by side.
template <class D>
struct FactoredGradient {
  OuterGeometry geometry;  ///< of the parameter, and how many products there are
  Buffer<D> dy;            ///< [count, rows]
  Buffer<D> x;             ///< [count, columns]

  /// Gathers what the passes have added to `p.dw.products`.
  FactoredGradient(D& dev, const Parameter<D>& p)
      : geometry{p.w.dims[0], p.w.dims[1], p.dw.products->count()},
        dy(dev.arena(), geometry.count * geometry.rows),
        x(dev.arena(), geometry.count * geometry.columns) {
    Index at = 0;
    for (const auto& pass : p.dw.products->passes) {
      copy(dev, pass.batch * geometry.rows, as_input(pass.dy), dy.data() + at * geometry.rows);
      copy(dev, pass.batch * geometry.columns, as_input(pass.x), x.data() + at * geometry.columns);
      at += pass.batch;
    }
  }
};

}  // namespace ugatit
