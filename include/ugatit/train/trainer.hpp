// What changes while training: the six networks, Adam's step and rate, and the terms of the last iteration.
#pragma once

#include <ugatit/models/network.hpp>
#include <ugatit/models/presets.hpp>
#include <ugatit/ops/adam.hpp>
#include <ugatit/train/schedule.hpp>
#include <ugatit/train/step.hpp>

#include <array>
#include <cmath>
#include <memory>
#include <string>

namespace ugatit {

/// The six networks of a training, owned.
template <class D>
struct NetworkSet {
  std::unique_ptr<Network<D, 3>> a2b;       ///< A to B
  std::unique_ptr<Network<D, 3>> b2a;       ///< B to A
  std::unique_ptr<Network<D, 1>> global_a;  ///< judges the whole of an A
  std::unique_ptr<Network<D, 1>> local_a;   ///< judges patches of an A
  std::unique_ptr<Network<D, 1>> global_b;  ///< judges the whole of a B
  std::unique_ptr<Network<D, 1>> local_b;   ///< judges patches of a B

  Networks<D> view() const { return {*a2b, *b2a, *global_a, *local_a, *global_b, *local_b}; }  ///< to use, not to own
};

/// What a training is told.
struct TrainingSettings {
  LossWeights weights;         ///< of the losses
  Schedule schedule;           ///< of the learning rate
  double weight_decay = 1e-4;  ///< added to gradients, times the weight
  AdamRules adam{};            ///< how the preset's Adam differs from PyTorch's
};

/// A training: call `step` once an iteration.
template <class D>
class Trainer {
 public:
  /// The networks' published names in checkpoints, in the order of `each_network`.
  static constexpr std::array<const char*, 6> network_names{"genA2B", "genB2A", "disGA", "disGB", "disLA", "disLB"};

  /// Gives the networks memory for gradients and moments.
  Trainer(D& dev, NetworkSet<D> networks, const TrainingSettings& settings)
      : dev_(dev), networks_(std::move(networks)), settings_(settings), rate_(settings.schedule.base) {
    each_network([](const char*, auto& network) { network.prepare_training(); });
  }

  /// Starting values of all networks, from one seed.
  void initialise(std::uint64_t seed) {
    std::uint64_t stream = 0;
    each_network([&](const char*, auto& network) {
      Random random(seed, stream++);
      network.initialise(random);
    });
  }

  /// One iteration on a batch of each domain, [N, 3, S, S] in [-1, 1].
  const LossTerms& step(const Images<D>& a, const Images<D>& b) {
    rate_ = settings_.schedule.next(rate_, iteration_ + 1);
    ++iteration_;
    const auto learn = [&](auto&... networks) { (learn_from_gradients(networks), ...); };
    const Networks<D> net = networks_.view();
    iterate(
        dev_, net, a, b, settings_.weights, terms_,
        [&] { learn(net.global_a, net.global_b, net.local_a, net.local_b); }, [&] { learn(net.a2b, net.b2a); });
    return terms_;
  }

  /// Calls f(name, network) for each network.
  template <class F>
  void each_network(const F& f) {
    f(network_names[0], *networks_.a2b);
    f(network_names[1], *networks_.b2a);
    f(network_names[2], *networks_.global_a);
    f(network_names[3], *networks_.global_b);
    f(network_names[4], *networks_.local_a);
    f(network_names[5], *networks_.local_b);
  }

  Networks<D> networks() const { return networks_.view(); }       ///< to translate with
  const TrainingSettings& settings() const { return settings_; }  ///< as they were given
  const LossTerms& terms() const { return terms_; }               ///< of the last iteration
  Index iteration() const { return iteration_; }                  ///< iterations done
  double learning_rate() const { return rate_; }                  ///< of the last iteration

  /// Goes on from a checkpoint.
  void resume(Index iteration, double learning_rate) {
    iteration_ = iteration;
    rate_ = learning_rate;
  }

 private:
  template <Index C>
  void learn_from_gradients(Network<D, C>& network) {
    AdamGeometry adam;
    adam.learning_rate = rate_;
    adam.step = iteration_;
    if (settings_.adam.plain_epsilon) {
      adam.epsilon /= std::sqrt(1 - std::pow(adam.beta2, static_cast<double>(iteration_)));
    }
    for (Parameter<D>& p : network.parameters()) {
      if (p.w.role == Role::state) continue;
      const bool decays = p.w.part == Part::kernel || !settings_.adam.decays_kernels_only;
      adam.weight_decay = decays ? settings_.weight_decay : 0;
      adam.clamp = p.w.role == Role::clamped;
      adam_step(dev_, adam, p.w.size(), p.w.data(), p.dw.data(), p.m.data(), p.v.data());
    }
  }

  D& dev_;
  NetworkSet<D> networks_;
  TrainingSettings settings_;
  LossTerms terms_;
  Index iteration_ = 0;
  double rate_;
};

}  // namespace ugatit
