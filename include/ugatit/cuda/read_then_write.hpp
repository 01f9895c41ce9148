// Loops of a thread that read from several places before they write to any: a compiler must not turn that round itself,
// since it cannot know that what is written is not read, and a thread that waits for each number leaves the memory
// idle.
#pragma once

#include <ugatit/cuda/team.hpp>

namespace ugatit {

/// write(i, read(i)) for i = first, first + step, … below `end`, `Together` of them at a time. What is read must not
/// depend on what is written for another i.
template <int Together, class Whole, class Read, class Write>
UGATIT_KERNEL void read_then_write(Whole first, Whole step, Whole end, const Read& read, const Write& write) {
  using Value = decltype(read(first));
  Whole i = first;
  for (; i + (Together - 1) * step < end; i += Together * step) {
    Value values[Together];
    for (int k = 0; k < Together; ++k) values[k] = read(i + k * step);
    for (int k = 0; k < Together; ++k) write(i + k * step, values[k]);
  }
  for (; i < end; i += step) write(i, read(i));
}

}  // namespace ugatit
