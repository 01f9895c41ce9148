// ops/adam.hpp for devices that keep weights as tensor cores read them, too: one pass writes both. And
// ops/convolved_adam.hpp, where gradients are kept in that form.
#pragma once

#include <ugatit/cuda/adam.hpp>
#include <ugatit/cuda/convolved_gradient.hpp>
#include <ugatit/cuda/held_weights.hpp>

#include <map>
#include <vector>

namespace ugatit {

namespace adam_kernels {

/// A parameter, its form in [O, K·K, I], and its gradient where that is in parts.
template <ChannelsLast E>
struct PackedParameter {
  AdamParameter<float> parameter;
  E* packed = nullptr;  ///< null where it has no form
  ConvolvedGradient<float, E> gradient;
  Index inputs = 0;
  Index size = 0;  ///< pieces of weights

  PackedParameter() = default;
  PackedParameter(const AdamParameter<float>& p, E* form, const ConvolvedGradient<float, E>& in_parts,
                  const WeightSizes& sizes)
      : parameter(p), packed(form), gradient(in_parts), inputs(sizes.inputs), size(packing::weight_pieces(sizes)) {}
};

/// Of parameters whose windows are equal. `Window` is `int` or a constant.
template <class D, ChannelsLast E, class Window>
void step_packed(D& dev, AdamStep<float> step, std::span<const PackedParameter<E>> parameters, Window window) {
  using packing::piece_inputs;
  while (!parameters.empty()) {
    const auto list = pieces::take<PackedParameter<E>, convolved::most>(parameters, 1);
    for_each_team(dev, pieces::count(list), piece_inputs * window, [=] UGATIT_KERNEL(Team team, Index number) {
      const pieces::Piece found = list.find(number);
      const PackedParameter<E> item = list.item(found.item);
      const AdamFactors<float> factors = *step.factors;
      const bool allowed = *step.allowed != 0;
      const packing::WeightPiece<Window> piece(found.begin, item.inputs, window);
      float* const held = team.shared<float, piece_inputs * packing::largest_window>();
      const Index first = (piece.o * item.inputs + piece.first) * piece.window;
      const bool in_parts = item.gradient.convolved != nullptr;
      if (in_parts) convolved::hold_sum(team, piece, item.gradient, item.inputs, held);
      piece.template each_by_input<2>(
          team,
          [&](int i, int k) {
            const Index at = first + i * piece.window + k;
            const float gradient = in_parts ? held[i * piece.row + k] : item.parameter.dw[at];
            return Stepped<float>(factors, item.parameter, gradient, at);
          },
          [&](int i, int k, const Stepped<float>& stepped) {
            const Index at = first + i * piece.window + k;
            if (allowed) stepped.write(item.parameter, at);
            if (!in_parts) item.parameter.dw[at] = 0;
            held[i * piece.row + k] = stepped.w;
          });
      team.meet();
      piece.each_by_tap(
          team, [&](int i, int k) { return held[i * piece.row + k]; },
          [&](int i, int k, float value) {
            if (!allowed || item.packed == nullptr) return;
            item.packed[(piece.o * piece.window + k) * item.inputs + piece.first + i] = rounded_to<E>(value);
          });
      team.meet();
    });
  }
}

/// Of those by window.
template <class D, ChannelsLast E>
void step_packed(D& dev, AdamStep<float> step, const std::map<Index, std::vector<PackedParameter<E>>>& by_window) {
  for (const auto& group : by_window) {
    packing::with_window(group.first, [&](auto taps) {
      step_packed(dev, step, std::span<const PackedParameter<E>>(group.second), taps);
    });
  }
}

}  // namespace adam_kernels

template <LaunchesKernels D>
requires PacksWeights<D>
void adam_step(D& dev, AdamStep<float> step, std::span<const AdamParameter<float>> parameters) {
  using E = PackedNumber<D>;
  std::vector<AdamParameter<float>> others;
  std::map<Index, std::vector<adam_kernels::PackedParameter<E>>> packed;  // by window
  for (const AdamParameter<float>& p : parameters) {
    const auto* const form = dev.held_weights().followed(p.w);
    if (form == nullptr) {
      others.push_back(p);
    } else {
      packed[form->sizes.window].emplace_back(p, form->numbers.data(), ConvolvedGradient<float, E>{}, form->sizes);
    }
  }
  adam_kernels::step_plain(dev, step, std::span<const AdamParameter<float>>(others));
  adam_kernels::step_packed(dev, step, packed);
}

template <LaunchesKernels D>
requires PacksWeights<D>
void convolved_adam_step(D& dev, AdamStep<float> step,
                         std::span<const ConvolvedParameter<float, PackedNumber<D>>> parameters) {
  using E = PackedNumber<D>;
  std::map<Index, std::vector<adam_kernels::PackedParameter<E>>> packed;  // by window
  for (const auto& [parameter, gradient] : parameters) {
    const auto* const form = dev.held_weights().followed(parameter.w);
    packed[gradient.window].emplace_back(parameter, form == nullptr ? nullptr : form->numbers.data(), gradient,
                                         convolved::sizes_of(gradient));
  }
  adam_kernels::step_packed(dev, step, packed);
}

}  // namespace ugatit
