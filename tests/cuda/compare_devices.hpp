// One body for every layer and every device: the same numbers in, the same numbers out as from `Cpu<double>`.
#pragma once

#include "../catch.hpp"
#include "run_layer.hpp"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <string>
#include <vector>

namespace ugatit::testing {

/// The largest distance of anything that a layer gives back, and what that was.
struct Distance {
  double worst = 0;   ///< relative L2
  std::string where;  ///< "output", "input gradient", a field's gradient or state

  /// Gradients that are zero but for rounding are measured against the others: `floor` is the least root mean square.
  void look(const std::string& name, const std::vector<double>& ours, const std::vector<double>& right, double floor) {
    const double distance = relative_l2(ours, right, floor * std::sqrt(static_cast<double>(ours.size())));
    if (!(distance <= worst)) *this = {distance, name};
  }
};

inline double root_mean_square(const std::vector<double>& x) {
  double squares = 0;
  for (const double number : x) squares += number * number;
  return x.empty() ? 0 : std::sqrt(squares / static_cast<double>(x.size()));
}

/// How far a layer's results are from the right ones.
inline Distance distance_between(const LayerResults& ours, const LayerResults& right) {
  double largest = 0;
  for (const auto* const gradients : {&right.dx, &right.fields}) {
    for (const std::vector<double>& gradient : *gradients) largest = std::max(largest, root_mean_square(gradient));
  }
  Distance distance;
  const auto look = [&](const char* name, const auto& all, const auto& all_right, double floor) {
    if (all.size() != all_right.size()) distance = {INFINITY, name};
    for (std::size_t i = 0; i < std::min(all.size(), all_right.size()); ++i) {
      distance.look(name + std::to_string(i), all[i], all_right[i], floor);
    }
  };
  look("output ", ours.y, right.y, 0);
  look("input gradient ", ours.dx, right.dx, 1e-3 * largest);
  // ρ's is a small difference of large sums, which are γ's gradient but for a factor: that is the measure.
  look("field ", ours.fields, right.fields, 3e-2 * largest);
  return distance;
}

/// Whether a layer begins with a function that has a kink.
template <class Layer>
inline constexpr bool begins_with_kink = false;
template <>
inline constexpr bool begins_with_kink<Relu> = true;
template <int SlopePercent>
inline constexpr bool begins_with_kink<LeakyRelu<SlopePercent>> = true;
template <class F, class G>
inline constexpr bool begins_with_kink<Then<F, G>> = begins_with_kink<F>;

/// Whether the layer has a kink after its first parts, and a number so near to it that rounding decides which side it
/// is on.
template <class Layer, class In>
struct Kink {
  static bool is_near(const ExtentOf<In>&, const LayerInputs&) { return false; }
};

template <class F, class G, class In>
struct Kink<Then<F, G>, In> {
  static bool is_near(const ExtentOf<In>& extent, const LayerInputs& inputs) {
    if (Kink<F, In>::is_near(extent, inputs)) return true;
    if constexpr (begins_with_kink<G>) {
      constexpr double rounding = 3e-6;
      LayerInputs of_first = inputs;
      of_first.upstream = random_inputs<F, In>(extent, 0).upstream;  // of the right size
      const std::vector<double> x = run_layer<F, In>(on_one_thread<double>(), extent, of_first).y.front();
      return std::any_of(x.begin(), x.end(), [](double number) { return std::abs(number) < rounding; });
    }
    return false;
  }
};

/// A layer on a device, and the same layer on `Cpu<double>`.
class ComparedLayer {
 public:
  /// How far they are from one another, for numbers that tell whether it is within `bound`.
  Distance compare(double bound, std::uint64_t seed) const {
    constexpr std::uint64_t most = 200;  // draws, after which it is the layer, or what is right
    for (const std::uint64_t last = seed + most;; ++seed) {
      const LayerInputs inputs = draw(seed);
      if (is_near_kink(inputs) && seed < last) continue;
      const LayerResults right = on_reference(inputs);
      if (rounds() && seed < last && cancels(inputs, right, bound, seed)) continue;
      return distance_between(on_device(inputs), right);
    }
  }

 protected:
  ComparedLayer() = default;
  ComparedLayer(const ComparedLayer&) = default;
  ComparedLayer& operator=(const ComparedLayer&) = default;
  ~ComparedLayer() = default;

 private:
  /// Whether the device rounds as much as matters to a bound.
  virtual bool rounds() const = 0;
  virtual LayerInputs draw(std::uint64_t seed) const = 0;
  virtual bool is_near_kink(const LayerInputs& inputs) const = 0;
  virtual LayerResults on_reference(const LayerInputs& inputs) const = 0;
  virtual LayerResults on_device(const LayerInputs& inputs) const = 0;

  // Whether the sums of the way back cancel, so that what is rounded in them comes out more than twice as large: then
  // the distance would tell of the numbers that were drawn, and not of the device.
  bool cancels(LayerInputs inputs, const LayerResults& right, double bound, std::uint64_t seed) const {
    Random random(seed);
    for (std::vector<double>& numbers : inputs.upstream) {
      for (double& number : numbers) number *= 1 + random.symmetric(bound);
    }
    constexpr double length_of_noise = 0.577;  // of numbers that are uniform from -1 to 1
    return distance_between(on_reference(inputs), right).worst > 2 * length_of_noise * bound;
  }
};

template <class Layer, class In, class D>
class LayerOn final : public ComparedLayer {
 public:
  LayerOn(D& dev, const ExtentOf<In>& extent) : dev_(dev), extent_(extent) {}

 private:
  bool rounds() const override { return !std::same_as<typename D::Scalar, double>; }
  LayerInputs draw(std::uint64_t seed) const override { return random_inputs<Layer, In>(extent_, seed); }
  bool is_near_kink(const LayerInputs& inputs) const override { return Kink<Layer, In>::is_near(extent_, inputs); }
  LayerResults on_reference(const LayerInputs& inputs) const override {
    return run_layer<Layer, In>(on_one_thread<double>(), extent_, inputs);
  }
  LayerResults on_device(const LayerInputs& inputs) const override {
    return run_layer<Layer, In>(dev_, extent_, inputs);
  }

  D& dev_;
  const ExtentOf<In>& extent_;
};

/// Fails, with the seed and the place, unless they are as near to one another as `bound` says.
inline void check_layer(const ComparedLayer& layer, const char* name, double bound) {
  const std::uint64_t seed = fresh_seed();
  const Distance distance = layer.compare(bound, seed);
  INFO(name << ", seed " << seed << ", worst at " << distance.where);
  CHECK(distance.worst <= bound);
}

template <class Layer, class In, class D>
void check_on_device(D& dev, const ExtentOf<In>& extent, const char* name, double bound) {
  check_layer(LayerOn<Layer, In, D>(dev, extent), name, bound);
}

}  // namespace ugatit::testing

/// Fails unless a layer on `dev` is as near to `Cpu<double>` as `bound` says.
#define CHECK_DEVICE(dev, bound, extent, ...) check_on_device<__VA_ARGS__>(dev, extent, #__VA_ARGS__, bound)
