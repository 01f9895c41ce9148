// Adam for all parameters of networks that learn together, as long as everything that they learn from is finite.
//
// Nothing here waits for the device: what changes from step to step lies in its memory, and so does the answer to
// whether anything may be learned. The host reads what was measured when the iteration is over, and may have put the
// next one on the device by then.
#pragma once

#include <ugatit/core/async_copy.hpp>
#include <ugatit/models/network.hpp>
#include <ugatit/models/presets.hpp>
#include <ugatit/ops/reduction.hpp>
#include <ugatit/train/factored_gradient.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

namespace ugatit {

/// Adam for networks of one kind. It keeps references to them.
template <class D, Index C>
class Optimizer {
 public:
  /// A network and what messages call it.
  struct Learner {
    const char* name;        ///< as checkpoints do
    Network<D, C>* network;  ///< prepared for training
  };

  /// `rules` and `weight_decay` as in `TrainingSettings`.
  Optimizer(D& dev, std::vector<Learner> learners, const AdamRules& rules, double weight_decay)
      : dev_(dev),
        learners_(std::move(learners)),
        rules_(rules),
        factors_(dev.arena(), 1),
        factors_to_device_(dev, 1),
        allowed_(dev.arena(), 1),
        squares_(count_parameters(learners_)),
        slots_(dev.arena(), static_cast<Index>(squares_.size())),
        squares_to_host_(dev, slots_.size()) {
    rates_.weight_decay = weight_decay;
    copy_from_host(dev, slots_.size(), static_cast<const double*>(squares_.data()), slots_.data());
    sums_.reserve(squares_.size());
    steps_.reserve(squares_.size());
  }

  /// Sets the learning rate of the iteration that comes next on the device, counted from 1.
  void set(double learning_rate, Index iteration) {
    AdamRates rates = rates_;
    rates.learning_rate = learning_rate;
    rates.step = iteration;
    if (rules_.plain_epsilon) rates.epsilon /= std::sqrt(1 - std::pow(rates.beta2, static_cast<double>(iteration)));
    const AdamFactors<Scalar> factors(rates);
    factors_to_device_.start(&factors, factors_.data());
  }

  /// Learns from the gradients, if all of them are finite, so are the `count` losses at `losses`, and `before` allows
  /// it (null: nothing else has to). `losses` and `before` are in the device's memory.
  void step(Index count, const double* losses, const double* before) {
    measure();
    allow_if_finite(dev_, count, losses, before, allowed_.data());
    allow_if_finite(dev_, slots_.size(), static_cast<const double*>(slots_.data()),
                    static_cast<const double*>(allowed_.data()), allowed_.data());
    learn();
  }

  const double* allowed() const { return allowed_.data(); }  ///< in the device's memory: 0 where it did not learn

  /// Asks for what the step measures.
  void start_reading() { squares_to_host_.start(slots_.data()); }

  /// Waits for it and reads what was asked for first.
  void read() { std::ranges::copy(squares_to_host_.finish(), squares_.begin()); }

  /// The first parameter, on the way back, whose gradient was not finite; "" for none.
  std::string first_not_finite() const {
    std::size_t begin = 0;
    for (const Learner& learner : learners_) {
      const auto& parameters = learner.network->parameters();
      for (std::size_t i = parameters.size(); i-- > 0;) {
        if (!std::isfinite(squares_[begin + i])) return std::string(learner.name) + "." + parameters[i].name;
      }
      begin += parameters.size();
    }
    return {};
  }

  /// Calls f(norm) with the Euclidean norm of each network's gradient, without weight decay.
  template <class F>
  void each_norm(const F& f) const {
    auto begin = squares_.begin();
    for (const Learner& learner : learners_) {
      const auto end = begin + static_cast<std::ptrdiff_t>(learner.network->parameters().size());
      f(std::sqrt(std::accumulate(begin, end, 0.0)));
      begin = end;
    }
  }

 private:
  using Scalar = typename D::Scalar;

  static std::size_t count_parameters(const std::vector<Learner>& learners) {
    std::size_t count = 0;
    for (const Learner& learner : learners) count += learner.network->parameters().size();
    return count;
  }

  template <class F>
  void each_learned(const F& f) {
    Index slot = 0;
    for (const Learner& learner : learners_) {
      for (Parameter<D>& p : learner.network->parameters()) {
        if (p.w.role != Role::state) f(p, slots_.data() + slot);
        ++slot;
      }
    }
  }

  void measure() {
    sums_.clear();
    convolved_sums_.clear();
    each_learned([this](Parameter<D>& p, double* slot) {
      if (!p.dw.parts) {
        sums_.push_back({p.dw.data(), p.w.size(), slot});
        return;
      }
      const FactoredGradient<D>& gradient = factored_.emplace_back(dev_, p);
      if (gradient.convolved) {
        convolved_sums_.push_back({gradient.with_convolved(), slot});
      } else {
        outer_square_sum(dev_, gradient.geometry, as_input(gradient.dy), as_input(gradient.x), slot);
      }
    });
    square_sums(dev_, std::span<const SquareSum<Scalar>>(sums_));
    if constexpr (KeepsConvolved<D>) convolved_square_sums(dev_, std::span(std::as_const(convolved_sums_)));
  }

  void learn() {
    const AdamStep<Scalar> step{factors_.data(), allowed_.data()};
    steps_.clear();
    convolved_steps_.clear();
    auto gradient = factored_.begin();
    each_learned([&](Parameter<D>& p, double*) {
      const bool decays = p.w.part == Part::kernel || !rules_.decays_kernels_only;
      const AdamParameter<Scalar> parameter{
          p.w.data(), p.dw.data(), p.m.data(), p.v.data(), p.w.size(), decays, p.w.role == Role::clamped};
      if (!p.dw.parts) {
        steps_.push_back(parameter);
        return;
      }
      if (gradient->convolved) {
        convolved_steps_.push_back({parameter, gradient->with_convolved()});
      } else {
        outer_adam_step(dev_, step, gradient->geometry, as_input(gradient->dy), as_input(gradient->x), parameter);
      }
      ++gradient;
    });
    adam_step(dev_, step, std::span<const AdamParameter<Scalar>>(steps_));
    if constexpr (KeepsConvolved<D>) convolved_adam_step(dev_, step, std::span(std::as_const(convolved_steps_)));
    factored_.clear();
  }

  D& dev_;
  std::vector<Learner> learners_;
  AdamRules rules_;
  AdamRates rates_;
  BufferOf<AdamFactors<Scalar>, D> factors_;
  AsyncWrite<D, AdamFactors<Scalar>> factors_to_device_;
  BufferOf<double, D> allowed_;
  std::vector<double> squares_;  // the sum of squares of each parameter's gradient, 0 for state
  BufferOf<double, D> slots_;    // the same in the device's memory
  AsyncRead<D, double> squares_to_host_;
  std::vector<SquareSum<Scalar>> sums_;
  std::vector<AdamParameter<Scalar>> steps_;
  std::vector<ConvolvedSquareSum<Scalar, PackedNumber<D>>> convolved_sums_;  // of gradients that are partly convolved
  std::vector<ConvolvedParameter<Scalar, PackedNumber<D>>> convolved_steps_;
  std::vector<FactoredGradient<D>> factored_;  // from measuring to learning
};

}  // namespace ugatit
