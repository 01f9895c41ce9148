// What has been made of weights that stay as they are for a while: their forms for tensor cores.
#pragma once

#include <ugatit/core/device.hpp>
#include <ugatit/core/tensor.hpp>
#include <ugatit/cuda/weight_sizes.hpp>

#include <map>

namespace ugatit {

/// Those of a device, in numbers of type E.
template <class D, class E>
class HeldWeights {
 public:
  using Number = E;  ///< of forms

  /// What tensor cores read.
  struct Form {
    BufferOf<E, D> numbers;  ///< none, until somebody has made it
    WeightSizes sizes;       ///< of a form that is [O, K·K, I]; else none

    bool is_followed() const { return sizes.size() > 0; }  ///< whether Adam can keep it up to date
  };

  static bool wants(const Mode&) { return true; }  ///< both passes of an iteration use them

  /// From now on these weights stay as they are, until the holder lets go.
  void hold(const void* w, const void* holder, const Mode&) { all_[w].holder = holder; }

  /// All that it holds may change.
  void let_go(const void* holder) {
    std::erase_if(all_, [&](const auto& entry) { return entry.second.holder == holder; });
  }

  /// All that it holds is changed by Adam's step, which writes what `followed` finds; other forms are made anew.
  void let_learn(const void* holder) {
    for (auto& [w, held] : all_) {
      if (held.holder == holder && !held.form.is_followed()) held.form = {};
    }
  }

  /// The form of these weights, which `make()` makes, and which is kept for those that are held.
  template <class Make>
  BufferOf<E, D> form(const void* w, const Make& make) {
    const auto found = all_.find(w);
    if (found == all_.end()) return make().numbers;
    Form& form = found->second.form;
    if (!form.numbers) form = make();
    return form.numbers;
  }

  /// The form that Adam's step has to keep up to date; null where there is none.
  const Form* followed(const void* w) const {
    const auto found = all_.find(w);
    return found != all_.end() && found->second.form.is_followed() ? &found->second.form : nullptr;
  }

 private:
  struct Held {
    Form form;
    const void* holder = nullptr;
  };

  std::map<const void*, Held> all_;
};

/// A device whose convolutions read such forms.
template <class D>
concept PacksWeights = requires(D& dev, const void* w) {
  dev.held_weights().followed(w);
};

}  // namespace ugatit
