// The one gradient checker, for every layer and every composition of layers.
//
// In double precision, for L = Σ y·r with random r: the gradients that backward gives are compared with central
// differences, for parameters and inputs. Two forward passes run before the first goes back, and parameter gradients
// must be added to what is already there.
#pragma once

#include "catch.hpp"
#include "values.hpp"

#include <ugatit/cpu/cpu.hpp>

#include <algorithm>
#include <string>

namespace ugatit::testing {

struct GradientCheck {
  double worst = 0;   ///< largest relative error of all numbers looked at
  std::string where;  ///< the field, or "input", where it was found
};

namespace gradients {

using Device = Cpu<double>;

template <class V>
double product(V& y, V& r) {
  const std::vector<double> a = flatten(y);
  const std::vector<double> b = flatten(r);
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

inline double rms(const double* data, Index size) {
  double squares = 0;
  for (Index i = 0; i < size; ++i) squares += data[i] * data[i];
  return size == 0 ? 0 : std::sqrt(squares / static_cast<double>(size));
}

/// Compares gradients of `size` numbers at `at` with differences of `loss`, some of them where there are many.
template <class Loss>
void compare(double* at, const double* gradient, Index size, Index looks, double floor, const Loss& loss,
             Random& random, const std::string& name, GradientCheck& check) {
  const double scale = std::max(rms(gradient, size), floor);
  for (Index look = 0; look < std::min(size, looks); ++look) {
    const Index i = size <= looks ? look : random.below(size);
    const double before = at[i];
    double best = INFINITY;
    const auto value_at = [&](double distance) {
      at[i] = before + distance;
      return loss();
    };
    const auto consider = [&](double numerical) {
      best = std::min(best, std::abs(numerical - gradient[i]) / std::max(std::abs(numerical), scale));
    };
    // A step that crosses the kink of a ReLU is wrong at one size and right at another; where the kink is very near, it
    // is right on its other side. A wrong gradient is wrong at all.
    for (const double step : {1e-4, 1e-5, 1e-6}) {
      const double up = value_at(step);
      const double down = value_at(-step);
      consider((up - down) / (2 * step));
      if (best <= 1e-7) break;
      const double here = value_at(0);
      consider((4 * up - value_at(2 * step) - 3 * here) / (2 * step));
      consider((3 * here - 4 * down + value_at(-2 * step)) / (2 * step));
    }
    at[i] = before;
    if (!(best <= check.worst)) check = {best, name + "[" + std::to_string(i) + "]"};
  }
}

}  // namespace gradients

/// The worst relative error of a layer's gradients. `looks` bounds how many numbers of each field are compared;
/// `settling` passes run first.
template <class Layer, class In>
GradientCheck check_layer(const ExtentOf<In>& extent, std::uint64_t seed, Index looks = 60, Index settling = 20) {
  using namespace gradients;
  using N = On<Layer, In, Device>;
  using Out = typename N::Out;
  static_assert(Node<N, In, Device>);
  Device dev(1);
  Random random(seed);

  typename N::Params w = N::parameters(extent);
  allocate(dev, w);
  initialise(dev, w, random);
  N::Params::each(
      [&](const char*, auto& field) {
        for (Index i = 0; i < field.size(); ++i) {
          if (field.role == Role::learned) field.data()[i] += random.symmetric(0.3);
          if (field.role == Role::clamped) field.data()[i] = 0.1 + 0.8 * random.uniform();
        }
      },
      w);
  auto x = random_value<In>(dev, extent, random);
  auto other = random_value<In>(dev, extent, random);
  auto r = random_value<Out>(dev, N::out(extent), random);

  // State settles, then stands still: spectral normalisation's u and v are constants for the gradient.
  for (Index i = 0; i < settling; ++i) {
    typename N::Tape tape;
    N::forward(dev, w, x, tape);
  }
  dev.mode.training = false;

  constexpr double already_there = 0.25;
  typename N::Params dw = zeros_like(dev, w);
  N::Params::each([&](const char*, auto& field) { fill(dev, field.size(), already_there, field.data()); }, dw);
  typename N::Tape tape;
  typename N::Tape other_tape;
  const auto y = N::forward(dev, w, x, tape);
  REQUIRE(extent_of(y) == N::out(extent));
  N::forward(dev, w, other, other_tape);
  auto dx = N::backward(dev, w, tape, r, dw);
  N::Params::each(
      [&](const char*, auto& field) {
        for (Index i = 0; i < field.size(); ++i) field.data()[i] -= already_there;
      },
      dw);

  // The second pass was not disturbed by the first one's way back.
  typename N::Params ignored = zeros_like(dev, w);
  const auto d_other = N::backward(dev, w, other_tape, r, ignored);
  typename N::Tape again;
  N::forward(dev, w, other, again);
  REQUIRE(flatten(d_other) == flatten(N::backward(dev, w, again, r, ignored)));

  const auto loss = [&] {
    typename N::Tape unused;
    auto result = N::forward(dev, w, x, unused);
    return product(result, r);
  };
  // Gradients that are zero but for rounding are measured against the others.
  double largest = 0;
  N::Params::each([&](const char*, auto& d) { largest = std::max(largest, rms(d.data(), d.size())); }, dw);
  for_each_tensor(dx, [&](auto& d) { largest = std::max(largest, rms(d.data(), d.size())); });
  const double floor = std::max(1e-3 * largest, 1e-9);  // all are zero behind a ReLU that lets nothing through

  GradientCheck check;
  N::Params::each(
      [&](const char* name, auto& field, auto& d) {
        if (field.role == Role::state) return;
        compare(field.data(), d.data(), field.size(), looks, floor, loss, random, name, check);
      },
      w, dw);
  std::vector<std::vector<double>> input_gradients;
  for_each_tensor(dx, [&](auto& d) { input_gradients.emplace_back(d.data(), d.data() + d.size()); });
  std::size_t input = 0;
  for_each_tensor(x, [&](auto& tensor) {
    std::vector<double> gradient = input_gradients[input++];
    gradient.resize(static_cast<std::size_t>(tensor.size()));  // an empty gradient is zero
    compare(tensor.data(), gradient.data(), tensor.size(), looks, floor, loss, random, "input", check);
  });
  return check;
}

}  // namespace ugatit::testing

/// Fails, with the seed and the place, unless all gradients of the layer are right to 1e-6.
#define CHECK_GRADIENTS(extent, ...) CHECK_SOME_GRADIENTS(60, extent, __VA_ARGS__)

/// The same, with a bound on how many numbers of each field are looked at.
#define CHECK_SOME_GRADIENTS(looks, extent, ...)                                       \
  do {                                                                                 \
    const std::uint64_t seed = ugatit::testing::fresh_seed();                          \
    const auto check = ugatit::testing::check_layer<__VA_ARGS__>(extent, seed, looks); \
    INFO("seed " << seed << ", worst at " << check.where);                             \
    CHECK(check.worst <= 1e-6);                                                        \
  } while (false)
