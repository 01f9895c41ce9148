// Work that nothing waits for before the end of a scope: while layers go back, what their weights learn.
//
// A device that has something to gain brings `with_trail`, `trails`, `mark` and `later` as members; on others
// everything runs where it stands.
//
// What others wait for is given to the device first, so that it starts first where there is no room for both:
//
//   mark(dev);                          what trails may begin here
//   dx = …;                             the next layer waits for this
//   later(dev, [&] { dw += … }, x, dy);
#pragma once

#include <ugatit/core/device.hpp>

namespace ugatit {

/// A device whose work can trail behind.
template <class D>
concept Trails = requires(D& dev) {
  { dev.trails() } -> std::same_as<bool>;  // whether it can now
};

/// Calls `work`. What it gives to `later` is done before what follows, and may trail behind the rest of it where
/// memory is ample.
template <class D, class Work>
void with_trail(D& dev, const Work& work) {
  if constexpr (Trails<D>) {
    if (dev.mode.ample) return dev.with_trail(work);
  }
  work();
}

/// What is next given to `later` may begin here: it does not wait for what the device is given until then.
template <class D>
void mark(D& dev) {
  if constexpr (Trails<D>) {
    if (dev.trails()) dev.mark();
  }
}

/// Calls `work`, whose place in the order of things is anywhere from the last `mark` to the end of the trail. Works
/// that trail stay in order among themselves. Nobody changes the values `kept` before it is done, and their memory
/// stays.
template <class D, class Work, class... Kept>
void later(D& dev, const Work& work, const Kept&... kept) {
  if constexpr (Trails<D>) {
    if (dev.trails()) return dev.later(work, kept...);
  }
  work();
}

}  // namespace ugatit
