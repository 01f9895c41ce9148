// Adam's step with weights' forms for tensor cores, on any device that keeps them.
#pragma once

#include "../catch.hpp"
#include "../values.hpp"
#include "device_numbers.hpp"

#include <ugatit/cuda/packed_adam.hpp>

#include <algorithm>
#include <array>
#include <iterator>
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
  const typename Held::Form& form() const { return form_; }
  void pack() { packing::pack_weights(dev_, sizes_, parameter().w, form_.numbers.data()); }

  std::vector<double> all() const {
    std::vector<double> values;
    for (const Buffer<D>& array : arrays_) {
      std::ranges::copy(read(dev_, array.data(), sizes_.size()), std::back_inserter(values));
    }
    return values;
  }
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

/// Of parameters that are held it makes what it makes of others, and their forms are of the new weights, bit for bit.
template <PacksWeights D>
void check_adam_packs(D& dev, std::uint64_t seed) {
  for (const bool allowed : {true, false}) {
    INFO("seed " << seed << (allowed ? "" : ", not allowed"));
    const BufferOf<AdamFactors<float>, D> factors(dev.arena(), 1);
    const BufferOf<double, D> may_learn(dev.arena(), 1);
    AdamRates rates;
    rates.learning_rate = 0.1;
    const AdamFactors<float> numbers(rates);
    const double answer = allowed ? 1 : 0;
    copy_from_host(dev, 1, &numbers, factors.data());
    copy_from_host(dev, 1, &answer, may_learn.data());

    std::vector<PackedWeights<D>> held;
    std::vector<PackedWeights<D>> others;
    std::vector<AdamParameter<float>> of_held;
    std::vector<AdamParameter<float>> of_others;
    const int holder = 0;
    for (const WeightSizes& sizes : odd_weights) {
      others.emplace_back(dev, seed + held.size(), sizes);
      of_others.push_back(others.back().parameter());
      const PackedWeights<D>& one = held.emplace_back(dev, seed + held.size(), sizes);
      of_held.push_back(one.parameter());
      dev.held_weights().hold(one.parameter().w, &holder, dev.mode);
      dev.held_weights().form(one.parameter().w, [&] { return one.form(); });
    }
    dev.held_weights().let_learn(&holder);
    const AdamStep<float> step{factors.data(), may_learn.data()};
    adam_step(dev, step, std::span<const AdamParameter<float>>(of_held));
    adam_step(dev, step, std::span<const AdamParameter<float>>(of_others));
    dev.held_weights().let_go(&holder);
    for (std::size_t i = 0; i < held.size(); ++i) {
      INFO("parameter " << i);
      REQUIRE(relative_l2(held[i].all(), others[i].all()) <= 1e-6);  // a compiler may join a product and a sum in one
      const std::vector<float> packed = held[i].packed();
      held[i].pack();
      REQUIRE(packed == held[i].packed());
    }
  }
}

}  // namespace ugatit::testing
