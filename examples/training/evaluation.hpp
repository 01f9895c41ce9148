// --evaluate_every: all test images through the generators, scored, as rows of metrics.csv.
//
// Where an image of testA has a partner of its name in testB (whatever the ending), the translation is compared with
// it: L1 and SSIM, as the program `evaluate` does. With Inception weights the translations of a direction are compared
// with the other domain's test images as a set: KID.
#pragma once

#include "common/partners.hpp"
#include "common/pictures.hpp"
#include "loss_history.hpp"
#include "options.hpp"
#include "row_log.hpp"

#include <ugatit/metrics/inception.hpp>
#include <ugatit/metrics/kernel_distance.hpp>
#include <ugatit/metrics/pair.hpp>
#include <ugatit/metrics/ssim.hpp>

#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <set>

namespace ugatit::examples {

template <class D>
class Evaluation {
 public:
  using Warn = std::function<void(const std::string&)>;

  /// `table` is metrics.csv, of whose rows those up to iteration `done` are kept. Throws `Error` where nothing can be
  /// scored, or the chosen measure cannot.
  Evaluation(D& dev, const TrainingOptions& options, const std::filesystem::path& data,
             const std::filesystem::path& table, Index done, Warn warn)
      : dev_(dev), o_(options), warn_(std::move(warn)) {
    directions_[0] = {"A2B", list_images(data / "testA"), list_images(data / "testB"), {}};
    directions_[1] = {"B2A", directions_[0].targets, directions_[0].sources, {}};
    if (Partners(directions_[0].targets).of_any(directions_[0].sources)) measures_ = {"l1", "ssim"};
    if (!o_.inception.empty()) {
      inception_ = std::make_unique<Inception>(WeightsFile(o_.inception), o_.on.threads);
      measures_.emplace_back("kid");
    }
    if (measures_.empty()) {
      throw Error(one_line(data) + " has no images of one name in testA and testB, which --evaluate_every compares; " +
                  "give --inception to compare sets");
    }
    chosen_ = o_.metric.empty() ? measures_.front() : o_.metric;
    if (std::ranges::find(measures_, chosen_) == measures_.end()) {
      throw Error(chosen_ == "kid" ? "--metric kid needs --inception"
                                   : "--metric " + chosen_ + " needs images of one name in testA and testB");
    }
    for (const std::string& measure : measures_) {
      for (const char* end : {"", "_A2B", "_B2A"}) columns_.push_back(measure + end);
    }
    log_ = std::make_unique<RowLog>(table, columns_, done);
    read_best(table);
  }

  /// Adds a row. True where the chosen measure is better than ever before.
  bool score(Index iteration, Network<D, 3>& a2b, Network<D, 3>& b2a) {
    const std::map<std::string, double> there = scores(directions_[0], a2b);
    const std::map<std::string, double> back = scores(directions_[1], b2a);
    log_->begin(iteration);
    summary_.clear();
    values_.clear();
    double now = 0;
    for (const std::string& measure : measures_) {
      const double mean = (there.at(measure) + back.at(measure)) / 2;
      values_.insert(values_.end(), {mean, there.at(measure), back.at(measure)});
      char text[64];
      std::snprintf(text, sizeof text, "  %s %.4f (A2B %.4f, B2A %.4f)", measure.c_str(), mean, there.at(measure),
                    back.at(measure));
      summary_ += text;
      if (measure == chosen_) now = mean;
    }
    for (const double value : values_) log_->add(value, 9);
    log_->end();
    if (!is_better(now)) return false;
    best_ = now;
    return true;
  }

  /// The columns after `iteration`, and the last row.
  const std::vector<std::string>& columns() const { return columns_; }
  const std::vector<double>& values() const { return values_; }
  /// The last row in words.
  const std::string& summary() const { return summary_; }

 private:
  struct Direction {
    std::string name;
    std::vector<std::filesystem::path> sources, targets;
    FeatureMatrix features;  ///< of the targets, once they were wanted
  };

  bool is_better(double value) const {
    if (std::isnan(best_)) return !std::isnan(value);
    return chosen_ == "ssim" ? value > best_ : value < best_;
  }

  void read_best(const std::filesystem::path& table) {
    LossHistory history(table);
    history.refresh();
    const auto column = std::ranges::find(history.columns(), chosen_) - history.columns().begin();
    for (const LossHistory::Point& point : history.points()) {
      const LossHistory::Value& value = point.values[static_cast<std::size_t>(column)];
      const double best = chosen_ == "ssim" ? value.high : value.low;
      if (is_better(best)) best_ = best;
    }
  }

  // At the training's size, or nothing for a file that cannot be read, which is named once.
  std::optional<Image> picture(const std::filesystem::path& file) {
    const int side = static_cast<int>(o_.model.img_size);
    try {
      return resize(read_image(file), side, side);
    } catch (const Error& error) {
      if (unreadable_.insert(file).second) warn_(error.what());
      return std::nullopt;
    }
  }

  std::map<std::string, double> scores(Direction& direction, Network<D, 3>& generator) {
    const Partners partners(direction.targets);
    const InMode<D> inference(dev_, Mode::infer());
    std::vector<Image> translations;
    double sum_l1 = 0;
    double sum_ssim = 0;
    int pairs = 0;
    for (const std::filesystem::path& file : direction.sources) {
      const std::filesystem::path* const partner = partners.of(file);
      if (partner == nullptr && !inception_) continue;
      const std::optional<Image> source = picture(file);
      if (!source) continue;
      Image translated = to_picture(dev_, generator.forward(to_device(dev_, *source)).image());
      const std::optional<Image> truth = partner == nullptr ? std::nullopt : picture(*partner);
      if (truth) {
        sum_l1 += l1(*truth, translated);
        sum_ssim += ssim(*truth, translated);
        ++pairs;
      }
      if (inception_) translations.push_back(std::move(translated));
    }
    std::map<std::string, double> all{{"l1", sum_l1 / pairs}, {"ssim", sum_ssim / pairs}};
    if (inception_) all["kid"] = kid(direction, translations);
    return all;
  }

  double kid(Direction& direction, const std::vector<Image>& translations) {
    if (direction.features.size() == 0) {
      std::vector<Image> targets;
      for (const std::filesystem::path& file : direction.targets) {
        if (std::optional<Image> target = picture(file)) targets.push_back(std::move(*target));
      }
      direction.features = inception_->features(targets);
    }
    return kernel_distance(direction.features, inception_->features(translations)).mean;
  }

  D& dev_;
  const TrainingOptions& o_;
  Warn warn_;
  std::array<Direction, 2> directions_;
  std::unique_ptr<Inception> inception_;
  std::vector<std::string> measures_;
  std::string chosen_;
  std::vector<std::string> columns_;
  std::vector<double> values_;
  std::unique_ptr<RowLog> log_;
  std::set<std::filesystem::path> unreadable_;
  std::string summary_;
  double best_ = std::nan("");
};

}  // namespace ugatit::examples
