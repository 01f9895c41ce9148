// RESULT_DIR/DATASET/report.html: how the training goes, as one page that needs no network.
//
// The page (training/report.html) draws itself from the data that are put into it here: curves out of losses.csv and
// metrics.csv, histograms out of rho.csv, sheets out of img/ as small JPEGs, the learning rate, speed and settings. Its
// size is bounded, whatever the length of the training: 1000 points a curve, 100 histograms a layer, 17 sheets a
// direction.
#pragma once

#include "loss_history.hpp"
#include "options.hpp"
#include "result_folder.hpp"
#include "rho_log.hpp"
#include "thumbnails.hpp"
#include "training/report_page.hpp"

#include <ugatit/models/description.hpp>
#include <ugatit/train/schedule.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cmath>
#include <ctime>

namespace ugatit::examples {

class Report {
 public:
  /// `done` iterations have been trained before: sheets up to there belong to this training, later ones to another.
  Report(const TrainingOptions& options, Index done)
      : o_(options),
        results_(options),
        history_(results_.losses()),
        metrics_(results_.metrics()),
        rho_(results_.rho()),
        start_(Clock::now()),
        start_iteration_(done) {
    for (const Index iteration : results_.sheets()) {
      if (iteration <= done) sheets_.push_back(iteration);
    }
  }

  /// Writes the page anew. Throws `Error` where it cannot be written.
  void write(Index iteration, double learning_rate) {
    history_.refresh();
    if (o_.evaluate_every > 0) metrics_.refresh();
    rho_.refresh();
    const bool is_new = sheets_.empty() || sheets_.back() < iteration;
    std::error_code missing;
    if (is_new && std::filesystem::exists(results_.sheet("A2B", iteration), missing)) sheets_.push_back(iteration);
    const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
    const double speed = seconds > 0 ? static_cast<double>(iteration - start_iteration_) / seconds : 0;
    const nlohmann::json data{{"dataset", o_.dataset},
                              {"model", describe(o_.model)},
                              {"iteration", iteration},
                              {"iterations", o_.iterations},
                              {"speed", short_number(speed)},
                              {"written", now()},
                              {"settings", settings_of(o_)},
                              {"curves", curves(history_)},
                              {"metrics", curves(metrics_)},
                              {"rho", rho()},
                              {"learning_rate", learning_rates(learning_rate)},
                              {"sheets", {{"A2B", sheets("A2B")}, {"B2A", sheets("B2A")}}}};
    // Names come from outside: what is no UTF-8 is replaced, and nothing may end the script that holds the data.
    std::string text = data.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos;) text.replace(at, 1, "\\u003c");
    std::string page = report_page;
    const std::string place = "@DATA@";
    page.replace(page.find(place), place.size(), text);
    write_file(results_.report(), std::as_bytes(std::span(page)));
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t most_sheets = 16;

  // Five digits: a page is for the eye.
  static double short_number(double x) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%.5g", x);
    return std::strtod(digits, nullptr);
  }

  static std::string now() {
    const std::time_t time = std::time(nullptr);
    std::tm parts{};
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", localtime_r(&time, &parts));
    return text;
  }

  static nlohmann::json curves(const LossHistory& history) {
    nlohmann::json iterations = nlohmann::json::array();
    for (const LossHistory::Point& point : history.points()) iterations.push_back(point.first + point.count / 2);
    nlohmann::json columns = nlohmann::json::object();
    for (std::size_t i = 0; i < history.columns().size(); ++i) {
      nlohmann::json& column = columns[history.columns()[i]];
      for (const char* name : {"mean", "low", "high"}) column[name] = nlohmann::json::array();
      for (const LossHistory::Point& point : history.points()) {
        column["mean"].push_back(short_number(point.mean(i)));
        column["low"].push_back(short_number(point.values[i].low));
        column["high"].push_back(short_number(point.values[i].high));
      }
    }
    return {{"iteration", iterations}, {"columns", columns}};
  }

  // Each layer's histograms, in the order of the layers.
  nlohmann::json rho() const {
    nlohmann::json layers = nlohmann::json::array();
    for (const std::string& name : rho_.names()) {
      layers.push_back({{"name", name}, {"counts", rho_.layers().at(name)}});
    }
    return {{"iteration", rho_.iterations()}, {"layers", layers}};
  }

  // The whole schedule, past and to come, at about a hundred places.
  nlohmann::json learning_rates(double current) const {
    const Schedule schedule = o_.settings().schedule;
    const Index stride = std::max<Index>(1, o_.iterations / 100);
    nlohmann::json iterations = nlohmann::json::array();
    nlohmann::json rates = nlohmann::json::array();
    double rate = schedule.base;
    for (Index i = 1; i <= o_.iterations; ++i) {
      rate = schedule.next(rate, i);
      if (i % stride != 0 && i != 1 && i != o_.iterations) continue;
      iterations.push_back(i);
      rates.push_back(short_number(std::max(rate, 0.0)));
    }
    return {{"now", short_number(std::max(current, 0.0))}, {"iteration", iterations}, {"rate", rates}};
  }

  nlohmann::json sheets(const std::string& direction) {
    nlohmann::json list = nlohmann::json::array();
    std::map<std::filesystem::path, std::string> kept;
    for (const std::size_t entry : shown_entries(sheets_.size(), most_sheets)) {
      const std::filesystem::path path = results_.sheet(direction, sheets_[entry]);
      try {
        const auto known = thumbnails_[direction].find(path);
        kept[path] = known != thumbnails_[direction].end() ? known->second : thumbnail(read_image(path));
        list.push_back({{"iteration", sheets_[entry]}, {"image", kept[path]}});
      } catch (const Error&) {
        // A sheet that somebody has removed is not shown.
      }
    }
    thumbnails_[direction] = std::move(kept);
    return list;
  }

  const TrainingOptions& o_;
  ResultFolder results_;
  LossHistory history_;
  LossHistory metrics_;
  RhoHistory rho_;
  Clock::time_point start_;
  Index start_iteration_;
  std::vector<Index> sheets_;  // iterations, in order
  std::map<std::string, std::map<std::filesystem::path, std::string>> thumbnails_;
};

}  // namespace ugatit::examples
