// The outlines of hair: the same cut for both domains, soft in a photo, in pointed locks in a cartoon.
#pragma once

#include "identity.hpp"
#include "noise.hpp"
#include "shape.hpp"

#include <vector>

namespace ugatit::portraits {

/// Hair behind the face, in front of it, and what hangs or stands apart from the head.
struct HairShapes {
  Shape back;
  Shape front;
  std::vector<Shape> tails;
};

namespace detail {

/// Builds the outlines of one person's hair.
class Barber {
 public:
  Barber(const Identity& who, bool pointed) : who_(who), pointed_(pointed), width_(who.face_width) {}

  HairShapes cut() const { return {back(), front(), tails()}; }

 private:
  bool is(HairStyle style) const { return who_.hair_style == style; }
  double jitter(int index) const { return cell_noise(index, 0, who_.salt) - 0.5; }

  /// Locks from `a` to `b`, each with a tip moved by `fall` from the middle of its base.
  void locks(Path& path, Vec2 a, Vec2 b, int n, Vec2 fall, int seed) const {
    for (int i = 0; i < n; ++i) {
      const Vec2 from = mix(a, b, static_cast<double>(i) / n);
      const Vec2 to = mix(a, b, (i + 1.0) / n);
      const double size = 1 + 0.7 * jitter(seed + i);
      const Vec2 tip = mix(from, to, 0.5 + 0.5 * jitter(seed + i + 40)) + fall * size;
      if (pointed_) {
        path.curve(from + fall * (0.75 * size), tip).curve(to + fall * (0.45 * size), to);
      } else {
        path.curve(mix(from, to, 0.5) + fall * (0.8 * size), to);
      }
    }
  }

  Shape back() const {
    const double w = width_;
    if (is(HairStyle::curls)) return Shape(bumps({0, -0.14}, {w + 0.24, 0.66}, 15, 0.07));
    const bool loose = is(HairStyle::straight) || is(HairStyle::bob);
    if (!loose) {  // close to the head, down to the nape
      const Vec2 knots[] = {{0, -0.71},      {w * 0.75, -0.62}, {w + 0.08, -0.25},  {w + 0.03, 0.1},   {w * 0.6, 0.4},
                            {-w * 0.6, 0.4}, {-w - 0.03, 0.1},  {-w - 0.08, -0.25}, {-w * 0.75, -0.62}};
      return Shape(smooth_loop(knots));
    }
    const bool bob = is(HairStyle::bob);
    const double end = bob ? mix(0.42, 0.66, who_.hair_length) : mix(0.85, 1.6, who_.hair_length);
    const double wide = w + (bob ? 0.17 : 0.15) + 0.06 * who_.waves;
    Path path({0, -0.715});
    path.curve({w * 0.8, -0.73}, {w + 0.09, -0.3});
    path.curve({wide + 0.01, 0}, {wide + 0.02, end * 0.6});
    path.curve({wide + 0.03, end * 0.85}, {wide - (bob ? 0.05 : 0), end});
    locks(path, {wide - (bob ? 0.05 : 0), end}, {-wide + (bob ? 0.05 : 0), end}, bob ? 8 : 6, {0, bob ? 0.07 : 0.16},
          100);
    path.curve({-wide - 0.03, end * 0.85}, {-wide - 0.02, end * 0.6});
    path.curve({-wide - 0.01, 0}, {-w - 0.09, -0.3});
    path.curve({-w * 0.8, -0.73}, {0, -0.715});
    return Shape(path);
  }

  /// The height of the hair's edge above the face; `x` from -1 to 1 across the face.
  double edge(double x) const {
    const double part = who_.parting / width_;
    const double away = std::abs(x - part);
    switch (who_.fringe) {
      case Fringe::straight:
        return -0.2 + 0.05 * x * x;
      case Fringe::swept:
        return -0.42 + ((x > part) == (part < 0) ? 0.25 : 0.42) * std::min(1.0, away * 0.9);
      case Fringe::parted:
        return -0.45 + 0.42 * std::min(1.0, away);
      case Fringe::back:
        break;
    }
    return -0.43 + 0.2 * x * x;
  }

  Shape front() const {
    const double w = width_;
    const bool loose = is(HairStyle::straight) || is(HairStyle::bob);
    const double side = is(HairStyle::cropped) ? 0.02
                        : is(HairStyle::curls) ? 0.12
                        : is(HairStyle::bob)   ? mix(0.36, 0.55, who_.hair_length)
                        : loose                ? mix(0.5, 0.9, who_.hair_length)
                        : pointed_             ? 0.36
                                               : 0.14;
    const double reach = loose ? 0.11 : is(HairStyle::curls) ? 0.1 : 0.045;
    const double inner = loose ? w * 0.9 : w * 0.93;
    Path path({-w - reach * 0.9, side * 0.75});
    path.curve({-w - reach - 0.03, -0.1}, {-w - 0.075, -0.3});
    if (is(HairStyle::curls)) {
      path.curve({-w - 0.1, -0.6}, {-w * 0.5, -0.7});
    } else {
      path.curve({-w * 0.97, -0.66}, {-w * 0.4, -0.7});
    }
    if (is(HairStyle::cropped) && pointed_) {
      locks(path, {-w * 0.4, -0.7}, {w * 0.4, -0.7}, 4, {0.03, -0.07}, 20);
    } else {
      path.curve({0, -0.745}, {w * 0.4, -0.7});
    }
    path.curve({w * 0.97, -0.66}, {w + 0.075, -0.3});
    path.curve({w + reach + 0.03, -0.1}, {w + reach * 0.9, side * 0.75});
    sideburn(path, w, inner, side, reach, 1);
    fringe(path, inner - 0.03);
    sideburn(path, w, inner, side, reach, -1);
    return Shape(path);
  }

  /// From the outer edge beside the cheek round the tip to the temple (`sign` 1), or back (-1).
  void sideburn(Path& path, double w, double inner, double side, double reach, int sign) const {
    const Vec2 outer{sign * (w + reach * 0.9), side * 0.75};
    const Vec2 tip{sign * (w + reach * 0.1), side};
    const Vec2 temple{sign * (inner - 0.03), edge(sign) + 0.02};
    const Vec2 bend{sign * (inner + 0.025), mix(temple.y, side, 0.45)};
    if (sign > 0) {
      path.curve({outer.x, mix(outer.y, tip.y, 0.7)}, tip).curve(bend, temple);
    } else {
      path.curve(bend, tip).curve({outer.x, mix(outer.y, tip.y, 0.7)}, outer);
    }
  }

  void fringe(Path& path, double inner) const {
    if (is(HairStyle::curls)) {
      for (int i = 0; i < 6; ++i) {
        const double from = 1 - i / 3.0;
        const double to = 1 - (i + 1) / 3.0;
        path.curve({inner * (from + to) / 2, edge((from + to) / 2) + 0.11}, {inner * to, edge(to) + 0.02});
      }
      return;
    }
    const bool pulled_back = who_.fringe == Fringe::back;
    const int n = pulled_back ? 8 : pointed_ ? 7 : 9;
    for (int i = 0; i < n; ++i) {
      const double from = 1 - 2.0 * i / n;
      const double to = 1 - 2.0 * (i + 1) / n;
      const double middle = (from + to) / 2;
      // Swept and parted hair leans away from the parting, pulled-back hair shows no locks.
      const double lean = who_.fringe == Fringe::straight  ? 0.04 * jitter(i + 60)
                          : middle * width_ > who_.parting ? 0.05
                                                           : -0.05;
      const double fall = pulled_back ? 0.005 : (pointed_ ? 0.13 : 0.02) * (1 + 0.5 * jitter(i + 80));
      const Vec2 a{inner * from, edge(from)};
      const Vec2 b{inner * to, edge(to)};
      locks_at(path, a, b, {lean, fall});
    }
  }

  void locks_at(Path& path, Vec2 a, Vec2 b, Vec2 fall) const {
    const Vec2 tip = mix(a, b, 0.5) + fall;
    if (pointed_) {
      path.curve(mix(a, tip, 0.55) + Vec2{0.012, 0.01}, tip).curve(mix(b, tip, 0.45) + Vec2{-0.004, 0.02}, b);
    } else {
      path.curve(tip + fall * 0.3, b);
    }
  }

  std::vector<Shape> tails() const {
    std::vector<Shape> result;
    const double w = width_;
    if (is(HairStyle::ponytail)) {
      const double side = who_.parting < 0 ? 1 : -1;
      result.push_back(tail({side * 0.22, -0.66}, {side * (w + 0.42), -0.72},
                            {side * (w + 0.25), mix(0.3, 0.8, who_.hair_length)}, 0.17));
    } else if (is(HairStyle::twin_tails)) {
      for (const double side : {-1.0, 1.0}) {
        result.push_back(tail({side * (w + 0.02), -0.38}, {side * (w + 0.5), -0.35},
                              {side * (w + 0.26), mix(0.6, 1.1, who_.hair_length)}, 0.15));
      }
    } else if (is(HairStyle::bun)) {
      result.emplace_back(bumps({0.4 * who_.parting, -0.79}, {0.24, 0.2}, 9, pointed_ ? 0.015 : 0.01));
    }
    return result;
  }

  /// A strand that swings from `root` by `bend` to `tip`.
  Shape tail(Vec2 root, Vec2 bend, Vec2 tip, double thickness) const {
    const double side = tip.x > 0 ? 1 : -1;
    const Vec2 out{side * thickness, 0};
    Path path(root - Vec2{0, thickness * 0.6});
    path.curve(bend + out * 0.5, mix(bend, tip, 0.55) + out);
    if (pointed_) {
      path.curve(tip + out * 0.9 - Vec2{0, 0.2}, tip + out * 0.2);
      path.curve(tip + Vec2{0, -0.1}, tip - Vec2{side * 0.04, 0.1});
      path.curve(tip - out * 0.3 - Vec2{0, 0.05}, tip - out * 0.6 + Vec2{0, -0.03});
    } else {
      path.curve(tip + out * 0.9 - Vec2{0, 0.15}, tip).curve(tip - out * 0.6, tip - out * 0.6 - Vec2{0, 0.15});
    }
    path.curve(mix(bend, tip, 0.6) - out, mix(root, bend, 0.45) + Vec2{0, thickness});
    path.curve(root + Vec2{0, thickness}, root + Vec2{0, thickness * 0.5});
    return Shape(path);
  }

  /// A cloud.
  std::vector<Vec2> bumps(Vec2 centre, Vec2 radius, int n, double size) const {
    const auto on = [&](double turn, double more) {
      const Vec2 ray = rotate({1, 0}, turn * 6.283185307179586);
      return centre + Vec2{ray.x * (radius.x + more), ray.y * (radius.y + more)};
    };
    Path path(on(0, 0));
    for (int i = 0; i < n; ++i) {
      path.curve(on((i + 0.5) / n, size * (2 + jitter(i + 120))), on((i + 1.0) / n, 0));
    }
    return path.points();
  }

  const Identity& who_;
  bool pointed_;
  double width_;
};

}  // namespace detail

/// The hair of a person, with pointed locks or soft.
inline HairShapes hair_shapes(const Identity& who, bool pointed) {
  return detail::Barber(who, pointed).cut();
}

}  // namespace ugatit::portraits
