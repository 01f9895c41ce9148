// losses.csv made short: at most 1000 points a column, however long the training.
//
// A point covers a number of iterations in a row and has their mean, least and greatest value. When there are too many
// points, neighbours are joined and each covers twice as many.
#pragma once

#include "row_reader.hpp"

#include <ugatit/core/error.hpp>
#include <ugatit/core/shape.hpp>
#include <ugatit/io/text.hpp>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

namespace ugatit::examples {

class LossHistory {
 public:
  static constexpr std::size_t most_points = 1000;

  struct Value {
    double sum = 0;
    double low = 0;
    double high = 0;
  };

  struct Point {
    Index first = 0;  ///< its first iteration
    Index count = 0;
    std::vector<Value> values;  ///< one a column

    double mean(std::size_t column) const { return values[column].sum / static_cast<double>(count); }
  };

  explicit LossHistory(std::filesystem::path path) : rows_(std::move(path)) {}

  /// Takes up the rows that the file has gained since the last call.
  void refresh() {
    rows_.each_new([this](const std::string& line) {
      if (columns_.empty()) {
        read_header(line);
      } else {
        add(line);
      }
    });
  }

  /// The columns after `iteration`.
  const std::vector<std::string>& columns() const { return columns_; }
  const std::vector<Point>& points() const { return points_; }

 private:
  void read_header(const std::string& line) {
    for (std::size_t at = line.find(','); at != std::string::npos;) {
      const std::size_t next = line.find(',', at + 1);
      columns_.push_back(line.substr(at + 1, next == std::string::npos ? next : next - at - 1));
      at = next;
    }
    if (!line.starts_with("iteration,")) throw Error(one_line(rows_.path()) + " is no table of losses; move it away");
  }

  void add(const std::string& line) {
    const char* at = line.data();
    const char* const end = at + line.size();
    Index iteration = 0;
    at = std::from_chars(at, end, iteration).ptr;
    row_.clear();
    while (at != end && *at == ',') {
      double value = 0;
      at = std::from_chars(at + 1, end, value).ptr;
      row_.push_back({value, value, value});
    }
    if (row_.size() != columns_.size()) throw Error(one_line(rows_.path()) + " has a damaged row: " + one_line(line));
    if (points_.empty() || points_.back().count == width_) {
      if (points_.size() == most_points) halve();
      points_.push_back({iteration, 1, row_});
    } else {
      join(points_.back(), {iteration, 1, row_});
    }
  }

  static void join(Point& point, const Point& next) {
    point.count += next.count;
    for (std::size_t i = 0; i < point.values.size(); ++i) {
      point.values[i].sum += next.values[i].sum;
      point.values[i].low = std::min(point.values[i].low, next.values[i].low);
      point.values[i].high = std::max(point.values[i].high, next.values[i].high);
    }
  }

  void halve() {
    for (std::size_t i = 0; i < most_points / 2; ++i) {
      join(points_[2 * i], points_[2 * i + 1]);
      if (i > 0) points_[i] = std::move(points_[2 * i]);
    }
    points_.resize(most_points / 2);
    width_ *= 2;
  }

  RowReader rows_;
  std::vector<std::string> columns_;
  std::vector<Point> points_;
  std::vector<Value> row_;
  Index width_ = 1;  // iterations that a full point covers
};

}  // namespace ugatit::examples
