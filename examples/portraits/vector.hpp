// Points in the plane, directions in space, and the few curves that everything here is drawn with.
#pragma once

#include <algorithm>
#include <cmath>

namespace ugatit::portraits {

/// A point or a direction; y points down, as in an image.
struct Vec2 {
  double x = 0;
  double y = 0;
  friend bool operator==(const Vec2&, const Vec2&) = default;
};

inline Vec2 operator+(Vec2 a, Vec2 b) {
  return {a.x + b.x, a.y + b.y};
}
inline Vec2 operator-(Vec2 a, Vec2 b) {
  return {a.x - b.x, a.y - b.y};
}
inline Vec2 operator*(Vec2 a, double k) {
  return {a.x * k, a.y * k};
}
inline double dot(Vec2 a, Vec2 b) {
  return a.x * b.x + a.y * b.y;
}
inline double length(Vec2 a) {
  return std::sqrt(dot(a, a));
}

/// Turned clockwise as seen in an image.
inline Vec2 rotate(Vec2 a, double angle) {
  const double c = std::cos(angle);
  const double s = std::sin(angle);
  return {c * a.x - s * a.y, s * a.x + c * a.y};
}

/// A direction in space; z points at the viewer.
struct Vec3 {
  double x = 0;
  double y = 0;
  double z = 0;
};

inline double dot(Vec3 a, Vec3 b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}
inline Vec3 normalize(Vec3 a) {
  const double k = 1 / std::sqrt(dot(a, a));
  return {a.x * k, a.y * k, a.z * k};
}

inline double square(double x) {
  return x * x;
}
inline double clamp01(double x) {
  return std::clamp(x, 0.0, 1.0);
}
inline double mix(double a, double b, double t) {
  return a + (b - a) * t;
}
inline Vec2 mix(Vec2 a, Vec2 b, double t) {
  return a + (b - a) * t;
}

/// From 0 at `from` to 1 at `to`, flat at both ends.
inline double smoothstep(double from, double to, double x) {
  const double t = clamp01((x - from) / (to - from));
  return t * t * (3 - 2 * t);
}

/// A bell around 0 that ends at ±radius; cheaper than a Gaussian and nothing beyond its end.
inline double bell(double x, double radius) {
  return square(std::max(0.0, 1 - square(x / radius)));
}

/// A bell over an ellipse around `centre`.
inline double spot(Vec2 p, Vec2 centre, Vec2 radius) {
  return square(std::max(0.0, 1 - square((p.x - centre.x) / radius.x) - square((p.y - centre.y) / radius.y)));
}

/// How much of a sample lies inside an outline whose signed distance is `distance` (negative inside).
inline double coverage(double distance, double softness) {
  return clamp01(0.5 - distance / softness);
}

/// Roughly the signed distance to an ellipse around the origin.
inline double ellipse(Vec2 p, Vec2 radius) {
  const double k = length({p.x / radius.x, p.y / radius.y});
  return (k - 1) * std::min(radius.x, radius.y);
}

/// Distance to a line from a to b.
inline double segment(Vec2 p, Vec2 a, Vec2 b) {
  const Vec2 edge = b - a;
  return length(p - a - edge * clamp01(dot(p - a, edge) / dot(edge, edge)));
}

}  // namespace ugatit::portraits
