// The face of a cartoon: large eyes, and almost nothing else.
#pragma once

#include "frame.hpp"
#include "shape.hpp"

namespace ugatit::portraits {

inline const Colour ink_tint = hex(0x3a2230);

/// Flat paint over flat paint, with the softness of one sample.
inline void paint(Colour& canvas, Colour colour, double distance, const Place& at) {
  const double cover = coverage(distance, at.sample * 1.5);
  if (cover > 0) canvas = mix(canvas, colour, cover);
}

/// Eyes, brows, nose, mouth, cheeks and glasses.
class CartoonFeatures {
 public:
  explicit CartoonFeatures(const Identity& who)
      : who_(who),
        ink_(mix(ink_tint, who.hair.cartoon, 0.15)),
        gap_(who.eye_gap * 1.09),
        size_{0.112 * who.eye_size, (0.128 - 0.012 * std::max(0.0, who.smile)) * who.eye_size},
        lash_(lash_outline()),
        white_(white_outline()) {}

  double line() const { return 0.0075; }
  const Colour& ink() const { return ink_; }

  /// What lies under the hair.
  void face(Colour& c, const Place& at) const {
    const Vec2 p = at.face;
    const Vec2 m{std::abs(p.x), p.y};
    const Colour skin = who_.skin.cartoon;
    const Colour blush = mix(skin, hex(0xf06a6a), 0.3 + 0.25 * who_.blush);
    paint(c, blush, ellipse(m - Vec2{gap_ + 0.035, 0.235}, {0.07, 0.035}), at);
    if (who_.freckled) {
      for (const Vec2 dot : {Vec2{gap_ - 0.03, 0.215}, Vec2{gap_ + 0.01, 0.225}, Vec2{gap_ - 0.01, 0.245}}) {
        paint(c, skin * Colour{0.8, 0.62, 0.52}, length(m - dot) - 0.008, at);
      }
    }
    nose(c, p, at);
    mouth(c, p, at);
    eye(c, p, at);
  }

  /// What shows through the hair, as is the custom.
  void over_hair(Colour& c, const Place& at, bool on_hair) const {
    const Vec2 p{std::abs(at.face.x) - gap_, at.face.y};
    const double t = (p.x + 0.1) / 0.2;
    if (t > -0.2 && t < 1.2) {
      const double arch = -0.03 * (1 - square((t - 0.55) / 0.6)) + 0.014 * who_.brow_anger * (1 - 2 * t) * 0.8;
      const double thick = mix(0.007, 0.013, who_.brow_weight) * (0.45 + 0.55 * smoothstep(1.1, 0.3, t));
      const double y = p.y + who_.brow_height + 0.015 - arch;
      const double d = std::max(std::abs(y) - thick, std::abs(t - 0.5) * 0.2 - 0.1);
      const Colour brow = mix(who_.hair.cartoon * 0.5, ink_, 0.35);
      paint(c, on_hair ? mix(c, brow, 0.55) : brow, d, at);
    }
    glasses(c, at);
  }

 private:
  static constexpr double eye_height = 0.07;

  void nose(Colour& c, Vec2 p, const Place& at) const {
    const double side = who_.light.x > 0 ? -1 : 1;
    const double y = who_.nose_length + 0.06;
    const Vec2 q{p.x * side, p.y};
    paint(c, who_.skin.cartoon * Colour{0.82, 0.66, 0.64}, segment(q, {0.004, y - 0.035}, {0.018, y}) - 0.006, at);
    paint(c, ink_, segment(q, {0.018, y}, {0.0, y + 0.004}) - 0.0045, at);
  }

  void mouth(Colour& c, Vec2 p, const Place& at) const {
    const double y = who_.chin - 0.165;
    const double width = 0.55 * who_.mouth_width + 0.02 * std::max(0.0, who_.smile);
    const double u = p.x / width;
    if (std::abs(u) > 1.4 || std::abs(p.y - y) > 0.12) return;
    const double bend = p.y - y + 0.035 * who_.smile * (u * u - 0.5);
    if (who_.mouth_open > 0) {  // a D on its back
      const double depth = 0.035 + 0.03 * who_.mouth_open;
      const double round = depth * std::sqrt(std::max(0.0, 1 - u * u));
      const double d = std::max({-bend, bend - round, (std::abs(u) - 1) * width});
      paint(c, ink_, d - line() * 0.8, at);
      Colour inside = hex(0xc8464f);
      if (bend > 0.55 * depth) inside = hex(0xf58a86);
      if (bend < 0.24 * depth) inside = hex(0xffffff);
      paint(c, inside, d + line() * 0.25, at);
      return;
    }
    const Colour lip =
        who_.lipstick > 0 ? mix(who_.skin.cartoon, hex(0xe0405e), 0.9) : mix(who_.skin.cartoon, hex(0xd86a68), 0.55);
    paint(c, lip, ellipse(Vec2{p.x, bend - 0.014}, {width * 0.62, 0.012 + 0.006 * who_.lips}), at);
    paint(c, ink_, std::max(std::abs(bend) - 0.0055, (std::abs(u) - 1) * width), at);
  }

  void eye(Colour& c, Vec2 p, const Place& at) const {
    const double side = p.x < 0 ? -1 : 1;
    const Vec2 e = rotate(Vec2{std::abs(p.x) - gap_, p.y - eye_height}, who_.eye_slant * 1.3);
    if (std::abs(e.x) > 0.19 || std::abs(e.y) > 0.2) return;
    const double white = white_.distance(e);
    paint(c, hex(0xfffdfb), white, at);
    if (white < 0.01) {
      Colour inside = hex(0xfffdfb);
      paint(inside, hex(0xc9cfe4), e.y + size_.y * 0.62 + 0.12 * e.x, at);  // the lid's shadow
      iris(inside, e, side, at);
      paint(c, inside, white, at);
    }
    // Lower lid, lid fold and lash.
    paint(c, mix(ink_, who_.skin.cartoon, 0.25), std::max(std::abs(white) - 0.0055, 0.62 * size_.y - e.y - 0.25 * e.x),
          at);
    const double fold = std::abs(length({e.x / 1.05, (e.y + 0.01) * 0.86}) - size_.y - 0.022) - 0.004;
    paint(c, mix(ink_, who_.skin.cartoon, 0.35), std::max(fold, std::max(e.y + size_.y * 0.8, std::abs(e.x) - 0.07)),
          at);
    paint(c, ink_, lash_.distance(e), at);
  }

  void iris(Colour& c, Vec2 e, double side, const Place& at) const {
    const Vec2 d = e - Vec2{who_.gaze.x * side * 0.024 - 0.008, 0.004 + who_.gaze.y * 0.012};
    const Vec2 radius{size_.x * 0.68, size_.y * 0.92};
    const double edge = ellipse(d, radius);
    const Colour tone = who_.eyes.cartoon;
    const Colour dark = mix(tone * Colour{0.42, 0.4, 0.5}, ink_, 0.25);
    paint(c, mix(dark, ink_, 0.6), edge, at);
    Colour inner = tone;
    paint(inner, dark, d.y + 0.16 * radius.y - 1.6 * d.x * d.x, at);  // shaded above
    paint(inner, mix(tone, hex(0xffffff), 0.5),
          ellipse(d - Vec2{0, 0.62 * radius.y}, {radius.x * 0.66, radius.y * 0.3}), at);  // lit below
    paint(inner, mix(dark, hex(0x140c18), 0.7), ellipse(d, {radius.x * 0.4, radius.y * 0.42}), at);
    paint(c, inner, edge + 0.011, at);
    // Highlights are on the lamp's side in both eyes.
    const double lamp = who_.light.x > 0 ? side : -side;
    paint(c, hex(0xffffff), ellipse(d - Vec2{lamp * radius.x * 0.42, -radius.y * 0.45}, {0.027, 0.034}), at);
    paint(c, hex(0xffffff), length(d - Vec2{-lamp * radius.x * 0.4, radius.y * 0.42}) - 0.013, at);
  }

  Shape white_outline() const {
    const Vec2 s = size_;
    Path path({-s.x * 0.95, s.y * 0.1});
    path.curve({-s.x * 0.85, -s.y * 0.98}, {s.x * 0.1, -s.y});
    path.curve({s.x * 0.95, -s.y}, {s.x * 1.02, -s.y * 0.1});
    path.curve({s.x * 0.9, s.y * 0.85}, {s.x * 0.25, s.y * 0.96});
    path.curve({-s.x * 0.65, s.y * 1.0}, {-s.x * 0.95, s.y * 0.1});
    return Shape(path);
  }

  /// A wing that is thick above and ends in a point beside the eye.
  Shape lash_outline() const {
    const Vec2 s = size_;
    Path path({-s.x * 1.06, -s.y * 0.1});
    path.curve({-s.x * 0.9, -s.y * 1.18}, {s.x * 0.1, -s.y * 1.2});
    path.curve({s.x * 0.95, -s.y * 1.22}, {s.x * 1.12, -s.y * 0.62});
    path.curve({s.x * 1.2, -s.y * 0.5}, {s.x * 1.5, -s.y * 0.56});
    path.curve({s.x * 1.3, -s.y * 0.3}, {s.x * 1.08, -s.y * 0.1});
    path.curve({s.x * 0.88, -s.y * 0.86}, {s.x * 0.1, -s.y * 0.93});
    path.curve({-s.x * 0.75, -s.y * 0.92}, {-s.x * 1.06, -s.y * 0.1});
    return Shape(path);
  }

  void glasses(Colour& c, const Place& at) const {
    if (!who_.glasses) return;
    const Vec2 p{std::abs(at.face.x) - gap_ - 0.01, at.face.y - eye_height - 0.015};
    const Vec2 d{std::abs(p.x) - 0.11, std::abs(p.y) - 0.09};
    const double boxed = length({std::max(d.x, 0.0), std::max(d.y, 0.0)}) + std::min(0.0, std::max(d.x, d.y)) - 0.04;
    const double ring = who_.round_glasses ? length(p) - 0.162 : boxed;
    const Vec2 m{std::abs(at.face.x), at.face.y};
    const double outside = ring > 0 ? 0 : 1;
    const double bridge = segment(m, {0, eye_height - 0.01}, {0.06, eye_height - 0.01}) - 0.008 + outside;
    const double arm =
        segment(m, {gap_ + 0.16, eye_height - 0.02}, {who_.face_width + 0.04, eye_height - 0.04}) - 0.008 + outside;
    const double streak = std::max({ring + 0.02, std::abs(p.x + p.y * 0.8 + 0.07) - 0.018});
    paint(c, mix(c, hex(0xffffff), 0.35), streak, at);
    paint(c, hex(0x2b2a3a), std::min({std::abs(ring) - 0.0085, bridge, arm}), at);
  }

  const Identity& who_;
  Colour ink_;
  double gap_;
  Vec2 size_;
  Shape lash_, white_;
};

}  // namespace ugatit::portraits
