// Between weights in float, [O, I, K, K], and what tensor cores read: bfloat16 or TF32 in [O, K, K, I].
#pragma once

#include <ugatit/cuda/map.hpp>
#include <ugatit/cuda/packed_images.hpp>
#include <ugatit/cuda/weight_sizes.hpp>

#include <type_traits>

namespace ugatit {

namespace packing {

/// Weights go through pieces of 64 inputs of one output, for all of a window of up to 49.
constexpr Index piece_inputs = 64;
constexpr Index largest_window = 49;

/// Calls run(window) with the number of taps of a window: for those of the models a constant, by which kernels divide
/// faster.
template <class Run>
void with_window(Index window, const Run& run) {
  if (window == 9) return run(std::integral_constant<int, 9>{});
  if (window == 16) return run(std::integral_constant<int, 16>{});
  run(static_cast<int>(window));
}

/// at = input · window + tap
struct WeightPlace {
  int input, tap;

  UGATIT_KERNEL WeightPlace(int at, int window)
      : input(static_cast<int>(static_cast<unsigned>(at) / static_cast<unsigned>(window))),
        tap(static_cast<int>(static_cast<unsigned>(at) % static_cast<unsigned>(window))) {}
};

/// Where a piece of weights is. `Window` is `int` or a constant.
template <class Window>
struct WeightPiece {
  Index o, first;  ///< the output, and the first input
  int inputs;      ///< how many inputs
  Window window;   ///< numbers of each
  int row;         ///< of the window in memory that the team shares: odd, so that columns lie in different banks

  UGATIT_KERNEL WeightPiece(Index piece, Index all_inputs, Window whole_window)
      : window(whole_window), row(window | 1) {
    const Cell place((all_inputs + piece_inputs - 1) / piece_inputs, piece);
    o = place.row;
    first = place.column * piece_inputs;
    inputs = static_cast<int>(all_inputs - first < piece_inputs ? all_inputs - first : piece_inputs);
  }

  /// write(input, tap, read(input, tap)) for each number; neighbouring threads have neighbours as [O, I, K·K] has them.
  /// A thread reads `Together` of them before it writes.
  template <int Together = 4, class Read, class Write>
  UGATIT_KERNEL void each_by_input(const Team& team, const Read& read, const Write& write) const {
    const Window taps = window;
    read_then_write<Together>(
        static_cast<int>(team.rank()), static_cast<int>(team.size()), inputs * window,
        [&](int at) {
          const WeightPlace place(at, taps);
          return read(place.input, place.tap);
        },
        [&](int at, const auto& value) {
          const WeightPlace place(at, taps);
          write(place.input, place.tap, value);
        });
  }

  /// The same, with neighbours as [O, K·K, I] has them.
  template <class Read, class Write>
  UGATIT_KERNEL void each_by_tap(const Team& team, const Read& read, const Write& write) const {
    constexpr int most = static_cast<int>(piece_inputs);
    read_then_write<4>(
        static_cast<int>(team.rank()), static_cast<int>(team.size()), most * window,
        [&](int at) { return at % most < inputs ? read(at % most, at / most) : 0.0F; },
        [&](int at, float value) {
          if (at % most < inputs) write(at % most, at / most, value);
        });
  }
};

/// How many pieces there are.
constexpr Index weight_pieces(const WeightSizes& sizes) {
  return sizes.outputs * ((sizes.inputs + piece_inputs - 1) / piece_inputs);
}

/// [O, I, K·K] -> [O, K·K, I], for a window of several taps.
template <class D, ChannelsLast E, class Window>
void pack_windows(D& dev, const WeightSizes& sizes, Window window, const float* w, E* packed) {
  const Index inputs = sizes.inputs;
  for_each_team(dev, weight_pieces(sizes), piece_inputs * window, [=] UGATIT_KERNEL(Team team, Index p) {
    const WeightPiece<Window> piece(p, inputs, window);
    float* const held = team.shared<float, piece_inputs * largest_window>();
    const float* const from = w + (piece.o * inputs + piece.first) * window;
    piece.each_by_input(
        team, [&](int i, int k) { return from[i * piece.window + k]; },
        [&](int i, int k, float value) { held[i * piece.row + k] = value; });
    team.meet();
    E* const to = packed + piece.o * window * inputs + piece.first;
    piece.each_by_tap(
        team, [&](int i, int k) { return held[i * piece.row + k]; },
        [&](int i, int k, float value) { to[k * inputs + i] = rounded_to<E>(value); });
    team.meet();
  });
}

/// And back, added.
template <class D, ChannelsLast E, class Window>
void add_windows(D& dev, const WeightSizes& sizes, Window window, const E* packed, float* dw) {
  const Index inputs = sizes.inputs;
  for_each_team(dev, weight_pieces(sizes), piece_inputs * window, [=] UGATIT_KERNEL(Team team, Index p) {
    const WeightPiece<Window> piece(p, inputs, window);
    float* const held = team.shared<float, piece_inputs * largest_window>();
    const E* const from = packed + piece.o * window * inputs + piece.first;
    piece.each_by_tap(
        team, [&](int i, int k) { return to_float(from[k * inputs + i]); },
        [&](int i, int k, float value) { held[i * piece.row + k] = value; });
    team.meet();
    float* const to = dw + (piece.o * inputs + piece.first) * window;
    piece.each_by_input(
        team, [&](int i, int k) { return to[i * piece.window + k] + held[i * piece.row + k]; },
        [&](int i, int k, float value) { to[i * piece.window + k] = value; });
    team.meet();
  });
}

/// [O, I, K·K] -> [O, K·K, I]
template <LaunchesKernels D, ChannelsLast E>
void pack_weights(D& dev, const WeightSizes& sizes, const float* w, E* packed) {
  if (sizes.window == 1) {
    return map(dev, sizes.size(), packed, [=] UGATIT_KERNEL(Index at) { return rounded_to<E>(w[at]); });
  }
  with_window(sizes.window, [&](auto taps) { pack_windows(dev, sizes, taps, w, packed); });
}

/// And back, added: dw += packed.
template <LaunchesKernels D, ChannelsLast E>
void add_weights(D& dev, const WeightSizes& sizes, const E* packed, float* dw) {
  if (sizes.window == 1) {
    return map(dev, sizes.size(), dw, [=] UGATIT_KERNEL(Index at) { return dw[at] + to_float(packed[at]); });
  }
  with_window(sizes.window, [&](auto taps) { add_windows(dev, sizes, taps, packed, dw); });
}

/// Packed, what `backward_weight(dw)` adds to the gradient of a convolution's weights.
template <LaunchesKernels D, class BackwardWeight>
auto packed_gradient(D& dev, const Conv2dGeometry& g, const BackwardWeight& backward_weight) {
  const WeightSizes sizes = WeightSizes::of(g);
  const Buffer<D> dw(dev.arena(), sizes.size());
  fill(dev, sizes.size(), 0.0F, dw.data());
  backward_weight(dw.data());
  BufferOf<Element<Map<8>, D>, D> packed(dev.arena(), sizes.size());
  pack_weights(dev, sizes, static_cast<const float*>(dw.data()), packed.data());
  return packed;
}

}  // namespace packing

}  // namespace ugatit
