// Discriminators that learn from gradients in parts, on any device that keeps them.
#pragma once

#include "../values.hpp"
#include "device_numbers.hpp"

#include <ugatit/models/discriminator.hpp>
#include <ugatit/train/optimizer.hpp>

#include <array>
#include <string>
#include <vector>

namespace ugatit::testing {

/// What a discriminator's gradient was, and what it has become.
struct Learned {
  std::vector<std::string> in_parts;  ///< parameters
  double norm = 0;                    ///< of the gradient
  std::vector<double> weights;        ///< all of them after a step, and the moments
};

/// After one pass back of a batch of two passes, and Adam's step.
template <class D>
Learned learn_once(D& dev, std::uint64_t seed, Gradients kept, bool ample) {
  const Extent extent{2, 40, 24};
  const Mode mode{true, true, false, 2, ample};
  const InMode<D> as_judges(dev, mode);
  ModelNetwork<Discriminator<8, 4>, D> network(dev, extent);
  Random random(seed);
  network.initialise(random);
  network.prepare_training(kept);
  Optimizer<D, 1> optimizer(dev, {{"judge", &network}}, {}, 1e-4);
  optimizer.set(1e-2, 1);
  auto x = make_value<Map<3>>(dev, extent);
  write(dev, short_numbers(random, x.size()), x);
  x.set_constant(true);
  auto pass = network.forward(std::move(x));
  auto dy = make_value<Map<1>>(dev, pass.image().extent());
  write(dev, short_numbers(random, dy.size()), dy);
  network.backward(std::move(pass), {std::move(dy), {}}, Learn::yes);

  Learned learned;
  for (const Parameter<D>& p : network.parameters()) {
    if (p.dw.parts) learned.in_parts.push_back(p.name);
  }
  const BufferOf<double, D> loss(dev.arena(), 1);
  const double zero = 0;
  copy_from_host(dev, 1, &zero, loss.data());
  optimizer.step(1, loss.data(), nullptr);
  optimizer.start_reading();
  optimizer.read();
  optimizer.each_norm([&](double norm) { learned.norm = norm; });
  for (const Parameter<D>& p : network.parameters()) {
    for (const Field<D>& field : std::array<Field<D>, 3>{p.w, p.m, p.v}) {
      if (!field) continue;
      const std::vector<double> numbers = read(dev, field.data(), field.size());
      learned.weights.insert(learned.weights.end(), numbers.begin(), numbers.end());
    }
  }
  return learned;
}

/// Kept in parts, as one pass gives it, a gradient is what it is in numbers of its own, as far as a rounding reaches
/// that numbers of its own may not have.
template <class D>
void check_kept_gradients(D& dev, std::uint64_t seed, double rounding) {
  for (const bool ample : {false, true}) {
    INFO("seed " << seed << (ample ? ", with trails" : ""));
    const Learned stored = learn_once(dev, seed, Gradients::factored, ample);
    const Learned kept = learn_once(dev, seed, Gradients::of_one_pass, ample);
    CHECK(stored.in_parts.empty());
    CHECK(kept.in_parts == std::vector<std::string>{"model.4.weight_orig", "model.7.weight_orig"});
    CHECK(kept.norm == Approx(stored.norm).epsilon(rounding));
    CHECK(relative_l2(kept.weights, stored.weights) <= rounding);
  }
}

/// On devices of that kind, for both numbers that weights are packed in.
template <template <class> class Device>
void check_kept_gradients(std::uint64_t seed) {
  Device<bfloat16> half;
  check_kept_gradients(half, seed, 4e-3);
  Device<tf32> single;
  check_kept_gradients(single, seed, 1e-3);
}

}  // namespace ugatit::testing
