// A layer forward and back on any device, with numbers that are the same on every one.
#pragma once

#include "../values.hpp"
#include "device_numbers.hpp"

#include <ugatit/ugatit.hpp>

#include <vector>

namespace ugatit::testing {

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

template <class D, class Params>
Fields<D> fields_of(const Params& w) {
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
  write_fields(dev, inputs.fields, fields_of<D>(w));
  const auto x = value_of<In>(dev, extent, inputs.values);
  const auto dy = value_of<Out>(dev, N::out(extent), inputs.upstream);
  typename N::Params dw = zeros_like(dev, w);
  poison(dev, Index{1} << 18U);

  typename N::Tape tape;
  LayerResults results;
  results.y = read_all(dev, N::forward(dev, w, x, tape));
  results.dx = read_all(dev, N::backward(dev, w, tape, dy, dw));
  results.fields = read_fields(dev, fields_of<D>(w), fields_of<D>(dw));
  return results;
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

/// Numbers for each tensor of a value, the same in bfloat16.
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
  inputs.fields = moved(fields_of<Cpu<float>>(w), random);
  inputs.values = random_numbers<In>(extent, random);
  inputs.upstream = random_numbers<typename N::Out>(N::out(extent), random);
  return inputs;
}

}  // namespace ugatit::testing
