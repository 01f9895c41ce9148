// The training loop: batches in, iterations, sheets, checkpoints, a way out at any moment.
#pragma once

#include "common/interrupt.hpp"
#include "common/progress.hpp"
#include "evaluation.hpp"
#include "loss_log.hpp"
#include "networks/networks.hpp"
#include "options.hpp"
#include "report.hpp"
#include "result_folder.hpp"
#include "rho_log.hpp"
#include "sheets.hpp"
#include "tensorboard.hpp"

#include <ugatit/train/checkpoint.hpp>

#include <array>
#include <memory>
#include <string>

namespace ugatit::examples {

template <class D>
class Training {
 public:
  using Scalar = typename D::Scalar;

  Training(D& dev, const TrainingOptions& options)
      : dev_(dev), o_(options), results_(options), data_(std::filesystem::path(options.data_dir) / options.dataset) {
    // What is cheap to check is checked before anything large is allocated.
    list_images(data_ / "trainA");
    list_images(data_ / "trainB");
    const std::optional<Index> resume_from = checkpoint_to_resume();
    std::optional<WeightsFile> weights;
    if (resume_from) {
      weights = open_weights(results_.checkpoint(*resume_from));
    } else if (!o_.init_weights.empty()) {
      weights = open_weights(o_.init_weights);
    }
    if (weights) require_model(*weights, o_.model, resume_from.has_value());
    results_.create();
    trainer_ = std::make_unique<Trainer<D>>(dev, make_networks(dev, options.model), options.settings());
    if (o_.ema > 0) {
      const auto generator = [this] { return make_generator(dev_, o_.model, o_.model.image()); };
      trainer_->keep_averages(generator(), generator(), o_.ema);
    }
    state_.seed = o_.seed;
    state_.batch_size = o_.batch_size;
    if (resume_from) {
      resume(*weights);
    } else {
      trainer_->initialise(o_.seed);
      if (weights) read_weights(*weights, *trainer_, o_.model);
    }
    samples_a_ = first_images_of("A");
    samples_b_ = first_images_of("B");
    if (o_.evaluate_every > 0) {
      evaluation_ = std::make_unique<Evaluation<D>>(dev, o_, data_, results_.metrics(), trainer_->iteration(),
                                                    [this](const std::string& line) { warn(line); });
    }
  }

  /// Trains to the end, or until interrupted.
  void run() {
    Loader<Scalar> loader_a(loader_settings("trainA", 0, state_.position_a), [this](const auto& line) { warn(line); });
    Loader<Scalar> loader_b(loader_settings("trainB", 1, state_.position_b), [this](const auto& line) { warn(line); });
    Rho<D> rho(dev_, *trainer_);
    LossLog log(results_.losses(), trainer_->iteration(), sizeof(Scalar) == 8 ? 17 : 9, Trainer<D>::network_names,
                rho.names());
    RhoLog rho_log(results_.rho(), trainer_->iteration());
    if (o_.tensorboard) board_ = std::make_unique<TensorBoard>(results_.tensorboard(), trainer_->iteration());
    LossRow row;
    report_ = std::make_unique<Report>(o_, trainer_->iteration());
    progress_ = std::make_unique<Progress>(trainer_->iteration(), o_.iterations, "iterations");
    watch_for_interrupts();
    Batches a(dev_, o_.model.image(o_.batch_size));
    Batches b(dev_, o_.model.image(o_.batch_size));
    Index started = trainer_->iteration();
    const auto start_next = [&] {
      trainer_->start(a.next(loader_a), b.next(loader_b));
      rho.start();
      ++started;
    };
    while (trainer_->iteration() < o_.iterations) {
      if (started == trainer_->iteration()) start_next();
      // One more, so that a device that works by itself has something to do while these losses are written down.
      if (works_by_itself<D> && !is_looked_at(started) && !interrupted()) start_next();
      const LossTerms& terms = trainer_->finish();
      state_.position_a = loader_a.position();
      state_.position_b = loader_b.position();
      const Index iteration = trainer_->iteration();
      row = {terms, trainer_->gradient_norms(), {}};
      const std::vector<std::vector<double>>& layers = rho.read();
      for (const std::vector<double>& layer : layers) row.rho_means.push_back(mean_of(layer));
      log.add(iteration, row, o_.weights);
      if (board_ && iteration % board_stride() == 0) board_->scalars("losses", log.columns(), log.values(), iteration);
      progress_->step([&] { return losses(terms); });
      // Before anything that says that this iteration is done: what a killed run lacks is made again.
      if (evaluation_ && (iteration % o_.evaluate_every == 0 || iteration == o_.iterations)) evaluate();
      if (iteration % o_.print_freq == 0 || iteration == o_.iterations) {
        for (std::size_t i = 0; i < rho.names().size(); ++i) {
          rho_log.add(iteration, rho.names()[i], rho_histogram(layers[i]));
        }
        write_sheets();
        if (board_) board_->histograms(rho.names(), layers, iteration);
        write_report();
      }
      if (iteration % o_.save_freq == 0 || iteration == o_.iterations) save();
      if (interrupted() && started == iteration && iteration < o_.iterations) return stop_early();
    }
    write_generator(results_.generator("A2B"), o_.model, "genA2B", trainer_->translators().a2b);
    write_generator(results_.generator("B2A"), o_.model, "genB2A", trainer_->translators().b2a);
    std::printf("trained: %s\n", results_.generator("A2B").c_str());
  }

 private:
  // Batches of one domain in the device's memory: one that an iteration looks at, and the next one.
  class Batches {
   public:
    Batches(D& dev, const Extent& extent)
        : images_{Images<D>(dev, extent), Images<D>(dev, extent)}, to_device_(dev, images_[0].size()) {}

    const Images<D>& next(Loader<Scalar>& loader) {
      const Images<D>& images = images_[turn_++ % images_.size()];
      to_device_.start(loader.next().data(), images.data());
      return images;
    }

   private:
    std::array<Images<D>, most_under_way> images_;
    AsyncWrite<D, Scalar> to_device_;
    std::size_t turn_ = 0;
  };

  // Whether something looks at the networks as they are after an iteration, so that the next one has to wait.
  bool is_looked_at(Index iteration) const {
    const auto is_due = [iteration](Index every) { return every > 0 && iteration % every == 0; };
    return iteration == o_.iterations || is_due(o_.print_freq) || is_due(o_.save_freq) || is_due(o_.evaluate_every);
  }

  std::optional<Index> checkpoint_to_resume() const {
    if (!o_.resume) return std::nullopt;
    if (o_.start_iter) return o_.start_iter;
    const std::optional<Index> newest = results_.newest_checkpoint();
    if (!newest) {
      std::fprintf(stderr, "no checkpoint in %s yet: starting from the beginning\n", results_.root().c_str());
    }
    return newest;
  }

  void resume(const WeightsFile& file) {
    state_ = read_checkpoint(file, *trainer_, o_.model);
    if (state_.seed != o_.seed || state_.batch_size != o_.batch_size) {
      throw Error(one_line(file.path()) + " is of a training with --seed " + std::to_string(state_.seed) +
                  " --batch_size " + std::to_string(state_.batch_size) + "; resume with the same");
    }
    std::printf("resuming from %s\n", file.path().c_str());
  }

  LoaderSettings loader_settings(const char* folder, unsigned domain, std::uint64_t position) const {
    return {{data_ / folder, static_cast<int>(o_.model.img_size), o_.seed, domain, o_.augment, o_.shuffle},
            static_cast<int>(o_.batch_size),
            position};
  }

  // Five images to learn from and five unseen ones, always the same, so that sheets can be compared.
  std::vector<Image> first_images_of(const std::string& domain) const {
    std::vector<Image> images = first_images(data_ / ("train" + domain), 5, static_cast<int>(o_.model.img_size));
    std::vector<Image> unseen = first_images(data_ / ("test" + domain), 5, static_cast<int>(o_.model.img_size));
    images.insert(images.end(), unseen.begin(), unseen.end());
    return images;
  }

  void write_sheets() {
    const Networks<D> net = trainer_->networks();
    write_sheet("A2B", net.a2b, net.b2a, samples_a_);
    write_sheet("B2A", net.b2a, net.a2b, samples_b_);
  }

  void write_sheet(const std::string& direction, Network<D, 3>& there, Network<D, 3>& back,
                   const std::vector<Image>& samples) {
    std::vector<std::vector<Image>> columns;
    for (const Image& sample : samples) columns.push_back(sheet_column(dev_, there, back, sample));
    if (columns.empty()) return;
    const std::filesystem::path path = results_.sheet(direction, trainer_->iteration());
    const Image sheet = contact_sheet(columns);
    write_png(path, sheet);
    if (board_) board_->sheet(direction, sheet, path, trainer_->iteration());
  }

  void write_report() { report_->write(trainer_->iteration(), trainer_->learning_rate()); }

  void save() { save_as(results_.checkpoint(trainer_->iteration())); }

  void save_as(const std::filesystem::path& path) {
    trainer_->require_finite_weights();
    write_checkpoint(path, *trainer_, o_.model, state_);
  }

  // Of losses, TensorBoard gets 10000 rows, as many as anybody can see.
  Index board_stride() const { return std::max<Index>(1, o_.iterations / 10000); }

  void evaluate() {
    const Networks<D> net = trainer_->translators();
    const bool is_best = evaluation_->score(trainer_->iteration(), net.a2b, net.b2a);
    if (is_best) save_as(results_.best());
    if (board_) board_->scalars("metrics", evaluation_->columns(), evaluation_->values(), trainer_->iteration());
    progress_->break_line();
    std::printf("iteration %ld:%s%s\n", static_cast<long>(trainer_->iteration()), evaluation_->summary().c_str(),
                is_best ? "  best so far" : "");
  }

  void stop_early() {
    save();
    write_report();
    progress_->break_line();
    std::printf("stopped: saved %s; go on with --resume True\n", results_.checkpoint(trainer_->iteration()).c_str());
  }

  std::string losses(const LossTerms& terms) const {
    char text[96];
    std::snprintf(text, sizeof text, "  d_loss %.4f  g_loss %.4f", terms.discriminators(o_.weights),
                  terms.generators(o_.weights));
    return text;
  }

  void warn(const std::string& line) {
    if (progress_) progress_->break_line();
    std::fprintf(stderr, "%s\n", line.c_str());
  }

  D& dev_;
  const TrainingOptions& o_;
  ResultFolder results_;
  std::filesystem::path data_;
  std::unique_ptr<Trainer<D>> trainer_;
  TrainingState state_;
  std::vector<Image> samples_a_;
  std::vector<Image> samples_b_;
  std::unique_ptr<Evaluation<D>> evaluation_;
  std::unique_ptr<TensorBoard> board_;
  std::unique_ptr<Report> report_;
  std::unique_ptr<Progress> progress_;
};

}  // namespace ugatit::examples
