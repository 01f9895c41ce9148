// ops/adam.hpp for devices that keep weights as tensor cores read them, too: one pass writes both.
#pragma once

#include <ugatit/cuda/adam.hpp>
#include <ugatit/cuda/held_weights.hpp>
#include <ugatit/cuda/packed_weights.hpp>

#include <map>
#include <type_traits>
#include <vector>

namespace ugatit {

namespace adam_kernels {

/// A parameter and its form in [O, K·K, I].
template <ChannelsLast E>
struct PackedParameter {
  AdamParameter<float> parameter;
  E* packed = nullptr;
  Index inputs = 0;
  Index size = 0;  ///< pieces of weights
};

/// Of parameters whose windows are equal. `Window` is `int` or a constant.
template <class D, ChannelsLast E, class Window>
void step_packed(D& dev, AdamStep<float> step, std::span<const PackedParameter<E>> parameters, Window window) {
  using packing::piece_inputs;
  while (!parameters.empty()) {
    const pieces::List<PackedParameter<E>> list = pieces::take(parameters, 1);
    for_each_team(dev, pieces::count(list), piece_inputs * window, [=] UGATIT_KERNEL(Team team, Index number) {
      const pieces::Piece found = list.find(number);
      const PackedParameter<E> item = list.item(found.item);
      const AdamFactors<float> factors = *step.factors;
      const bool allowed = *step.allowed != 0;
      const packing::WeightPiece<Window> piece(found.begin, item.inputs, window);
      float* const held = team.shared<float, piece_inputs * packing::largest_window>();
      const Index first = (piece.o * item.inputs + piece.first) * piece.window;
      piece.template each_by_input<2>(
          team,
          [&](int i, int k) {
            const Index at = first + i * piece.window + k;
            return Stepped<float>(factors, item.parameter, item.parameter.dw[at], at);
          },
          [&](int i, int k, const Stepped<float>& stepped) {
            const Index at = first + i * piece.window + k;
            if (allowed) stepped.write(item.parameter, at);
            item.parameter.dw[at] = 0;
            held[i * piece.row + k] = stepped.w;
          });
      team.meet();
      E* const to = item.packed + piece.o * piece.window * item.inputs + piece.first;
      piece.each_by_tap(
          team, [&](int i, int k) { return held[i * piece.row + k]; },
          [&](int i, int k, float value) {
            if (allowed) to[k * item.inputs + i] = rounded_to<E>(value);
          });
      team.meet();
    });
  }
}

}  // namespace adam_kernels

template <LaunchesKernels D>
requires PacksWeights<D>
void adam_step(D& dev, AdamStep<float> step, std::span<const AdamParameter<float>> parameters) {
  using Held = std::remove_reference_t<decltype(dev.held_weights())>;
  using Packed = adam_kernels::PackedParameter<typename Held::Number>;
  std::vector<AdamParameter<float>> others;
  std::map<Index, std::vector<Packed>> packed;  // by window
  for (const AdamParameter<float>& p : parameters) {
    const typename Held::Form* const form = dev.held_weights().followed(p.w);
    if (form == nullptr) {
      others.push_back(p);
    } else {
      const WeightSizes& sizes = form->sizes;
      packed[sizes.window].push_back({p, form->numbers.data(), sizes.inputs, packing::weight_pieces(sizes)});
    }
  }
  adam_kernels::step_plain(dev, step, std::span<const AdamParameter<float>>(others));
  for (const auto& group : packed) {
    packing::with_window(group.first, [&](auto taps) {
      adam_kernels::step_packed(dev, step, std::span<const Packed>(group.second), taps);
    });
  }
}

}  // namespace ugatit
