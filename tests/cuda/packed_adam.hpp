// Adam's step with weights' forms for tensor cores, on any device that keeps them.
#pragma once

#include "../catch.hpp"
#include "../values.hpp"
#include "device_numbers.hpp"

#include <ugatit/cuda/packed_adam.hpp>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <vector>

namespace ugatit::testing {

/// Windows of the models and others, with inputs that fill pieces or do not.
inline constexpr std::array<WeightSizes, 5> odd_weights{
    {{5, 3, 16}, {9, 70, 9}, {8, 64, 16}, {10, 130, 1}, {3, 66, 49}}};

/// A parameter of random numbers, and its form.
template <PacksWeights D>
class PackedWeights {
 public:
  using Held = std::remove_reference_t<decltype(std::declval<D&>().held_weights())>;
  using E = typename Held::Number;

  PackedWeights(D& dev, std::uint64_t seed, const WeightSizes& sizes)
      : dev_(dev), sizes_(sizes), form_{{dev.arena(), sizes.size()}, sizes} {
    Random random(seed);
    for (Buffer<D>& array : arrays_) {
      array = Buffer<D>(dev.arena(), sizes.size());
      std::vector<double> numbers = normal_numbers(random, sizes.size());
      for (double& x : numbers) x = std::abs(x);  // as the mean of squares is
      write(dev, numbers, array.data());
    }
    pack();
  }

  AdamParameter<float> parameter() const {
    return {arrays_[0].data(), arrays_[1].data(), arrays_[2].data(), arrays_[3].data(), sizes_.size()};
  }
  /// Of which the gradient is elsewhere.
  AdamParameter<float> without_gradient() const {
    AdamParameter<float> p = parameter();
    p.dw = nullptr;
    return p;
  }
  const typename Held::Form& form() const { return form_; }
  void pack() { packing::pack_weights(dev_, sizes_, parameter().w, form_.numbers.data()); }

  /// Its weights and both means.
  std::vector<double> learned() const {
    std::vector<double> values;
    for (const std::size_t array : std::array<std::size_t, 3>{0, 2, 3}) {
      std::ranges::copy(read(dev_, arrays_[array].data(), sizes_.size()), std::back_inserter(values));
    }
    return values;
  }
  std::vector<double> gradient() const { return read(dev_, parameter().dw, sizes_.size()); }
  std::vector<float> packed() const {
    std::vector<E> host(static_cast<std::size_t>(sizes_.size()));
    copy_to_host(dev_, sizes_.size(), static_cast<const E*>(form_.numbers.data()), host.data());
    std::vector<float> values;
    std::ranges::transform(host, std::back_inserter(values), [](E x) { return to_float(x); });
    return values;
  }

 private:
  D& dev_;
  WeightSizes sizes_;
  std::array<Buffer<D>, 4> arrays_;  // as AdamParameter has them
  typename Held::Form form_;
};

/// A step that is allowed or not, in the device's memory.
template <class D>
class TestStep {
 public:
  TestStep(D& dev, bool allowed) : factors_(dev.arena(), 1), allowed_(dev.arena(), 1) {
    AdamRates rates;
    rates.learning_rate = 0.1;
    const AdamFactors<float> numbers(rates);
    const double answer = allowed ? 1 : 0;
    copy_from_host(dev, 1, &numbers, factors_.data());
    copy_from_host(dev, 1, &answer, allowed_.data());
  }

  AdamStep<float> step() const { return {factors_.data(), allowed_.data()}; }

 private:
  BufferOf<AdamFactors<float>, D> factors_;
  BufferOf<double, D> allowed_;
};

/// Parameters that Adam has a form of to keep up to date, and the same ones that it has not.
template <PacksWeights D>
struct HeldAndOthers {
  D& dev;
  std::vector<PackedWeights<D>> held{};
  std::vector<PackedWeights<D>> others{};

  HeldAndOthers(D& device, std::uint64_t seed) : dev(device) {
    for (const WeightSizes& sizes : odd_weights) {
      others.emplace_back(dev, seed + held.size(), sizes);
      const PackedWeights<D>& one = held.emplace_back(dev, seed + held.size(), sizes);
      dev.held_weights().hold(one.parameter().w, this, dev.mode);
      dev.held_weights().form(one.parameter().w, [&] { return one.form(); });
    }
    dev.held_weights().let_learn(this);
  }
  HeldAndOthers(const HeldAndOthers&) = delete;
  HeldAndOthers& operator=(const HeldAndOthers&) = delete;
  ~HeldAndOthers() { dev.held_weights().let_go(this); }

  /// Both have become the same, and forms are of the new weights, bit for bit.
  void require_same() {
    for (std::size_t i = 0; i < held.size(); ++i) {
      INFO("parameter " << i);
      // A compiler may join a product and a sum in one.
      REQUIRE(relative_l2(held[i].learned(), others[i].learned()) <= 1e-6);
      const std::vector<float> packed = held[i].packed();
      held[i].pack();
      REQUIRE(packed == held[i].packed());
    }
  }
};

/// Of parameters that are held it makes what it makes of others.
template <PacksWeights D>
void check_adam_packs(D& dev, std::uint64_t seed) {
  for (const bool allowed : {true, false}) {
    INFO("seed " << seed << (allowed ? "" : ", not allowed"));
    const TestStep<D> step(dev, allowed);
    HeldAndOthers<D> parameters(dev, seed);
    const auto learn = [&](const std::vector<PackedWeights<D>>& all) {
      std::vector<AdamParameter<float>> list;
      for (const PackedWeights<D>& one : all) list.push_back(one.parameter());
      adam_step(dev, step.step(), std::span<const AdamParameter<float>>(list));
      for (const PackedWeights<D>& one : all) REQUIRE(std::ranges::count(one.gradient(), 0.0) == one.parameter().size);
    };
    learn(parameters.held);
    learn(parameters.others);
    parameters.require_same();
  }
}

}  // namespace ugatit::testing
