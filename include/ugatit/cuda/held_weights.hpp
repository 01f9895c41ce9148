// What has been made of weights that stay as they are for a while: their forms for tensor cores.
#pragma once

#include <ugatit/core/device.hpp>
#include <ugatit/core/tensor.hpp>

#include <map>

namespace ugatit {

/// Those of a device, in numbers of type E.
template <class D, class E>
class HeldWeights {
 public:
  using Packed = BufferOf<E, D>;  ///< [O, K, K, I], once somebody has made it

  static bool wants(const Mode&) { return true; }  ///< both passes of an iteration use them

  /// From now on these weights stay as they are, until the holder lets go.
  void hold(const void* w, const void* holder, const Mode&) { all_[w].holder = holder; }

  /// All that it holds may change.
  void let_go(const void* holder) {
    std::erase_if(all_, [&](const auto& entry) { return entry.second.holder == holder; });
  }

  /// Where the form of these weights is kept; null for weights that are not held.
  Packed* find(const void* w) {
    const auto found = all_.find(w);
    return found == all_.end() ? nullptr : &found->second.packed;
  }

 private:
  struct Held {
    Packed packed;
    const void* holder = nullptr;
  };

  std::map<const void*, Held> all_;
};

}  // namespace ugatit
