// Sums of squares of gradients in parts (ops/convolved_adam.hpp) as kernels.
#pragma once

#include <ugatit/cuda/convolved_gradient.hpp>
#include <ugatit/cuda/held_weights.hpp>
#include <ugatit/cuda/reduction.hpp>

#include <map>
#include <vector>

namespace ugatit {

namespace convolved {

/// A gradient in parts, and where the sum of its squares goes.
template <ChannelsLast E>
struct SquareSumOfParts {
  ConvolvedGradient<float, E> gradient;
  double* sum = nullptr;
  Index inputs = 0;
  Index size = 0;  ///< pieces of weights
};

/// Of weights whose windows are equal. `Window` is `int` or a constant.
template <class D, ChannelsLast E, class Window>
void sum_squares(D& dev, std::span<const SquareSumOfParts<E>> sums, Window window) {
  using packing::piece_inputs;
  constexpr Index together = 8;  // pieces of a team: little is done with each number
  while (!sums.empty()) {
    const auto list = pieces::take<SquareSumOfParts<E>, most>(sums, together);
    const Index all = pieces::count(list);
    const BufferOf<double, D> memory(dev.arena(), all);
    double* const partial = memory.data();
    for_each_team(dev, all, piece_inputs * window, [=] UGATIT_KERNEL(Team team, Index number) {
      const pieces::Piece found = list.find(number);
      const SquareSumOfParts<E> item = list.item(found.item);
      float* const held = team.shared<float, piece_inputs * packing::largest_window>();
      double own = 0;
      for (Index at = found.begin; at < found.begin + found.size; ++at) {
        const packing::WeightPiece<Window> piece(at, item.inputs, window);
        hold_sum(team, piece, item.gradient, item.inputs, held);
        piece.each_by_input(
            team, [&](int i, int k) { return held[i * piece.row + k]; },
            [&](int, int, float gradient) { own += static_cast<double>(gradient) * static_cast<double>(gradient); });
        team.meet();
      }
      const double squares = team.sum(team.size(), [=](Index) { return own; });
      if (team.rank() == 0) partial[number] = squares;
    });
    pieces::sum_up(dev, list, partial);
  }
}

}  // namespace convolved

template <LaunchesKernels D>
requires PacksWeights<D>
void convolved_square_sums(D& dev, std::span<const ConvolvedSquareSum<float, PackedNumber<D>>> sums) {
  using E = PackedNumber<D>;
  std::map<Index, std::vector<convolved::SquareSumOfParts<E>>> packed;  // by window
  for (const auto& [gradient, sum] : sums) {
    const WeightSizes sizes = convolved::sizes_of(gradient);
    packed[sizes.window].push_back({gradient, sum, sizes.inputs, packing::weight_pieces(sizes)});
  }
  for (const auto& group : packed) {
    packing::with_window(group.first, [&](auto taps) {
      convolved::sum_squares(dev, std::span<const convolved::SquareSumOfParts<E>>(group.second), taps);
    });
  }
}

}  // namespace ugatit
