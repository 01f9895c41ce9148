// One body for every layer and every device: the same numbers in, the same numbers out as from `Cpu<double>`.
#pragma once

#include "../catch.hpp"
#include "../values.hpp"

#include <ugatit/ugatit.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
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

/// Numbers of a device, on the host and in double precision.
template <class D>
std::vector<double> read(D& dev, const typename D::Scalar* data, Index size) {
  std::vector<typename D::Scalar> host(static_cast<std::size_t>(size));
  copy_to_host(dev, size, data, host.data());
  return {host.begin(), host.end()};
}

template <class D>
void write(D& dev, const std::vector<double>& numbers, typename D::Scalar* data) {
  std::vector<typename D::Scalar> host(numbers.size());
  std::transform(numbers.begin(), numbers.end(), host.begin(),
                 [](double x) { return static_cast<typename D::Scalar>(x); });
  copy_from_host(dev, static_cast<Index>(host.size()), host.data(), data);
}

/// A tensor's numbers in the order [N, C, H, W], whatever the device keeps them in.
template <class Shape, class D>
std::vector<double> read(D& dev, const Tensor<Shape, D>& x) {
  if constexpr (std::same_as<Element<Shape, D>, typename D::Scalar>) {
    return read(dev, x.data(), x.size());
  } else {
    const Buffer<D> memory(dev.arena(), x.size());
    const View<const Element<Shape, D>> from = x.view();
    convert(dev, from, View<typename D::Scalar>{memory.data(), from.batch, from.channels, from.height, from.width});
    return read(dev, memory.data(), memory.size());
  }
}

template <class Shape, class D>
void write(D& dev, const std::vector<double>& numbers, const Tensor<Shape, D>& x) {
  if constexpr (std::same_as<Element<Shape, D>, typename D::Scalar>) {
    write(dev, numbers, x.data());
  } else {
    const Buffer<D> memory(dev.arena(), x.size());
    write(dev, numbers, memory.data());
    const auto to = x.view();
    convert(dev, View<const typename D::Scalar>{memory.data(), to.batch, to.channels, to.height, to.width}, to);
  }
}

/// NaN in all memory that the arena will hand out next, up to that many numbers at once.
template <class D>
void poison(D& dev, Index size) {
  const Buffer<D> memory(dev.arena(), size);
  fill(dev, size, std::numeric_limits<typename D::Scalar>::quiet_NaN(), memory.data());
}

/// Everything that goes into a layer and its way back.
struct LayerInputs {
  std::vector<std::vector<double>> fields, values, upstream;
};

/// Everything that comes out: the results, the gradients of the inputs, and each field's gradient, or state.
struct LayerResults {
  std::vector<std::vector<double>> y, dx, fields;
};

/// Runs a layer forward and back on a device. Inputs are rounded to the device's numbers.
template <class Layer, class In, class D>
LayerResults run_layer(D& dev, const ExtentOf<In>& extent, const LayerInputs& inputs) {
  using N = On<Layer, In, D>;
  using Out = typename N::Out;
  static_assert(Node<N, In, D>);
  typename N::Params w = N::parameters(extent);
  allocate(dev, w);
  std::size_t at = 0;
  N::Params::each([&](const char*, auto& field) { write(dev, inputs.fields[at++], field.data()); }, w);
  const auto to_device = [&](auto value, const std::vector<std::vector<double>>& numbers) {
    std::size_t i = 0;
    for_each_tensor(value, [&](auto& tensor) { write(dev, numbers[i++], tensor); });
    return value;
  };
  const auto x = to_device(make_value<In>(dev, extent), inputs.values);
  const auto dy = to_device(make_value<Out>(dev, N::out(extent)), inputs.upstream);
  typename N::Params dw = zeros_like(dev, w);
  poison(dev, Index{1} << 18U);

  const auto to_host = [&](auto value) {
    std::vector<std::vector<double>> all;
    for_each_tensor(value, [&](auto& tensor) { all.push_back(read(dev, tensor)); });
    return all;
  };
  typename N::Tape tape;
  LayerResults results;
  results.y = to_host(N::forward(dev, w, x, tape));
  results.dx = to_host(N::backward(dev, w, tape, dy, dw));
  N::Params::each(
      [&](const char*, auto& field, auto& gradient) {
        const auto& what = field.role == Role::state ? field : gradient;
        results.fields.push_back(read(dev, what.data(), what.size()));
      },
      w, dw);
  return results;
}

inline double root_mean_square(const std::vector<double>& x) {
  double squares = 0;
  for (const double number : x) squares += number * number;
  return x.empty() ? 0 : std::sqrt(squares / static_cast<double>(x.size()));
}

/// Random numbers for a layer: fields as they start and a little off, normal values.
template <class Layer, class In>
LayerInputs random_inputs(const ExtentOf<In>& extent, std::uint64_t seed) {
  using D = Cpu<float>;  // rounded to float, so that every device gets the same numbers
  using N = On<Layer, In, D>;
  D dev(1);
  Random random(seed);
  LayerInputs inputs;
  typename N::Params w = N::parameters(extent);
  allocate(dev, w);
  initialise(dev, w, random);
  N::Params::each(
      [&](const char*, auto& field) {
        for (Index i = 0; i < field.size(); ++i) {
          float& number = field.data()[i];
          if (field.role == Role::learned) number += static_cast<float>(random.symmetric(0.3));
          if (field.role == Role::clamped) number = static_cast<float>(0.1 + 0.8 * random.uniform());
        }
        inputs.fields.emplace_back(field.data(), field.data() + field.size());
      },
      w);
  // Rounded further, so that those in bfloat16 get the same too.
  const auto collect = [](auto value, std::vector<std::vector<double>>& to) {
    for_each_tensor(value, [&](auto& t) {
      for (Index i = 0; i < t.size(); ++i) t.data()[i] = to_float(to_bfloat16(t.data()[i]));
      to.emplace_back(t.data(), t.data() + t.size());
    });
  };
  collect(random_value<In>(dev, extent, random), inputs.values);
  collect(random_value<typename N::Out>(dev, N::out(extent), random), inputs.upstream);
  return inputs;
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
      Cpu<double> dev(1);
      LayerInputs of_first = inputs;
      of_first.upstream = random_inputs<F, In>(extent, 0).upstream;  // of the right size
      const std::vector<double> x = run_layer<F, In>(dev, extent, of_first).y.front();
      return std::any_of(x.begin(), x.end(), [](double number) { return std::abs(number) < rounding; });
    }
    return false;
  }
};

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

/// Whether the sums of the way back cancel, so that what is rounded in them comes out more than twice as large: then
/// the distance would tell of the numbers that were drawn, and not of the device.
template <class Layer, class In>
bool cancels(const ExtentOf<In>& extent, LayerInputs inputs, const LayerResults& right, double bound,
             std::uint64_t seed) {
  Cpu<double> dev(1);
  Random random(seed);
  for (std::vector<double>& numbers : inputs.upstream) {
    for (double& number : numbers) number *= 1 + random.symmetric(bound);
  }
  constexpr double length_of_noise = 0.577;  // of numbers that are uniform from -1 to 1
  return distance_between(run_layer<Layer, In>(dev, extent, inputs), right).worst > 2 * length_of_noise * bound;
}

/// How far a layer on `dev` is from the same layer on `Cpu<double>`, for numbers that tell whether it is within
/// `bound`.
template <class Layer, class In, class D>
Distance compare_layer(D& dev, const ExtentOf<In>& extent, double bound, std::uint64_t seed) {
  constexpr bool rounds = !std::same_as<typename D::Scalar, double>;  // as much as matters to a bound
  for (;; ++seed) {
    const LayerInputs inputs = random_inputs<Layer, In>(extent, seed);
    if (Kink<Layer, In>::is_near(extent, inputs)) continue;
    Cpu<double> reference(1);
    const LayerResults right = run_layer<Layer, In>(reference, extent, inputs);
    if (rounds && cancels<Layer, In>(extent, inputs, right, bound, seed)) continue;
    return distance_between(run_layer<Layer, In>(dev, extent, inputs), right);
  }
}

}  // namespace ugatit::testing

/// Fails, with the seed and the place, unless a layer on `dev` is as near to `Cpu<double>` as `bound` says.
#define CHECK_DEVICE(dev, bound, extent, ...)                                                    \
  do {                                                                                           \
    const std::uint64_t seed = ugatit::testing::fresh_seed();                                    \
    const auto distance = ugatit::testing::compare_layer<__VA_ARGS__>(dev, extent, bound, seed); \
    INFO(#__VA_ARGS__ << ", seed " << seed << ", worst at " << distance.where);                  \
    CHECK(distance.worst <= bound);                                                              \
  } while (false)
