// Weights that stay as they are for a while, of which a device may then keep what it derives from them.
#pragma once

#include <ugatit/core/device.hpp>
#include <ugatit/core/field.hpp>

#include <concepts>

namespace ugatit {

/// A device that keeps what it derives from weights, in a store that is told which weights nobody changes.
template <class D>
concept DerivesFromWeights = requires(D& dev, const void* w, const void* holder) {
  { dev.held_weights().wants(dev.mode) } -> std::same_as<bool>;  // whether it pays in this mode
  dev.held_weights().hold(w, holder, dev.mode);                  // from now on they stay as they are
  dev.held_weights().let_learn(holder);                          // all that it holds is changed by Adam's step alone
  dev.held_weights().let_go(holder);                             // all that it holds may change
};

/// Tells the device which weights nobody changes from `hold` until `let_go`, or until it ends. Of devices that derive
/// nothing it holds nothing.
template <class D>
class Unchanged {
 public:
  explicit Unchanged(D& dev) : dev_(dev) {}  ///< holds nothing yet
  Unchanged(const Unchanged&) = delete;
  Unchanged& operator=(const Unchanged&) = delete;
  ~Unchanged() { let_go(); }

  /// Of a network's parameters those that convolutions multiply with. No two parts that run side by side may use them.
  template <class Parameters>
  void hold([[maybe_unused]] const Parameters& parameters) {
    if constexpr (DerivesFromWeights<D>) {
      if (!dev_.held_weights().wants(dev_.mode)) return;
      for (const auto& parameter : parameters) {
        if (parameter.w.part == Part::kernel) dev_.held_weights().hold(parameter.w.data(), this, dev_.mode);
      }
    }
  }

  /// Runs `learn()`, in which `adam_step` changes what it holds and nothing else does: what a device derives from the
  /// weights that were is not used any more, unless the step keeps it up to date.
  template <class LearnAll>
  void change_by(const LearnAll& learn) {
    if constexpr (DerivesFromWeights<D>) dev_.held_weights().let_learn(this);
    learn();
  }

  /// All that it holds may change.
  void let_go() {
    if constexpr (DerivesFromWeights<D>) dev_.held_weights().let_go(this);
  }

 private:
  D& dev_;
};

}  // namespace ugatit
