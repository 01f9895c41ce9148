// What changes while training: the six networks, Adam's step and rate, and the terms of the last iteration.
#pragma once

#include <ugatit/models/network.hpp>
#include <ugatit/models/presets.hpp>
#include <ugatit/train/average.hpp>
#include <ugatit/train/factored_gradient.hpp>
#include <ugatit/train/finite.hpp>
#include <ugatit/train/schedule.hpp>
#include <ugatit/train/step.hpp>

#include <array>
#include <cmath>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

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
  LossWeights weights;            ///< of the losses
  Schedule schedule;              ///< of the learning rate
  double weight_decay = 1e-4;     ///< added to gradients, times the weight
  AdamRules adam{};               ///< how the preset's Adam differs from PyTorch's
  std::uint64_t seed = 0;         ///< of where gradients are penalised
  Memory memory = Memory::ample;  ///< low: less of it for more time
};

/// A training: call `step` once an iteration.
template <class D>
class Trainer {
 public:
  /// The networks' published names in checkpoints, in the order of `each_network`.
  static constexpr std::array<const char*, 6> network_names{"genA2B", "genB2A", "disGA", "disGB", "disLA", "disLB"};

  /// The names of the averaged generators there.
  static constexpr std::array<const char*, 2> average_names{"ema/genA2B", "ema/genB2A"};

  /// Gives the networks memory for gradients and moments. Throws `Error` where memory should be low and a generator has
  /// state, which would advance twice.
  Trainer(D& dev, NetworkSet<D> networks, const TrainingSettings& settings)
      : dev_(dev),
        networks_(std::move(networks)),
        settings_(settings),
        term_slots_(dev.arena(), term_count),
        rate_(settings.schedule.base) {
    copy_from_host(dev, term_count, reinterpret_cast<const double*>(&terms_), term_slots_.data());
    if (settings.memory == Memory::low) {
      require_no_state(*networks_.a2b);
      require_no_state(*networks_.b2a);
    }
    std::size_t at = 0;
    each_network([&](const char*, auto& network) {
      network.prepare_training(Gradients::factored);
      if (settings.memory == Memory::low) network.drop_gradients();
      std::vector<double>& squares = gradient_squares_[at];
      squares.resize(network.parameters().size());
      square_slots_[at] = BufferOf<double, D>(dev.arena(), static_cast<Index>(squares.size()));
      copy_from_host(dev, square_slots_[at].size(), squares.data(), square_slots_[at].data());
      ++at;
    });
  }

  /// Starting values of all networks, from one seed.
  void initialise(std::uint64_t seed) {
    std::uint64_t stream = 0;
    each_network([&](const char*, auto& network) {
      Random random(seed, stream++);
      network.initialise(random);
    });
    start_averages();
  }

  /// One iteration on a batch of each domain, [N, 3, S, S] in [-1, 1]. Throws `Error` that names the first tensor that
  /// went wrong where a loss or a gradient is not a finite number; nothing learns from it.
  const LossTerms& step(const Images<D>& a, const Images<D>& b) {
    rate_ = settings_.schedule.next(rate_, iteration_ + 1);
    ++iteration_;
    const Networks<D> net = networks_.view();
    const bool in_parts = settings_.memory == Memory::low;
    if (in_parts) each_discriminator([](auto& network) { network.take_gradients(); });
    iterate(
        dev_, net, a, b, settings_.weights, settings_.memory,
        Random(settings_.seed, penalty_stream, static_cast<std::uint64_t>(iteration_)),
        *reinterpret_cast<LossTerms*>(term_slots_.data()),
        [&] {
          require_finite_losses(LossTerms::discriminator_terms, a, b);
          learn_from_gradients(2, net.global_a);
          learn_from_gradients(3, net.global_b);
          learn_from_gradients(4, net.local_a);
          learn_from_gradients(5, net.local_b);
          if (!in_parts) return;
          each_discriminator([](auto& network) { network.drop_gradients(); });
          net.a2b.take_gradients();
          net.b2a.take_gradients();
        },
        [&] {
          require_finite_losses(terms_.values().size(), a, b);
          learn_from_gradients(0, net.a2b);
          learn_from_gradients(1, net.b2a);
          if (!in_parts) return;
          net.a2b.drop_gradients();
          net.b2a.drop_gradients();
        });
    if (averages_) {
      averages_->a2b.follow(dev_, net.a2b, averages_->decay, iteration_);
      averages_->b2a.follow(dev_, net.b2a, averages_->decay, iteration_);
    }
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

  /// Keeps averages of the generators' weights from now on, in two networks of their model.
  void keep_averages(std::unique_ptr<Network<D, 3>> a2b, std::unique_ptr<Network<D, 3>> b2a, double decay) {
    averages_.emplace(Averages{AverageGenerator<D>(std::move(a2b)), AverageGenerator<D>(std::move(b2a)), decay});
    start_averages();
  }

  /// The averages become the weights as they stand, where averages are kept.
  void start_averages() {
    if (!averages_) return;
    averages_->a2b.start(dev_, *networks_.a2b);
    averages_->b2a.start(dev_, *networks_.b2a);
  }

  /// The decay of the averages, 0 where none are kept.
  double average_decay() const { return averages_ ? averages_->decay : 0; }

  /// Calls f(name, network) for the averages of both generators, where they are kept.
  template <class F>
  void each_average(const F& f) {
    if (!averages_) return;
    f(average_names[0], averages_->a2b.network());
    f(average_names[1], averages_->b2a.network());
  }

  D& device() const { return dev_; }                         ///< where it computes
  Networks<D> networks() const { return networks_.view(); }  ///< to train

  /// The networks with the generators to translate with: the averages, where they are kept.
  Networks<D> translators() const {
    const Networks<D> net = networks_.view();
    if (!averages_) return net;
    return {averages_->a2b.network(), averages_->b2a.network(), net.global_a, net.local_a, net.global_b, net.local_b};
  }

  const TrainingSettings& settings() const { return settings_; }  ///< as they were given
  const LossTerms& terms() const { return terms_; }               ///< of the last iteration
  Index iteration() const { return iteration_; }                  ///< iterations done
  double learning_rate() const { return rate_; }                  ///< of the last iteration

  /// The Euclidean norm of each network's gradient in the last iteration, in the order of `network_names`; without
  /// weight decay.
  std::array<double, 6> gradient_norms() const {
    std::array<double, 6> norms{};
    for (std::size_t i = 0; i < norms.size(); ++i) {
      norms[i] = std::sqrt(std::accumulate(gradient_squares_[i].begin(), gradient_squares_[i].end(), 0.0));
    }
    return norms;
  }

  /// Throws `Error` for weights that are not finite, which no checkpoint should hold.
  void require_finite_weights() {
    FiniteSearch<D> search(dev_);
    each_network([&](const char* name, auto& network) { search.look(name, network); });
    if (!search.found().empty()) fail(search.found() + " is not finite");
  }

  /// Goes on from a checkpoint.
  void resume(Index iteration, double learning_rate) {
    iteration_ = iteration;
    rate_ = learning_rate;
  }

 private:
  struct Averages {
    AverageGenerator<D> a2b, b2a;
    double decay;
  };

  template <class F>
  void each_discriminator(const F& f) {
    f(*networks_.global_a);
    f(*networks_.global_b);
    f(*networks_.local_a);
    f(*networks_.local_b);
  }

  static void require_no_state(const Network<D, 3>& generator) {
    for (const Parameter<D>& p : generator.parameters()) {
      if (p.w.role == Role::state) throw Error("low memory is for generators without state; these have " + p.name);
    }
  }

  [[noreturn]] void fail(const std::string& what) const {
    throw Error("iteration " + std::to_string(iteration_) + ": " + what +
                "; go on from the last checkpoint with --resume True and a smaller --lr");
  }

  // Reads the losses, of which the first `count` are known.
  void require_finite_losses(std::size_t count, const Images<D>& a, const Images<D>& b) {
    copy_to_host(dev_, term_count, term_slots_.data(), reinterpret_cast<double*>(&terms_));
    const auto values = terms_.values();
    for (std::size_t i = 0; i < count; ++i) {
      if (std::isfinite(values[i])) continue;
      const std::string first = first_not_finite(dev_, networks_.view(), a, b);
      fail("the loss " + LossTerms::names()[i] + " is not finite, first to go wrong was " +
           (first.empty() ? "the loss itself" : first));
    }
  }

  template <Index C>
  void learn_from_gradients(std::size_t number, Network<D, C>& network) {
    std::vector<Parameter<D>>& parameters = network.parameters();
    std::vector<double>& squares = gradient_squares_[number];
    const BufferOf<double, D>& slots = square_slots_[number];
    for (std::size_t i = 0; i < squares.size(); ++i) {
      const Parameter<D>& p = parameters[i];
      if (p.w.role == Role::state) continue;
      if (p.dw.products) {
        const FactoredGradient<D> gradient(dev_, p);
        outer_square_sum(dev_, gradient.geometry, as_input(gradient.dy), as_input(gradient.x), slots.data() + i);
      } else {
        square_sum(dev_, p.w.size(), p.dw.data(), slots.data() + i);
      }
    }
    copy_to_host(dev_, slots.size(), slots.data(), squares.data());
    // The way back begins at the last parameter.
    for (std::size_t i = squares.size(); i-- > 0;) {
      if (std::isfinite(squares[i])) continue;
      fail(std::string("the gradient of ") + network_names[number] + "." + parameters[i].name + " is not finite");
    }
    AdamGeometry adam;
    adam.learning_rate = rate_;
    adam.step = iteration_;
    if (settings_.adam.plain_epsilon) {
      adam.epsilon /= std::sqrt(1 - std::pow(adam.beta2, static_cast<double>(iteration_)));
    }
    for (Parameter<D>& p : parameters) {
      if (p.w.role == Role::state) continue;
      const bool decays = p.w.part == Part::kernel || !settings_.adam.decays_kernels_only;
      adam.weight_decay = decays ? settings_.weight_decay : 0;
      adam.clamp = p.w.role == Role::clamped;
      if (p.dw.products) {
        const FactoredGradient<D> gradient(dev_, p);
        outer_adam_step(dev_, adam, gradient.geometry, as_input(gradient.dy), as_input(gradient.x), p.w.data(),
                        p.m.data(), p.v.data());
        p.dw.products->passes.clear();
      } else {
        adam_step(dev_, adam, p.w.size(), p.w.data(), p.dw.data(), p.m.data(), p.v.data());
      }
    }
  }

  static constexpr std::uint64_t penalty_stream = 0x70656e616c7479U;  // apart from those of weights and samples
  static constexpr Index term_count = sizeof(LossTerms) / sizeof(double);

  D& dev_;
  NetworkSet<D> networks_;
  std::optional<Averages> averages_;
  TrainingSettings settings_;
  LossTerms terms_;
  BufferOf<double, D> term_slots_;                       // the same in the device's memory
  std::array<std::vector<double>, 6> gradient_squares_;  // of each parameter of each network, 0 for state
  std::array<BufferOf<double, D>, 6> square_slots_;      // the same in the device's memory
  Index iteration_ = 0;
  double rate_;
};

}  // namespace ugatit
