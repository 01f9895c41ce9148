// Weights that stay as they are for a while, of which a device may then keep what it derives from them.
#pragma once

#include <ugatit/core/field.hpp>

namespace ugatit {

/// Tells the device which weights nobody changes from `hold` until `let_go`, or until it ends. This one is of devices
/// that derive nothing.
template <class D>
class Unchanged {
 public:
  /// Holds nothing yet.
  explicit Unchanged(D&) {}

  /// Of a network's parameters those that convolutions multiply with. No two parts that run side by side may use them.
  template <class Parameters>
  void hold(const Parameters&) {}

  /// All that it holds may change.
  void let_go() {}
};

}  // namespace ugatit
