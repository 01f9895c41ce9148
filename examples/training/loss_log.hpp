// losses.csv: one row an iteration: every term, gradient norms, and where ρ of each layer stands.
#pragma once

#include "row_log.hpp"

#include <ugatit/train/trainer.hpp>

#include <array>

namespace ugatit::examples {

/// One row of losses.csv.
struct LossRow {
  LossTerms terms;
  std::array<double, 6> gradient_norms{};  ///< in the order of `network_names`
  std::vector<double> rho_means;           ///< of each layer
};

class LossLog {
 public:
  /// `networks` and `rhos` name the columns of gradient norms and of ρ; `digits` are those of the terms.
  template <class Networks>
  LossLog(const std::filesystem::path& path, Index done, int digits, const Networks& networks,
          const std::vector<std::string>& rhos)
      : columns_(columns_of(networks, rhos)), log_(path, columns_, done), digits_(digits) {}

  void add(Index iteration, const LossRow& row, const LossWeights& weights) {
    values_.clear();
    const auto append = [this](const auto& values) { values_.insert(values_.end(), values.begin(), values.end()); };
    append(std::array{row.terms.discriminators(weights), row.terms.generators(weights)});
    append(row.terms.values());
    append(row.terms.parts());
    const std::size_t terms = values_.size();
    append(row.gradient_norms);
    append(row.rho_means);
    log_.begin(iteration);
    for (std::size_t i = 0; i < values_.size(); ++i) log_.add(values_[i], i < terms ? digits_ : few_digits);
    log_.end();
  }

  /// The columns after `iteration`, and the values of the last row.
  const std::vector<std::string>& columns() const { return columns_; }
  const std::vector<double>& values() const { return values_; }

 private:
  static constexpr int few_digits = 6;  // what is only looked at

  template <class Networks>
  static std::vector<std::string> columns_of(const Networks& networks, const std::vector<std::string>& rhos) {
    std::vector<std::string> columns{"d_loss", "g_loss"};
    columns.insert(columns.end(), LossTerms::names().begin(), LossTerms::names().end());
    columns.insert(columns.end(), LossTerms::part_names().begin(), LossTerms::part_names().end());
    for (const char* network : networks) columns.push_back(std::string("gradient_") + network);
    columns.insert(columns.end(), rhos.begin(), rhos.end());
    return columns;
  }

  std::vector<std::string> columns_;
  RowLog log_;
  int digits_;
  std::vector<double> values_;
};

}  // namespace ugatit::examples
