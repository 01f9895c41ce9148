// What changes while training: the six networks, Adam's step and rate, and the terms of the last iteration.
#pragma once

#include <ugatit/core/async_copy.hpp>
#include <ugatit/core/side_by_side.hpp>
#include <ugatit/train/average.hpp>
#include <ugatit/train/finite.hpp>
#include <ugatit/train/network_set.hpp>
#include <ugatit/train/optimizer.hpp>
#include <ugatit/train/schedule.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ugatit {

/// What a training is told.
struct TrainingSettings {
  LossWeights weights;            ///< of the losses
  Schedule schedule;              ///< of the learning rate
  double weight_decay = 1e-4;     ///< added to gradients, times the weight
  AdamRules adam{};               ///< how the preset's Adam differs from PyTorch's
  std::uint64_t seed = 0;         ///< of where gradients are penalised
  Memory memory = Memory::ample;  ///< low: less of it for more time
};

/// A training: call `step` once an iteration; or `start` and `finish`, so that a device that works by itself has the
/// next iteration before the host looks at the last one.
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
        terms_to_host_(dev, term_count),
        discriminators_(dev,
                        {{network_names[2], networks_.global_a.get()},
                         {network_names[3], networks_.global_b.get()},
                         {network_names[4], networks_.local_a.get()},
                         {network_names[5], networks_.local_b.get()}},
                        settings.adam, settings.weight_decay),
        generators_(dev, {{network_names[0], networks_.a2b.get()}, {network_names[1], networks_.b2a.get()}},
                    settings.adam, settings.weight_decay),
        rate_(settings.schedule.base) {
    copy_from_host(dev, term_count, reinterpret_cast<const double*>(&terms_), term_slots_.data());
    started_.reserve(most_under_way);
    if (settings.memory == Memory::low) {
      require_no_state(*networks_.a2b);
      require_no_state(*networks_.b2a);
    }
    const auto prepare = [&](auto& network, Gradients kept) {
      network.prepare_training(kept);
      if (settings.memory == Memory::low) network.drop_gradients();
    };
    prepare(*networks_.a2b, Gradients::factored);
    prepare(*networks_.b2a, Gradients::factored);
    each_discriminator([&](auto& network) {
      prepare(network, has_penalty(settings.weights.gan) ? Gradients::factored : Gradients::of_one_pass);
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
    start(a, b);
    return finish();
  }

  /// Puts an iteration on the device. Up to `most_under_way` may be started and not finished; their images stay as they
  /// are until then. The networks are those after the last one that was started.
  void start(const Images<D>& a, const Images<D>& b) {
    if (started_.size() == most_under_way) throw Error("two iterations are under way; finish the first one");
    const Index iteration = iteration_ + static_cast<Index>(started_.size()) + 1;
    rate_ = settings_.schedule.next(rate_, iteration);
    discriminators_.set(rate_, iteration);
    generators_.set(rate_, iteration);
    const Images<D>& in_a = replay_.input(dev_, 0, a);
    const Images<D>& in_b = replay_.input(dev_, 1, b);
    if (has_penalty(settings_.weights.gan)) {
      iterate_once(in_a, in_b, iteration);  // where gradients are penalised is drawn on the host
    } else {
      replay_.run(dev_, [&] { iterate_once(in_a, in_b, iteration); });
    }
    if (averages_) averages_->follow(dev_, networks_, iteration);
    terms_to_host_.start(term_slots_.data());
    discriminators_.start_reading();
    generators_.start_reading();
    started_.push_back({a, b});
  }

  /// Waits for the iteration that was started first. Throws `Error` like `step`.
  const LossTerms& finish() {
    if (started_.empty()) throw Error("no iteration is under way; start one");
    const Batch batch = std::move(started_.front());
    started_.erase(started_.begin());
    ++iteration_;
    require_finite(batch.a, batch.b);
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
    averages_.emplace(std::move(a2b), std::move(b2a), decay);
    start_averages();
  }

  /// The averages become the weights as they stand, where averages are kept.
  void start_averages() {
    if (averages_) averages_->start(dev_, networks_);
  }

  /// The decay of the averages, 0 where none are kept.
  double average_decay() const { return averages_ ? averages_->decay() : 0; }

  /// Calls f(name, network) for the averages of both generators, where they are kept.
  template <class F>
  void each_average(const F& f) {
    if (!averages_) return;
    f(average_names[0], averages_->a2b());
    f(average_names[1], averages_->b2a());
  }

  D& device() const { return dev_; }                         ///< where it computes
  Networks<D> networks() const { return networks_.view(); }  ///< to train

  /// The networks with the generators to translate with: the averages, where they are kept.
  Networks<D> translators() const {
    const Networks<D> net = networks_.view();
    if (!averages_) return net;
    return {averages_->a2b(), averages_->b2a(), net.global_a, net.local_a, net.global_b, net.local_b};
  }

  const TrainingSettings& settings() const { return settings_; }  ///< as they were given
  const LossTerms& terms() const { return terms_; }               ///< of the last iteration that is finished
  Index iteration() const { return iteration_; }                  ///< iterations finished
  double learning_rate() const { return rate_; }                  ///< of the last iteration that was started

  /// The Euclidean norm of each network's gradient in the last finished iteration, in the order of `network_names`;
  /// without weight decay.
  std::array<double, 6> gradient_norms() const {
    std::array<double, 6> norms{};
    auto next = norms.begin();
    generators_.each_norm([&](double norm) { *next++ = norm; });
    discriminators_.each_norm([&](double norm) { *next++ = norm; });
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
  struct Batch {
    Images<D> a, b;
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

  void iterate_once(const Images<D>& a, const Images<D>& b, Index iteration) {
    const Networks<D> net = networks_.view();
    const bool in_parts = settings_.memory == Memory::low;
    if (in_parts) each_discriminator([](auto& network) { network.take_gradients(); });
    iterate(
        dev_, net, a, b, settings_.weights, settings_.memory,
        Random(settings_.seed, penalty_stream, static_cast<std::uint64_t>(iteration)),
        *reinterpret_cast<LossTerms*>(term_slots_.data()),
        [&] {
          discriminators_.step(judge_term_count, term_slots_.data(), nullptr);
          if (!in_parts) return;
          each_discriminator([](auto& network) { network.drop_gradients(); });
          net.a2b.take_gradients();
          net.b2a.take_gradients();
        },
        [&] {
          generators_.step(term_count, term_slots_.data(), discriminators_.allowed());
          if (!in_parts) return;
          net.a2b.drop_gradients();
          net.b2a.drop_gradients();
        });
  }

  // Reads what the iteration has measured.
  void require_finite(const Images<D>& a, const Images<D>& b) {
    std::ranges::copy(terms_to_host_.finish(), reinterpret_cast<double*>(&terms_));
    discriminators_.read();
    generators_.read();
    const auto values = terms_.values();
    const auto require_losses = [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        if (std::isfinite(values[i])) continue;
        const std::string first = first_not_finite(dev_, networks_.view(), a, b);
        fail("the loss " + LossTerms::names()[i] + " is not finite, first to go wrong was " +
             (first.empty() ? "the loss itself" : first));
      }
    };
    const auto require_gradients = [this](const std::string& bad) {
      if (!bad.empty()) fail("the gradient of " + bad + " is not finite");
    };
    require_losses(0, LossTerms::discriminator_terms);
    require_gradients(discriminators_.first_not_finite());
    require_losses(LossTerms::discriminator_terms, values.size());
    require_gradients(generators_.first_not_finite());
  }

  static constexpr std::uint64_t penalty_stream = 0x70656e616c7479U;  // apart from those of weights and samples
  static constexpr Index term_count = sizeof(LossTerms) / sizeof(double);
  static constexpr Index judge_term_count = 4 * sizeof(JudgeTerms) / sizeof(double);  // they come first

  D& dev_;
  NetworkSet<D> networks_;
  std::optional<AverageGenerators<D>> averages_;
  TrainingSettings settings_;
  LossTerms terms_;
  BufferOf<double, D> term_slots_;  // the same in the device's memory
  AsyncRead<D, double> terms_to_host_;
  Optimizer<D, 1> discriminators_;
  Optimizer<D, 3> generators_;
  Replay<D, Map<3>, 2> replay_;  // of iterations
  std::vector<Batch> started_;   // and not finished
  Index iteration_ = 0;
  double rate_;
};

}  // namespace ugatit
