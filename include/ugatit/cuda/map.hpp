// out[i] = f(i), several numbers a thread.
#pragma once

#include <ugatit/cuda/read_then_write.hpp>

namespace ugatit {

namespace maps {

/// Numbers of a thread: fewer of large ones.
template <class T>
inline constexpr int together = sizeof(T) > 16 ? 2 : 4;
constexpr Index apart = 256;  // between them, so that neighbouring threads have neighbours

}  // namespace maps

/// out[i] = f(i) for each i in [0, size). f may read out[i] and nothing else that is written.
template <LaunchesKernels D, class T, class F>
void map(D& dev, Index size, T* out, const F& f) {
  constexpr Index group = maps::apart * maps::together<T>;
  const Index groups = (size + group - 1) / group;
  for_each(dev, groups * maps::apart, [=] UGATIT_KERNEL(Index at) {
    const Index begin = at / maps::apart * group;
    const Index end = begin + group < size ? begin + group : size;
    read_then_write<maps::together<T>>(begin + at % maps::apart, maps::apart, end, f,
                                       [=](Index i, T value) { out[i] = value; });
  });
}

/// The same by a team, of its own `size` numbers.
template <class T, class F>
UGATIT_KERNEL void map(const Team& team, Index size, T* out, const F& f) {
  read_then_write<maps::together<T>>(team.rank(), team.size(), size, f, [=](Index i, T value) { out[i] = value; });
}

}  // namespace ugatit
