// What has been made of weights that stay as they are for a while: their bfloat16 forms.
#pragma once

#include <ugatit/core/bfloat16.hpp>
#include <ugatit/core/device.hpp>

#include <map>

namespace ugatit {

/// Those of a device.
template <class D>
class HeldWeights {
 public:
  using Halves = BufferOf<bfloat16, D>;  ///< [O, K, K, I], once somebody has made it

  static bool wants(const Mode&) { return true; }  ///< both passes of an iteration use them

  /// From now on these weights stay as they are, until the holder lets go.
  void hold(const void* w, const void* holder, const Mode&) { all_[w].holder = holder; }

  /// All that it holds may change.
  void let_go(const void* holder) {
    std::erase_if(all_, [&](const auto& entry) { return entry.second.holder == holder; });
  }

  /// Where the form of these weights is kept; null for weights that are not held.
  Halves* find(const void* w) {
    const auto found = all_.find(w);
    return found == all_.end() ? nullptr : &found->second.halves;
  }

 private:
  struct Held {
    Halves halves;
    const void* holder = nullptr;
  };

  std::map<const void*, Held> all_;
};

}  // namespace ugatit
