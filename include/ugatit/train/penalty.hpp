// The gradient penalty: a discriminator's gradient with respect to an image should have length 1 (ops/loss.hpp).
//
// The discriminator learns from the penalty P(g) of its own gradient g(x; w) = ∂(Σ s y)/∂x, so it needs ∂P/∂w, the
// gradient of a gradient. With v = ∂P/∂g held still,
//   ∂P/∂w = ∂(v · g)/∂w = ∂/∂w of the derivative of Σ s y along v.
// A discriminator is linear piece by piece in x, so that derivative is the discriminator itself without its biases,
// on the pieces of x, applied to v: one more pass forward and back, in the mode `tangent` (nn/layer.hpp).
//
// Images x are between a real one and a translation, real + α (fake − real) with α uniform in [0, 1) for each sample;
// for dragan the translation is replaced by noise around the real image, real + ½ σ u, with σ the deviation of all
// numbers of the batch and u uniform in [0, 1) for each number. As in the TensorFlow code there are two penalties, of
// the sum of the patch logits and of the sum of the CAM logits.
#pragma once

#include <ugatit/models/network.hpp>
#include <ugatit/ops/loss.hpp>
#include <ugatit/train/losses.hpp>

#include <cmath>
#include <vector>

namespace ugatit {

namespace penalty {

/// A value of ones: the seed of a sum.
template <class Shape, class D>
Tensor<Shape, D> ones(D& dev, const Extent& extent) {
  Tensor<Shape, D> x(dev, extent);
  fill(dev, x.size(), typename D::Scalar{1}, x.data());
  return x;
}

/// The standard deviation of some numbers, divided by their count.
template <class T>
double deviation(const std::vector<T>& x) {
  double mean = 0;
  for (const T number : x) mean += static_cast<double>(number);
  mean /= static_cast<double>(x.size());
  double squares = 0;
  for (const T number : x) squares += (static_cast<double>(number) - mean) * (static_cast<double>(number) - mean);
  return std::sqrt(squares / static_cast<double>(x.size()));
}

}  // namespace penalty

/// The images at which gradients are penalised. Drawn on the host, so that they are the same on every device.
template <class D>
Value<Map<3>, D> images_between(D& dev, GanType type, const Value<Map<3>, D>& real, const Value<Map<3>, D>& fake,
                                Random& random) {
  using T = typename D::Scalar;
  const auto to_host = [&](const Value<Map<3>, D>& x) {
    std::vector<T> host(static_cast<std::size_t>(x.size()));
    copy_to_host(dev, x.size(), as_input(x).data, host.data());
    return host;
  };
  std::vector<T> between = to_host(real);
  std::vector<T> other;
  if (type == GanType::dragan) {
    other = between;
    const double half = 0.5 * penalty::deviation(between);
    for (T& number : other) number += static_cast<T>(half * random.uniform());
  } else {
    other = to_host(fake);
  }
  const std::size_t image = between.size() / static_cast<std::size_t>(real.extent().batch);
  T share{};
  for (std::size_t i = 0; i < between.size(); ++i) {
    if (i % image == 0) share = static_cast<T>(random.uniform());
    between[i] += share * (other[i] - between[i]);
  }
  Value<Map<3>, D> x(dev, real.extent());
  copy_from_host(dev, x.size(), static_cast<const T*>(between.data()), x.data());
  return x;
}

/// Adds the gradient of both penalties to the discriminator's parameters. State does not advance.
template <class D>
void learn_penalty(D& dev, Network<D, 1>& discriminator, const Value<Map<3>, D>& x, const LossWeights& w,
                   JudgeTerms& terms) {
  const InMode<D> still(dev, {true, false});
  const auto pass = discriminator.forward(x);
  const PenaltyGeometry geometry{x.extent().batch, x.size() / x.extent().batch, w.penalty, w.adversarial,
                                 w.gan == GanType::wgan_lp};
  using Seed = Value<typename Network<D, 1>::Out, D>;
  const auto learn_from = [&](Seed seed, double& loss) {
    const Value<Map<3>, D> g = discriminator.gradient(pass, seed);
    Value<Map<3>, D> v(dev, x.extent());
    gradient_penalty(dev, geometry, as_input(g).data, &loss, v.data());
    discriminator.learn_gradient(pass, std::move(v), std::move(seed));
  };
  learn_from({penalty::ones<Map<1>>(dev, pass.image().extent()), {}}, terms.penalty);
  learn_from({{}, {penalty::ones<Vector<2>>(dev, pass.logits().extent()), {}}}, terms.penalty_cam);
}

}  // namespace ugatit
