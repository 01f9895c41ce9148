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

/// Numbers in the order [N, C, H, W], whatever the device keeps them in.
template <class D, class E>
std::vector<double> read(D& dev, View<E> from) {
  if constexpr (std::same_as<E, typename D::Scalar>) {
    return read(dev, from.data, from.size());
  } else {
    const Buffer<D> memory(dev.arena(), from.size());
    convert(dev, View<const E>(from),
            View<typename D::Scalar>{memory.data(), from.batch, from.channels, from.height, from.width});
    return read(dev, memory.data(), memory.size());
  }
}

template <class D, class E>
void write(D& dev, const std::vector<double>& numbers, View<E> to) {
  if constexpr (std::same_as<E, typename D::Scalar>) {
    write(dev, numbers, to.data);
  } else {
    const Buffer<D> memory(dev.arena(), to.size());
    write(dev, numbers, memory.data());
    convert(dev, View<const typename D::Scalar>{memory.data(), to.batch, to.channels, to.height, to.width}, to);
  }
}

template <class Shape, class D>
std::vector<double> read(D& dev, const Tensor<Shape, D>& x) {
  return read(dev, x.view());
}

template <class Shape, class D>
void write(D& dev, const std::vector<double>& numbers, const Tensor<Shape, D>& x) {
  write(dev, numbers, x.view());
}

/// NaN in all memory that the arena will hand out next, up to that many numbers at once.
template <class D>
void poison(D& dev, Index size) {
  const Buffer<D> memory(dev.arena(), size);
  fill(dev, size, std::numeric_limits<typename D::Scalar>::quiet_NaN(), memory.data());
}

/// What devices are compared with, and where numbers for them are drawn: for all layers one.
template <class T>
Cpu<T>& on_one_thread() {
  static Cpu<T> dev(1);
  return dev;
}

/// Everything that goes into a layer and its way back.
struct LayerInputs {
  std::vector<std::vector<double>> fields, values, upstream;
};

/// Everything that comes out: the results, the gradients of the inputs, and each field's gradient, or state.
struct LayerResults {
  std::vector<std::vector<double>> y, dx, fields;
};

// There are hundreds of layers on devices to compare. What does not need their types is compiled without them.

/// A layer's parameters, in order.
template <class D>
using Fields = std::vector<const Field<D>*>;

template <class Params, class D>
Fields<D> fields_of(D&, Params& w) {
  Fields<D> fields;
  Params::each([&](const char*, const auto& field) { fields.push_back(&field); }, w);
  return fields;
}

template <class D>
void write_fields(D& dev, const std::vector<std::vector<double>>& numbers, const Fields<D>& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) write(dev, numbers[i], fields[i]->data());
}

/// The gradients, and the states where a field is one.
template <class D>
std::vector<std::vector<double>> read_fields(D& dev, const Fields<D>& fields, const Fields<D>& gradients) {
  std::vector<std::vector<double>> all;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Field<D>& what = *(fields[i]->role == Role::state ? fields : gradients)[i];
    all.push_back(read(dev, what.data(), what.size()));
  }
  return all;
}

/// A value of that extent, with these numbers rounded to the device's.
template <class Shape, class D>
Value<Shape, D> value_of(D& dev, const ExtentOf<Shape>& extent, const std::vector<std::vector<double>>& numbers) {
  Value<Shape, D> value = make_value<Shape>(dev, extent);
  std::size_t i = 0;
  for_each_tensor(value, [&](auto& tensor) { write(dev, numbers[i++], tensor.view()); });
  return value;
}

template <class D, class V>
std::vector<std::vector<double>> read_all(D& dev, V value) {
  std::vector<std::vector<double>> all;
  for_each_tensor(value, [&](auto& tensor) { all.push_back(read(dev, tensor.view())); });
  return all;
}

/// Runs a layer forward and back on a device. Inputs are rounded to the device's numbers.
template <class Layer, class In, class D>
LayerResults run_layer(D& dev, const ExtentOf<In>& extent, const LayerInputs& inputs) {
  using N = On<Layer, In, D>;
  using Out = typename N::Out;
  static_assert(Node<N, In, D>);
  typename N::Params w = N::parameters(extent);
  allocate(dev, w);
  write_fields(dev, inputs.fields, fields_of(dev, w));
  const auto x = value_of<In>(dev, extent, inputs.values);
  const auto dy = value_of<Out>(dev, N::out(extent), inputs.upstream);
  typename N::Params dw = zeros_like(dev, w);
  poison(dev, Index{1} << 18U);

  typename N::Tape tape;
  LayerResults results;
  results.y = read_all(dev, N::forward(dev, w, x, tape));
  results.dx = read_all(dev, N::backward(dev, w, tape, dy, dw));
  results.fields = read_fields(dev, fields_of(dev, w), fields_of(dev, dw));
  return results;
}

inline double root_mean_square(const std::vector<double>& x) {
  double squares = 0;
  for (const double number : x) squares += number * number;
  return x.empty() ? 0 : std::sqrt(squares / static_cast<double>(x.size()));
}

/// How far fields are moved from where they start: learned ones a little, clamped ones anywhere but at an end.
inline std::vector<std::vector<double>> moved(const Fields<Cpu<float>>& fields, Random& random) {
  std::vector<std::vector<double>> all;
  for (const Field<Cpu<float>>* const field : fields) {
    std::vector<float> numbers(field->data(), field->data() + field->size());
    for (float& number : numbers) {
      if (field->role == Role::learned) number += static_cast<float>(random.symmetric(0.3));
      if (field->role == Role::clamped) number = static_cast<float>(0.1 + 0.8 * random.uniform());
    }
    all.emplace_back(numbers.begin(), numbers.end());
  }
  return all;
}

/// Normal numbers that are the same in bfloat16.
inline std::vector<double> short_numbers(Random& random, Index size) {
  std::vector<double> numbers = normal_numbers(random, size);
  for (double& number : numbers) number = to_float(to_bfloat16(static_cast<float>(number)));
  return numbers;
}

/// Such numbers for each tensor of a value.
template <class Shape>
std::vector<std::vector<double>> random_numbers(const ExtentOf<Shape>& extent, Random& random) {
  auto value = make_value<Shape>(on_one_thread<float>(), extent);
  std::vector<std::vector<double>> all;
  for_each_tensor(value, [&](auto& tensor) { all.push_back(short_numbers(random, tensor.size())); });
  return all;
}

/// Random numbers for a layer: fields as they start and a little off, normal values, so rounded that every device gets
/// the same.
template <class Layer, class In>
LayerInputs random_inputs(const ExtentOf<In>& extent, std::uint64_t seed) {
  using N = On<Layer, In, Cpu<float>>;
  Cpu<float>& dev = on_one_thread<float>();
  Random random(seed);
  typename N::Params w = N::parameters(extent);
  allocate(dev, w);
  initialise(dev, w, random);
  LayerInputs inputs;
  inputs.fields = moved(fields_of(dev, w), random);
  inputs.values = random_numbers<In>(extent, random);
  inputs.upstream = random_numbers<typename N::Out>(N::out(extent), random);
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
      LayerInputs of_first = inputs;
      of_first.upstream = random_inputs<F, In>(extent, 0).upstream;  // of the right size
      const std::vector<double> x = run_layer<F, In>(on_one_thread<double>(), extent, of_first).y.front();
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

/// A layer on a device, and the same layer on `Cpu<double>`.
class ComparedLayer {
 public:
  /// How far they are from one another, for numbers that tell whether it is within `bound`.
  Distance compare(double bound, std::uint64_t seed) const {
    for (;; ++seed) {
      const LayerInputs inputs = draw(seed);
      if (is_near_kink(inputs)) continue;
      const LayerResults right = on_reference(inputs);
      if (rounds() && cancels(inputs, right, bound, seed)) continue;
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
