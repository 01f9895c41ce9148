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
  std::vector<Vec2> ties;  ///< where tails begin
};

namespace detail {

/// Builds the outlines of one person's hair.
class Barber {
 public:
  Barber(const Identity& who, bool pointed)
      : who_(who), pointed_(pointed), width_(who.face_width), volume_(pointed ? 0.035 : 0) {}

  HairShapes cut() const { return {back(), front(), tails(), ties()}; }

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
    if (is(HairStyle::curls)) {
      Path path(on(curls(), 0, 0));
      add_bumps(path, curls(), 0, curls().bumps);
      return Shape(path);
    }
    const bool loose = is(HairStyle::straight) || is(HairStyle::bob);
    if (!loose) {  // close to the head, down to the nape
      const double v = volume_;
      const Vec2 knots[] = {{0, -0.71 - v},   {w * 0.75, -0.62 - v},  {w + 0.07 + v, -0.25},
                            {w - 0.01, 0.1},  {w * 0.5, 0.37},        {-w * 0.5, 0.37},
                            {-w + 0.01, 0.1}, {-w - 0.07 - v, -0.25}, {-w * 0.75, -0.62 - v}};
      return Shape(smooth_loop(knots));
    }
    const bool bob = is(HairStyle::bob);
    const double end = bob ? mix(0.42, 0.66, who_.hair_length) : mix(0.85, 1.6, who_.hair_length);
    const double wide = w + (bob ? 0.14 : 0.115) + volume_ + 0.06 * who_.waves;
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
        return -0.44 + ((x > part) == (part < 0) ? 0.27 : 0.42) * arch(away);
      case Fringe::parted:
        return -0.46 + 0.44 * arch(away);
      case Fringe::back:
        break;
    }
    return -0.43 + 0.2 * x * x;
  }

  /// Hair first follows the skull beside a parting, then falls.
  static double arch(double away) { return std::min(1.0, away) * (0.45 + 0.55 * std::min(1.0, away)); }

  Shape front() const {
    const double w = width_;
    const double v = volume_;
    const bool loose = is(HairStyle::straight) || is(HairStyle::bob);
    const double side = is(HairStyle::cropped) ? 0.02
                        : is(HairStyle::curls) ? 0.12
                        : is(HairStyle::bob)   ? mix(0.36, 0.55, who_.hair_length)
                        : loose                ? mix(0.5, 0.9, who_.hair_length)
                        : pointed_             ? 0.36
                                               : 0.14;
    const double reach = loose ? 0.11 : is(HairStyle::curls) ? 0.04 : 0.045;
    const double inner = loose ? w * 0.9 : w * 0.93;
    Path path({-w - reach * 0.9, side * 0.75});
    if (is(HairStyle::curls)) {
      const Cloud cloud = curls();
      path.curve({-w - 0.14, 0.06}, on(cloud, 0.5, 0));
      add_bumps(path, cloud, cloud.bumps / 2, cloud.bumps);
      path.curve({w + 0.14, 0.06}, {w + reach * 0.9, side * 0.75});
    } else {
      path.curve({-w - reach - 0.03 - v, -0.1}, {-w - 0.075 - v, -0.3});
      if (is(HairStyle::cropped) && pointed_) {
        tousled_top(path);
      } else {
        path.curve({-w * 0.97 - v, -0.66 - v}, {-w * 0.4, -0.7 - v});
        path.curve({0, -0.745 - v}, {w * 0.4, -0.7 - v});
        path.curve({w * 0.97 + v, -0.66 - v}, {w + 0.075 + v, -0.3});
      }
      path.curve({w + reach + 0.03 + v, -0.1}, {w + reach * 0.9, side * 0.75});
    }
    sideburn(path, w, inner, side, reach, 1);
    fringe(path, inner - 0.03);
    sideburn(path, w, inner, side, reach, -1);
    return Shape(path);
  }

  /// Short hair stands up in tufts.
  void tousled_top(Path& path) const {
    const Vec2 side{width_ + 0.075 + volume_, -0.3};
    const Vec2 corner{width_ * 0.55, -0.65};
    const double lean = who_.parting < 0 ? 0.05 : -0.05;
    locks(path, {-side.x, side.y}, {-corner.x, corner.y}, 2, {-0.09, -0.09}, 20);
    locks(path, {-corner.x, corner.y}, corner, 3, {lean, -0.13}, 24);
    locks(path, corner, side, 2, {0.09, -0.04}, 30);
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
    const bool pulled_back = who_.fringe == Fringe::back;  // shows no locks
    const int n = pulled_back ? 8 : pointed_ ? 5 : 9;
    const double rise = pointed_ && !pulled_back ? 0.05 : 0;
    const auto root = [&](int i) {
      const double x = 1 - 2 * (i + (i == 0 || i == n ? 0 : 0.5 * jitter(i + 60))) / n;
      return Vec2{inner * x, edge(x) - rise};
    };
    for (int i = 0; i < n; ++i) {
      const Vec2 a = root(i);
      const Vec2 b = root(i + 1);
      // Locks lean away from the parting.
      const double lean = pulled_back ? 0 : 0.5 * (a.x + b.x) > who_.parting ? 0.045 : -0.045;
      const double fall = pulled_back ? 0.005 : (pointed_ ? 0.19 : 0.02) * (1 + 0.6 * jitter(i + 80));
      const Vec2 tip = mix(a, b, 0.5) + Vec2{lean, fall};
      if (pointed_) {
        const Vec2 swing{0.7 * lean, 0.035};
        path.curve(mix(a, tip, 0.5) + swing + Vec2{0.012, 0}, tip).curve(mix(b, tip, 0.5) + swing - Vec2{0.012, 0}, b);
      } else {
        path.curve(tip + Vec2{lean, fall} * 0.3, b);
      }
    }
  }

  std::vector<Shape> tails() const {
    std::vector<Shape> result;
    const double w = width_;
    if (is(HairStyle::ponytail)) {
      const double side = who_.parting < 0 ? 1 : -1;
      const double end = mix(0.35, 0.85, who_.hair_length);
      add_tail(result, {side * 0.24, -0.62}, {side * (w + 0.5), -0.8}, {side * (w + 0.24), end}, 0.15);
    } else if (is(HairStyle::twin_tails)) {
      const double end = mix(0.6, 1.05, who_.hair_length);
      for (const double side : {-1.0, 1.0}) {
        add_tail(result, {side * (w - 0.02), -0.36}, {side * (w + 0.46), -0.5}, {side * (w + 0.22), end}, 0.14);
      }
    } else if (is(HairStyle::bun)) {
      Path path(on(bun(), 0, 0));
      add_bumps(path, bun(), 0, bun().bumps);
      result.emplace_back(path);
    }
    return result;
  }

  std::vector<Vec2> ties() const {
    if (is(HairStyle::ponytail)) return {{(who_.parting < 0 ? 1 : -1) * 0.33, -0.69}};
    if (is(HairStyle::twin_tails)) return {{-width_ - 0.075, -0.415}, {width_ + 0.075, -0.415}};
    return {};
  }

  /// Hair that swings from `root` by `bend` to `tip`; a drawn one has a smaller lock behind it.
  void add_tail(std::vector<Shape>& tails, Vec2 root, Vec2 bend, Vec2 tip, double thickness) const {
    if (pointed_) {
      const double side = tip.x > 0 ? 1 : -1;
      tails.push_back(tail(root, bend - Vec2{side * 0.1, 0}, tip - Vec2{side * 0.13, 0.16}, thickness * 0.7));
    }
    tails.push_back(tail(root, bend, tip, thickness));
  }

  /// Thickest in its middle; a drawn one ends in a point.
  Shape tail(Vec2 root, Vec2 bend, Vec2 tip, double thickness) const {
    constexpr int pieces = 12;
    std::vector<Vec2> left;
    std::vector<Vec2> right;
    for (int i = 0; i <= pieces; ++i) {
      const double t = i / double{pieces};
      const Vec2 middle = mix(mix(root, bend, t), mix(bend, tip, t), t);
      const Vec2 along = mix(bend - root, tip - bend, t);
      const Vec2 across = Vec2{-along.y, along.x} * (1 / length(along));
      const double swell = 0.4 + 0.6 * smoothstep(0, 0.45, t);
      const double taper = pointed_ ? std::sqrt(1 - square(square(t))) : 1 - 0.7 * square(square(t));
      left.push_back(middle - across * (thickness * swell * taper));
      right.push_back(middle + across * (thickness * swell * taper));
    }
    left.insert(left.end(), right.rbegin(), right.rend());
    return Shape(left);
  }

  /// An ellipse with a bumpy rim.
  struct Cloud {
    Vec2 centre, radius;
    int bumps;
    double size;
  };

  Cloud curls() const { return {{0, -0.14}, {width_ + 0.22, 0.62}, 16, 0.06}; }
  Cloud bun() const { return {{0.4 * who_.parting, -0.78 - volume_}, {0.24, 0.19}, 9, pointed_ ? 0.015 : 0.01}; }

  static Vec2 on(const Cloud& cloud, double turn, double more) {
    const Vec2 ray = rotate({1, 0}, turn * 6.283185307179586);
    return cloud.centre + Vec2{ray.x * (cloud.radius.x + more), ray.y * (cloud.radius.y + more)};
  }

  void add_bumps(Path& path, const Cloud& cloud, int first, int last) const {
    for (int i = first; i < last; ++i) {
      const double out = cloud.size * (2 + jitter(i + 120));
      path.curve(on(cloud, (i + 0.5) / cloud.bumps, out), on(cloud, (i + 1.0) / cloud.bumps, 0));
    }
  }

  const Identity& who_;
  bool pointed_;
  double width_;
  double volume_;  // drawn hair stands off the head
};

}  // namespace detail

/// The hair of a person, with pointed locks or soft.
inline HairShapes hair_shapes(const Identity& who, bool pointed) {
  return detail::Barber(who, pointed).cut();
}

}  // namespace ugatit::portraits
