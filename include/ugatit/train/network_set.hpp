// The networks of a training and who owns them.
#pragma once

#include <ugatit/train/step.hpp>

#include <memory>

namespace ugatit {

/// The six networks of a training, owned.
template <class D>
struct NetworkSet {
  std::unique_ptr<Network<D, 3>> a2b;       ///< A to B
  std::unique_ptr<Network<D, 3>> b2a;       ///< B to A
  std::unique_ptr<Network<D, 1>> global_a;  ///< judges the whole of an A
  std::unique_ptr<Network<D, 1>> local_a;   ///< judges patches of an A
  std::unique_ptr<Network<D, 1>> global_b;  ///< judges the whole of a B
  std::unique_ptr<Network<D, 1>> local_b;   ///< judges patches of a B

  Networks<D> view() const { return {*a2b, *b2a, *global_a, *local_a, *global_b, *local_b}; }  ///< to use, not to own
};

}  // namespace ugatit
