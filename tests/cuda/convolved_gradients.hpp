// Gradients in parts, and what learns from them, on any device that keeps them.
#pragma once

#include "packed_adam.hpp"

#include <ugatit/cuda/convolved_squares.hpp>

#include <numeric>
#include <span>
#include <vector>

namespace ugatit::testing {

/// A gradient in parts, of random numbers.
template <PacksWeights D>
class GradientOfParts {
 public:
  GradientOfParts(D& dev, std::uint64_t seed, const WeightSizes& sizes, Index products)
      : sizes_(sizes),
        products_(products),
        convolved_(dev.arena(), sizes.size()),
        dy_(dev.arena(), products * sizes.outputs),
        x_(dev.arena(), products * columns()) {
    Random random(seed);
    whole_ = short_numbers(random, sizes.size());
    const Buffer<D> numbers(dev.arena(), sizes.size());
    write(dev, whole_, numbers.data());
    packing::pack_weights(dev, sizes, as_input(numbers), convolved_.data());
    const std::vector<double> dy = normal_numbers(random, dy_.size());
    const std::vector<double> x = normal_numbers(random, x_.size());
    write(dev, dy, dy_.data());
    write(dev, x, x_.data());
    for (Index at = 0; at < sizes.size(); ++at) {
      for (Index p = 0; p < products; ++p) {
        whole_[static_cast<std::size_t>(at)] += dy[static_cast<std::size_t>(p * sizes.outputs + at / columns())] *
                                                x[static_cast<std::size_t>(p * columns() + at % columns())];
      }
    }
  }

  ConvolvedGradient<float, PackedNumber<D>> gradient() const {
    return {convolved_.data(), sizes_.window, {sizes_.outputs, columns(), products_}, dy_.data(), x_.data()};
  }
  const std::vector<double>& whole() const { return whole_; }  ///< their sum
  double squares() const { return std::inner_product(whole_.begin(), whole_.end(), whole_.begin(), 0.0); }

 private:
  Index columns() const { return sizes_.inputs * sizes_.window; }

  WeightSizes sizes_;
  Index products_;
  BufferOf<PackedNumber<D>, D> convolved_;
  Buffer<D> dy_;
  Buffer<D> x_;
  std::vector<double> whole_;
};

/// Of gradients in parts it makes what it makes of their sums, also where weights have no form. So do sums of squares.
template <PacksWeights D>
void check_convolved_gradients(D& dev, std::uint64_t seed) {
  using E = PackedNumber<D>;
  for (const bool allowed : {true, false}) {
    for (Index products = 0; products <= 2; ++products) {
      INFO("seed " << seed << ", " << products << " products" << (allowed ? "" : ", not allowed"));
      const TestStep<D> step(dev, allowed);
      HeldAndOthers<D> parameters(dev, seed);
      std::vector<GradientOfParts<D>> gradients;
      std::vector<ConvolvedParameter<float, E>> in_parts;
      std::vector<ConvolvedSquareSum<float, E>> sums;
      std::vector<AdamParameter<float>> others;
      const BufferOf<double, D> squares(dev.arena(), static_cast<Index>(odd_weights.size()));
      for (std::size_t i = 0; i < odd_weights.size(); ++i) {
        const auto& parts = gradients.emplace_back(dev, seed + i, odd_weights[i], products);
        write(dev, parts.whole(), parameters.others[i].parameter().dw);
        others.push_back(parameters.others[i].parameter());
        in_parts.push_back({parameters.held[i].without_gradient(), parts.gradient()});
        sums.push_back({parts.gradient(), squares.data() + i});
      }
      // One that Adam finds no form of.
      const PackedWeights<D> loose(dev, seed, odd_weights[0]);
      in_parts.push_back({loose.without_gradient(), gradients[0].gradient()});

      convolved_square_sums(dev, std::span<const ConvolvedSquareSum<float, E>>(sums));
      std::vector<double> ours(sums.size());
      copy_to_host(dev, squares.size(), static_cast<const double*>(squares.data()), ours.data());
      for (std::size_t i = 0; i < ours.size(); ++i) {
        INFO("parameter " << i);
        REQUIRE(ours[i] == Approx(gradients[i].squares()).epsilon(1e-6));
      }
      convolved_adam_step(dev, step.step(), std::span<const ConvolvedParameter<float, E>>(in_parts));
      adam_step(dev, step.step(), std::span<const AdamParameter<float>>(others));
      parameters.require_same();
      REQUIRE(relative_l2(loose.learned(), parameters.others[0].learned()) <= 1e-6);
    }
  }
}

}  // namespace ugatit::testing
