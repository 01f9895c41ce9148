// What convolutions make of weights before they multiply, for weights that stay as they are for a while.
#pragma once

#include <ugatit/core/device.hpp>

#include <algorithm>
#include <vector>

namespace ugatit {

/// What weights are made into. An enlarged convolution in tiles has four, one for each phase of the result.
enum class WeightForm { winograd, strided_winograd, enlarged_winograd, tiles, enlarged_tiles };

/// The forms of a device's weights that are held.
template <class D>
class WeightForms {
 public:
  /// Forms are up to four times as large as weights: not where those that learn should take little memory.
  static bool wants(const Mode& mode) { return !mode.recording || mode.ample; }

  /// From now on these weights stay as they are, until the holder lets go. An iteration uses all of them several times,
  /// so what passes that record make is kept at once; other passes may be the only one.
  void hold(const void* w, const void* holder, const Mode& mode) { held_.push_back({w, holder, mode.recording}); }

  /// All that it holds changes now, and then stays as it is again.
  void let_learn(const void* holder) {
    for (const Held& held : held_) {
      if (held.holder == holder) std::erase_if(forms_, [&](const Form& form) { return form.w == held.w; });
    }
  }

  /// All that it holds may change.
  void let_go(const void* holder) {
    let_learn(holder);
    std::erase_if(held_, [&](const Held& held) { return held.holder == holder; });
  }

  /// That form of these weights, which `make()` makes. Kept are those of held weights, at once or from the second time
  /// on: who translates one photo has no use for them.
  template <class Make>
  Buffer<D> form(const void* w, WeightForm form, int phase, const Make& make) {
    const auto held = std::find_if(held_.begin(), held_.end(), [&](const Held& one) { return one.w == w; });
    if (held == held_.end()) return make();
    const auto known = std::find_if(forms_.begin(), forms_.end(), [&](const Form& one) {
      return one.w == w && one.form == form && one.phase == phase;
    });
    if (known == forms_.end()) {
      Buffer<D> made = make();
      forms_.push_back({w, form, phase, held->at_once ? made : Buffer<D>()});
      return made;
    }
    if (!known->numbers) known->numbers = make();
    return known->numbers;
  }

 private:
  struct Held {
    const void* w;
    const void* holder;
    bool at_once;
  };
  struct Form {
    const void* w;
    WeightForm form;
    int phase;
    Buffer<D> numbers;  // none yet, where they have been made once
  };

  // Lists, whose memory stays: a map would take some of the heap in each iteration. They are short.
  std::vector<Held> held_;
  std::vector<Form> forms_;
};

}  // namespace ugatit
