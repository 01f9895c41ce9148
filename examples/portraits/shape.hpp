// Outlines made of curves, and the signed distance to them.
#pragma once

#include "vector.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <span>
#include <utility>
#include <vector>

namespace ugatit::portraits {

/// A pen that draws lines and curves; corners are where two of them meet.
class Path {
 public:
  explicit Path(Vec2 start) : points_{start} {}

  Path& line(Vec2 end) {
    points_.push_back(end);
    return *this;
  }

  /// A quadratic Bezier curve that leaves towards `control` and arrives from there.
  Path& curve(Vec2 control, Vec2 end) {
    const Vec2 start = points_.back();
    constexpr int pieces = 9;
    for (int i = 1; i <= pieces; ++i) {
      const double t = i / double{pieces};
      points_.push_back(mix(mix(start, control, t), mix(control, end, t), t));
    }
    return *this;
  }

  const std::vector<Vec2>& points() const { return points_; }

 private:
  std::vector<Vec2> points_;
};

/// A closed curve without corners through all knots (Catmull-Rom).
inline std::vector<Vec2> smooth_loop(std::span<const Vec2> knots) {
  std::vector<Vec2> points;
  const std::size_t n = knots.size();
  constexpr int pieces = 5;
  for (std::size_t i = 0; i < n; ++i) {
    const Vec2 before = knots[(i + n - 1) % n];
    const Vec2 from = knots[i];
    const Vec2 to = knots[(i + 1) % n];
    const Vec2 after = knots[(i + 2) % n];
    for (int piece = 0; piece < pieces; ++piece) {
      const double t = piece / double{pieces};
      const Vec2 a = (to - before) * 0.5;
      const Vec2 b = before - from * 2.5 + to * 2 - after * 0.5;
      const Vec2 c = from * 1.5 - to * 1.5 + (after - before) * 0.5;
      points.push_back(from + (a + (b + c * t) * t) * t);
    }
  }
  return points;
}

/// The inside of a closed outline.
///
/// The exact distance looks at every edge. It is needed near the outline only, so elsewhere the distance is
/// interpolated between the nodes of a coarse grid; and near the outline few edges can be the nearest, which every cell
/// lists.
class Shape {
 public:
  Shape() = default;

  explicit Shape(std::vector<Vec2> points) : points_(std::move(points)) {
    low_ = high_ = points_.front();
    for (const Vec2 p : points_) {
      low_ = {std::min(low_.x, p.x), std::min(low_.y, p.y)};
      high_ = {std::max(high_.x, p.x), std::max(high_.y, p.y)};
    }
    low_ = low_ - Vec2{margin, margin};
    high_ = high_ + Vec2{margin, margin};
    step_ = {(high_.x - low_.x) / cells, (high_.y - low_.y) / cells};
    for (int y = 0; y <= cells; ++y) {
      for (int x = 0; x <= cells; ++x) nodes_[index(x, y)] = exact(corner(x, y));
    }
    list_edges();
  }

  explicit Shape(const Path& path) : Shape(path.points()) {}

  /// Negative inside; far outside a lower bound of at least 0.1, as no outline or shadow reaches that far.
  double distance(Vec2 p) const {
    if (points_.empty() || p.x <= low_.x || p.y <= low_.y || p.x >= high_.x || p.y >= high_.y) return margin;
    const double x = (p.x - low_.x) / step_.x;
    const double y = (p.y - low_.y) / step_.y;
    const int column = std::min(static_cast<int>(x), cells - 1);
    const int row = std::min(static_cast<int>(y), cells - 1);
    const std::size_t cell = index(column, row);
    if (first_[cell] != first_[cell + 1]) return near(p, column, row);
    const double u = x - column;
    const double v = y - row;
    return mix(mix(nodes_[cell], nodes_[cell + 1], u), mix(nodes_[cell + cells + 1], nodes_[cell + cells + 2], u), v);
  }

 private:
  static constexpr int cells = 28;
  static constexpr double margin = 0.1;

  static std::size_t index(int x, int y) { return static_cast<std::size_t>(y * (cells + 1) + x); }
  static double cross(Vec2 a, Vec2 b) { return a.x * b.y - a.y * b.x; }
  Vec2 corner(int x, int y) const { return {low_.x + x * step_.x, low_.y + y * step_.y}; }
  Vec2 start_of(std::size_t edge) const { return points_[edge == 0 ? points_.size() - 1 : edge - 1]; }

  static double to_edge(Vec2 p, Vec2 from, Vec2 to) {  // squared
    const Vec2 edge = to - from;
    const Vec2 off = p - from - edge * clamp01(dot(p - from, edge) / std::max(dot(edge, edge), 1e-12));
    return dot(off, off);
  }

  /// From all edges.
  double exact(Vec2 p) const {
    double nearest = std::numeric_limits<double>::max();
    bool inside = false;
    Vec2 from = points_.back();
    for (const Vec2 to : points_) {
      nearest = std::min(nearest, to_edge(p, from, to));
      // An edge that crosses the ray to the right flips inside and outside.
      const bool crosses = (from.y > p.y) != (to.y > p.y);
      if (crosses && (cross(p - from, to - from) < 0) == (to.y > from.y)) inside = !inside;
      from = to;
    }
    return inside ? -std::sqrt(nearest) : std::sqrt(nearest);
  }

  /// From the edges listed for a cell. An edge between `p` and the cell's corner flips the corner's side.
  double near(Vec2 p, int column, int row) const {
    const std::size_t cell = index(column, row);
    const Vec2 known = corner(column, row);
    const Vec2 way = known - p;
    double nearest = std::numeric_limits<double>::max();
    bool inside = nodes_[cell] < 0;
    for (std::size_t i = first_[cell]; i < first_[cell + 1]; ++i) {
      const Vec2 from = start_of(edges_[i]);
      const Vec2 to = points_[edges_[i]];
      nearest = std::min(nearest, to_edge(p, from, to));
      const bool parted = (cross(way, from - p) > 0) != (cross(way, to - p) > 0);
      if (parted && (cross(to - from, p - from) > 0) != (cross(to - from, known - from) > 0)) inside = !inside;
    }
    return inside ? -std::sqrt(nearest) : std::sqrt(nearest);
  }

  /// For each cell that the outline may pass, or pass close by, the edges that are the nearest to any of its points.
  void list_edges() {
    const double radius = 0.5 * length(step_);
    for (int y = 0; y <= cells; ++y) {
      for (int x = 0; x <= cells; ++x) {
        first_[index(x, y)] = edges_.size();
        if (x == cells || y == cells || std::abs(nodes_[index(x, y)]) > 4 * radius) continue;
        const Vec2 middle = corner(x, y) + step_ * 0.5;
        const double reach = std::abs(exact(middle)) + 2 * radius;
        if (reach > 4 * radius) continue;
        for (std::size_t edge = 0; edge < points_.size(); ++edge) {
          if (to_edge(middle, start_of(edge), points_[edge]) <= square(reach)) edges_.push_back(edge);
        }
      }
    }
    first_.back() = edges_.size();
  }

  std::vector<Vec2> points_;
  Vec2 low_, high_, step_;
  std::array<double, std::size_t{cells + 1} * (cells + 1)> nodes_{};
  std::array<std::size_t, std::size_t{cells + 1} * (cells + 1) + 1> first_{};  // of a cell, in edges_
  std::vector<std::size_t> edges_;
};

}  // namespace ugatit::portraits
