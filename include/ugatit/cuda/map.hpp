// out[i] = f(i), several numbers a thread: all are read before one is written, so that the memory is kept busy.
#pragma once

#include <ugatit/cuda/team.hpp>

namespace ugatit {

namespace maps {

constexpr Index together = 4;  // numbers of a thread
constexpr Index apart = 256;   // between them, so that neighbouring threads have neighbours

/// out[i] = f(i) for i = first, first + step, …, four of them, as far as they are below `end`.
template <class T, class F>
UGATIT_KERNEL void four(Index first, Index step, Index end, T* out, const F& f) {
  if (first + 3 * step < end) {
    const T a = f(first);
    const T b = f(first + step);
    const T c = f(first + 2 * step);
    const T d = f(first + 3 * step);
    out[first] = a;
    out[first + step] = b;
    out[first + 2 * step] = c;
    out[first + 3 * step] = d;
    return;
  }
  for (Index i = first; i < end; i += step) out[i] = f(i);
}

}  // namespace maps

/// out[i] = f(i) for each i in [0, size). f may read out[i] and nothing else that is written.
template <LaunchesKernels D, class T, class F>
void map(D& dev, Index size, T* out, const F& f) {
  constexpr Index group = maps::apart * maps::together;
  const Index groups = (size + group - 1) / group;
  for_each(dev, groups * maps::apart, [=] UGATIT_KERNEL(Index at) {
    const Index begin = at / maps::apart * group;
    const Index end = begin + group < size ? begin + group : size;
    maps::four(begin + at % maps::apart, maps::apart, end, out, f);
  });
}

/// The same by a team, of its own `size` numbers.
template <class T, class F>
UGATIT_KERNEL void map(const Team& team, Index size, T* out, const F& f) {
  for (Index i = team.rank(); i < size; i += maps::together * team.size()) {
    const Index end = i + maps::together * team.size() < size ? i + maps::together * team.size() : size;
    maps::four(i, team.size(), end, out, f);
  }
}

}  // namespace ugatit
