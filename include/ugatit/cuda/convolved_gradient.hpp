// A gradient in parts (ops/convolved_adam.hpp) as kernels read it: a team has a piece of the weights, and their sum in
// memory that it shares.
#pragma once

#include <ugatit/cuda/packed_weights.hpp>
#include <ugatit/ops/convolved_adam.hpp>

namespace ugatit {

namespace convolved {

constexpr std::size_t most = 24;  ///< arrays in one launch: much is known of each

/// held(i, k) = the sum of the parts of a piece, for the thread that `each_by_input` gives that number to.
template <class E, class Window>
UGATIT_KERNEL void hold_sum(const Team& team, const packing::WeightPiece<Window>& piece,
                            const ConvolvedGradient<float, E>& gradient, Index inputs, float* held) {
  const E* const from = gradient.convolved + piece.o * piece.window * inputs + piece.first;
  piece.each_by_tap(
      team, [&](int i, int k) { return to_float(from[k * inputs + i]); },
      [&](int i, int k, float value) { held[i * piece.row + k] = value; });
  team.meet();
  const OuterGeometry& g = gradient.outer;
  for (Index p = 0; p < g.count; ++p) {
    const float factor = gradient.dy[p * g.rows + piece.o];
    const float* const x = gradient.x + p * g.columns + piece.first * piece.window;
    piece.each_by_input(
        team, [&](int i, int k) { return factor * x[i * piece.window + k]; },
        [&](int i, int k, float product) { held[i * piece.row + k] += product; });
  }
}

/// How many weights a gradient is of.
template <class E>
WeightSizes sizes_of(const ConvolvedGradient<float, E>& gradient) {
  return {gradient.outer.rows, gradient.outer.columns / gradient.window, gradient.window};
}

}  // namespace convolved

}  // namespace ugatit
