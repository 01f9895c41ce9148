// Between weights in float, [O, I, K, K], and what tensor cores read: bfloat16 in [O, K, K, I].
#pragma once

#include <ugatit/core/bfloat16.hpp>
#include <ugatit/cuda/team.hpp>

namespace ugatit {

namespace halves {

/// Weights go through pieces of 64 inputs of one output, for all of a window of up to 49.
constexpr Index piece_inputs = 64;
constexpr Index largest_window = 49;

/// Where a piece of weights is.
struct WeightPiece {
  Index o, first;  ///< the output, and the first input
  int inputs;      ///< how many inputs
  int window;      ///< numbers of each
  int row;         ///< of the window in memory that the team shares: odd, so that columns lie in different banks

  UGATIT_KERNEL WeightPiece(Index piece, Index all_inputs, Index whole_window)
      : window(static_cast<int>(whole_window)), row(window | 1) {
    const Cell place((all_inputs + piece_inputs - 1) / piece_inputs, piece);
    o = place.row;
    first = place.column * piece_inputs;
    inputs = static_cast<int>(all_inputs - first < piece_inputs ? all_inputs - first : piece_inputs);
  }

  /// f(input, tap) for each number; neighbouring threads have neighbours as [O, I, K·K] has them.
  template <class F>
  UGATIT_KERNEL void each_by_input(const Team& team, const F& f) const {
    for (int at = static_cast<int>(team.rank()); at < inputs * window; at += static_cast<int>(team.size())) {
      f(static_cast<int>(static_cast<unsigned>(at) / static_cast<unsigned>(window)),
        static_cast<int>(static_cast<unsigned>(at) % static_cast<unsigned>(window)));
    }
  }

  /// The same, with neighbours as [O, K·K, I] has them.
  template <class F>
  UGATIT_KERNEL void each_by_tap(const Team& team, const F& f) const {
    constexpr int most = static_cast<int>(piece_inputs);
    for (int at = static_cast<int>(team.rank()); at < most * window; at += static_cast<int>(team.size())) {
      if (at % most < inputs) f(at % most, at / most);
    }
  }
};

/// How many pieces there are, and how much work is in one.
constexpr Index weight_pieces(Index outputs, Index inputs) {
  return outputs * ((inputs + piece_inputs - 1) / piece_inputs);
}

/// [O, I, K·K] -> [O, K·K, I]
template <LaunchesKernels D>
void pack_weights(D& dev, Index outputs, Index inputs, Index window, const float* w, bfloat16* packed) {
  if (window == 1) {
    return for_each(dev, outputs * inputs, [=] UGATIT_KERNEL(Index at) { packed[at] = to_bfloat16(w[at]); });
  }
  for_each_team(dev, weight_pieces(outputs, inputs), piece_inputs * window, [=] UGATIT_KERNEL(Team team, Index p) {
    const WeightPiece piece(p, inputs, window);
    float* const held = team.shared<float, piece_inputs * largest_window>();
    const float* const from = w + (piece.o * inputs + piece.first) * window;
    piece.each_by_input(team, [&](int i, int k) { held[i * piece.row + k] = from[i * piece.window + k]; });
    team.meet();
    bfloat16* const to = packed + piece.o * window * inputs + piece.first;
    piece.each_by_tap(team, [&](int i, int k) { to[k * inputs + i] = to_bfloat16(held[i * piece.row + k]); });
    team.meet();
  });
}

/// And back, added: dw += packed.
template <LaunchesKernels D>
void add_weights(D& dev, Index outputs, Index inputs, Index window, const bfloat16* packed, float* dw) {
  if (window == 1) {
    return for_each(dev, outputs * inputs, [=] UGATIT_KERNEL(Index at) { dw[at] += to_float(packed[at]); });
  }
  for_each_team(dev, weight_pieces(outputs, inputs), piece_inputs * window, [=] UGATIT_KERNEL(Team team, Index p) {
    const WeightPiece piece(p, inputs, window);
    float* const held = team.shared<float, piece_inputs * largest_window>();
    const bfloat16* const from = packed + piece.o * window * inputs + piece.first;
    piece.each_by_tap(team, [&](int i, int k) { held[i * piece.row + k] = to_float(from[k * inputs + i]); });
    team.meet();
    float* const to = dw + (piece.o * inputs + piece.first) * window;
    piece.each_by_input(team, [&](int i, int k) { to[i * piece.window + k] += held[i * piece.row + k]; });
    team.meet();
  });
}

}  // namespace halves

}  // namespace ugatit
