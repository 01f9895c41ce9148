// Outlines made of curves, and the signed distance to them.
#pragma once

#include "vector.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <span>
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
/// interpolated between the nodes of a coarse grid that is filled once.
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
    near_ = 1.2 * std::max(step_.x, step_.y);
    for (int y = 0; y <= cells; ++y) {
      for (int x = 0; x <= cells; ++x) node(x, y) = exact({low_.x + x * step_.x, low_.y + y * step_.y});
    }
  }

  explicit Shape(const Path& path) : Shape(path.points()) {}

  /// Negative inside; far outside a lower bound of at least 0.1, as no outline or shadow reaches that far.
  double distance(Vec2 p) const {
    if (points_.empty() || p.x <= low_.x || p.y <= low_.y || p.x >= high_.x || p.y >= high_.y) return margin;
    const double x = (p.x - low_.x) / step_.x;
    const double y = (p.y - low_.y) / step_.y;
    const int column = std::min(static_cast<int>(x), cells - 1);
    const int row = std::min(static_cast<int>(y), cells - 1);
    const double u = x - column;
    const double v = y - row;
    const double guess = mix(mix(node(column, row), node(column + 1, row), u),
                             mix(node(column, row + 1), node(column + 1, row + 1), u), v);
    return std::abs(guess) > near_ ? guess : exact(p);
  }

 private:
  static constexpr int cells = 28;
  static constexpr double margin = 0.1;

  static std::size_t index(int x, int y) { return static_cast<std::size_t>(y * (cells + 1) + x); }
  double node(int x, int y) const { return nodes_[index(x, y)]; }
  double& node(int x, int y) { return nodes_[index(x, y)]; }

  double exact(Vec2 p) const {
    double nearest = std::numeric_limits<double>::max();
    bool inside = false;
    Vec2 from = points_.back();
    for (const Vec2 to : points_) {
      const Vec2 edge = to - from;
      const Vec2 w = p - from;
      const Vec2 off = w - edge * clamp01(dot(w, edge) / std::max(dot(edge, edge), 1e-12));
      nearest = std::min(nearest, dot(off, off));
      // An edge that crosses the ray to the right flips inside and outside.
      if ((from.y > p.y) != (to.y > p.y) && (w.x * edge.y - w.y * edge.x < 0) == (edge.y > 0)) inside = !inside;
      from = to;
    }
    return inside ? -std::sqrt(nearest) : std::sqrt(nearest);
  }

  std::vector<Vec2> points_;
  Vec2 low_, high_, step_;
  double near_ = 0;
  std::array<double, std::size_t{cells + 1} * (cells + 1)> nodes_{};
};

}  // namespace ugatit::portraits
