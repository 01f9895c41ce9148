// rho.csv: histograms of ρ, a row for each layer every --print_freq iterations; and what a report keeps of it.
#pragma once

#include "rho.hpp"
#include "row_log.hpp"
#include "row_reader.hpp"

#include <map>

namespace ugatit::examples {

class RhoLog {
 public:
  RhoLog(const std::filesystem::path& path, Index done) : log_(path, columns(), done) {}

  void add(Index iteration, const std::string& layer, const RhoHistogram& histogram) {
    log_.begin(iteration);
    log_.add(layer);
    for (const int count : histogram) log_.add(count, 9);
    log_.end();
  }

 private:
  static std::vector<std::string> columns() {
    std::vector<std::string> names{"layer"};
    for (std::size_t bin = 0; bin < rho_bins; ++bin) names.push_back("bin_" + std::to_string(bin));
    return names;
  }

  RowLog log_;
};

/// rho.csv made short: at most 100 moments, evenly spread.
class RhoHistory {
 public:
  static constexpr std::size_t most_moments = 100;

  explicit RhoHistory(std::filesystem::path path) : rows_(std::move(path)) {}

  /// Takes up the rows that the file has gained since the last call.
  void refresh() {
    rows_.each_new([this](const std::string& line) {
      if (!line.starts_with("iteration,")) add(line);
    });
  }

  const std::vector<Index>& iterations() const { return iterations_; }
  /// Each layer's histograms, one for each of `iterations`.
  const std::map<std::string, std::vector<RhoHistogram>>& layers() const { return layers_; }
  /// The layers in the order of the file.
  const std::vector<std::string>& names() const { return names_; }

 private:
  void add(const std::string& line) {
    const char* at = line.data();
    const char* const end = at + line.size();
    Index iteration = 0;
    at = std::from_chars(at, end, iteration).ptr;
    const std::size_t name_begin = static_cast<std::size_t>(at - line.data()) + 1;
    const std::size_t name_end = line.find(',', name_begin);
    if (name_end == std::string::npos) throw Error(one_line(rows_.path()) + " has a damaged row: " + one_line(line));
    const std::string name = line.substr(name_begin, name_end - name_begin);
    RhoHistogram histogram{};
    at = line.data() + name_end;
    for (int& count : histogram) {
      if (at != end) at = std::from_chars(at + 1, end, count).ptr;
    }
    if (iteration != seen_) begin(iteration);
    if (!is_kept_) return;
    if (!layers_.contains(name)) names_.push_back(name);
    layers_[name].push_back(histogram);
  }

  // Every stride-th moment is kept; when there are too many, every other one of those goes.
  void begin(Index iteration) {
    seen_ = iteration;
    if (iterations_.size() == most_moments && moments_ % stride_ == 0) {
      const auto thin = [](auto& list) {
        for (std::size_t i = 1; 2 * i < list.size(); ++i) list[i] = list[2 * i];
        list.resize((list.size() + 1) / 2);
      };
      thin(iterations_);
      for (auto& [name, histograms] : layers_) thin(histograms);
      stride_ *= 2;
    }
    is_kept_ = moments_++ % stride_ == 0;
    if (is_kept_) iterations_.push_back(iteration);
  }

  RowReader rows_;
  Index seen_ = 0;
  std::size_t moments_ = 0;
  std::size_t stride_ = 1;
  bool is_kept_ = false;
  std::vector<Index> iterations_;
  std::vector<std::string> names_;
  std::map<std::string, std::vector<RhoHistogram>> layers_;
};

}  // namespace ugatit::examples
