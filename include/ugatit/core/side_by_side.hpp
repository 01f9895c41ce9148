// Work whose parts do not wait for one another, and work that is the same each time.
//
// A device that has something to gain brings `side_by_side` as a member, or its own `Replay`; on others the parts run
// in order, and everything runs each time.
#pragma once

#include <ugatit/core/device.hpp>

namespace ugatit {

/// A part that more waits for than for those beside it: where both could go on, this one should.
template <class Part>
struct Urgent {
  Part part;  ///< called by `operator()`

  void operator()() const { part(); }  ///< does it
};

/// Of any part.
template <class Part>
Urgent(Part) -> Urgent<Part>;

template <class Part>
inline constexpr bool is_urgent = false;  ///< whether a part is
template <class Part>
inline constexpr bool is_urgent<Urgent<Part>> = true;  ///< it is

/// Calls each part; what they put on the device may run at the same time. All of it is done before what follows. A part
/// changes nothing that another one looks at; what several look at is held by the caller until the end. The first one
/// is not `Urgent`.
template <class D, class... Part>
void side_by_side(D& dev, const Part&... parts) {
  if constexpr (requires { dev.side_by_side(parts...); }) {
    dev.side_by_side(parts...);
  } else {
    (parts(), ...);
  }
}

/// Work on a device that is the same each time: it allocates and computes in the same order, and all that changes lies
/// in the device's memory, in the same place. A device may then keep what it was given and start all of it at once.
/// Nothing that the work makes outlives it. It reads up to `Inputs` values.
template <class D, class Shape, int Inputs>
class Replay {
 public:
  /// Where the work is to read x, the input of that number: x itself, or memory that stays in its place.
  const Tensor<Shape, D>& input(D&, int, const Tensor<Shape, D>& x) { return x; }

  /// Does the work.
  template <class Work>
  void run(D&, const Work& work) {
    work();
  }
};

}  // namespace ugatit
