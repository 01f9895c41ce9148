// What convolutions make of weights before they multiply, for weights that stay as they are for a while.
#pragma once

#include <ugatit/core/device.hpp>

#include <map>
#include <utility>

namespace ugatit {

/// What weights are made into. An enlarged convolution in tiles has four, one for each phase of the result.
enum class WeightForm { winograd, enlarged_winograd, tiles, enlarged_tiles };

/// The forms of a device's weights that are held.
template <class D>
class WeightForms {
 public:
  /// Not where passes are recorded: weights that learn change after a few of them, and their forms are four times as
  /// large as they are.
  static bool wants(const Mode& mode) { return !mode.recording; }
  void hold(const void* w) { all_[w]; }          ///< from now on these weights stay as they are
  void let_go(const void* w) { all_.erase(w); }  ///< they may change

  /// That form of these weights, which `make()` makes. Kept are those of held weights, from the second time on: who
  /// translates one photo has no use for them.
  template <class Make>
  Buffer<D> form(const void* w, WeightForm form, int phase, const Make& make) {
    const auto held = all_.find(w);
    if (held == all_.end()) return make();
    Form& own = held->second[{form, phase}];
    if (own.numbers) return own.numbers;
    Buffer<D> made = make();
    if (own.met) own.numbers = made;
    own.met = true;
    return made;
  }

 private:
  struct Form {
    Buffer<D> numbers;
    bool met = false;
  };

  std::map<const void*, std::map<std::pair<WeightForm, int>, Form>> all_;
};

}  // namespace ugatit
