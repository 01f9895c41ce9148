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
  void hold(const void* w) { all_[w]; }            ///< from now on these weights stay as they are
  void let_go(const void* w) { all_.erase(w); }    ///< they may change

  /// Where the form of these weights is kept; null for weights that are not held.
  Halves* find(const void* w) {
    const auto found = all_.find(w);
    return found == all_.end() ? nullptr : &found->second;
  }

 private:
  std::map<const void*, Halves> all_;
};

}  // namespace ugatit
