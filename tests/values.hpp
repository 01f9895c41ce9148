// Walking through values and filling them, for tests.
#pragma once

#include <ugatit/core/bfloat16.hpp>
#include <ugatit/nn/layer.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace ugatit::testing {

/// A seed that differs from run to run; tests print it when they fail.
inline std::uint64_t fresh_seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

inline std::vector<double> normal_numbers(Random& random, Index size) {
  std::vector<double> values(static_cast<std::size_t>(size));
  for (double& x : values) x = random.normal();
  return values;
}

/// Normal numbers that are the same in bfloat16.
inline std::vector<double> short_numbers(Random& random, Index size) {
  std::vector<double> numbers = normal_numbers(random, size);
  for (double& number : numbers) number = to_float(to_bfloat16(static_cast<float>(number)));
  return numbers;
}

/// Calls f(tensor) for each tensor of a value, in order.
template <class Shape, class D, class F>
void for_each_tensor(Tensor<Shape, D>& x, const F& f) {
  f(x);
}

template <class A, class B, class F>
void for_each_tensor(Pair<A, B>& x, const F& f) {
  for_each_tensor(x.first, f);
  for_each_tensor(x.second, f);
}

template <class Shape, class D>
void allocate_value(D& dev, Tensor<Shape, D>& x, const Extent& extent) {
  x = Tensor<Shape, D>(dev, extent);
}

template <class A, class B, class D, class E>
void allocate_value(D& dev, Pair<A, B>& x, const E& extent) {
  allocate_value(dev, x.first, extent.first);
  allocate_value(dev, x.second, extent.second);
}

/// A value of that extent with memory of its own, not initialised.
template <class Shape, class D>
Value<Shape, D> make_value(D& dev, const ExtentOf<Shape>& extent) {
  Value<Shape, D> x;
  allocate_value(dev, x, extent);
  return x;
}

/// Normal numbers.
template <class Shape, class D>
Value<Shape, D> random_value(D& dev, const ExtentOf<Shape>& extent, Random& random) {
  Value<Shape, D> x = make_value<Shape>(dev, extent);
  for_each_tensor(x, [&](auto& tensor) {
    for (Index i = 0; i < tensor.size(); ++i) {
      tensor.data()[i] = static_cast<typename D::Scalar>(random.normal());
    }
  });
  return x;
}

/// All numbers of a value, in order; an empty tensor counts as zeros of the extent of `like`.
template <class V>
std::vector<double> flatten(V x) {
  std::vector<double> all;
  for_each_tensor(x, [&](auto& tensor) {
    for (Index i = 0; i < tensor.size(); ++i) all.push_back(static_cast<double>(tensor.data()[i]));
  });
  return all;
}

/// ‖a − b‖ / max(‖b‖, least), or ‖a − b‖ where that is zero; infinite where the sizes differ or a number is not finite.
inline double relative_l2(const std::vector<double>& a, const std::vector<double>& b, double least = 0) {
  if (a.size() != b.size()) return INFINITY;
  double distance = 0;
  double length = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    distance += (a[i] - b[i]) * (a[i] - b[i]);
    length += b[i] * b[i];
  }
  if (!std::isfinite(distance)) return INFINITY;
  length = std::max(std::sqrt(length), least);
  return length == 0 ? std::sqrt(distance) : std::sqrt(distance) / length;
}

}  // namespace ugatit::testing
