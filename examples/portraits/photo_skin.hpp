// The skin of a photo: the relief of a face, its light, and what is under the skin.
#pragma once

#include "frame.hpp"
#include "light.hpp"
#include "noise.hpp"
#include "shape.hpp"

namespace ugatit::portraits {

/// The outline of a natural face.
inline Shape photo_face_shape(const Identity& who) {
  const double w = who.face_width;
  const double corner = mix(0.68, 0.81, who.jaw);
  const double chin = mix(0.1, 0.15, who.jaw);
  const Vec2 knots[] = {{0, -0.64},
                        {w * 0.7, -0.54},
                        {w * 0.97, -0.25},
                        {w, 0.04},
                        {w * mix(0.905, 0.95, who.jaw), 0.22},
                        {w * corner, 0.4},
                        {chin + 0.05, who.chin - 0.06},
                        {chin * 0.5, who.chin},
                        {-chin * 0.5, who.chin},
                        {-chin - 0.05, who.chin - 0.06},
                        {-w * corner, 0.4},
                        {-w * mix(0.905, 0.95, who.jaw), 0.22},
                        {-w, 0.04},
                        {-w * 0.97, -0.25},
                        {-w * 0.7, -0.54}};
  return Shape(smooth_loop(knots));
}

/// Skin, made of an ellipsoid with bumps.
class Skin {
 public:
  explicit Skin(const Identity& who)
      : who_(who),
        light_(who),
        tone_(to_linear(who.skin.photo)),
        sheen_(mix(Colour{1, 1, 1}, tone_ * (1 / luminance(tone_)), 0.55) * (0.55 + luminance(tone_))) {
    const double nose = who.nose_width;
    const double tip = who.nose_length;
    const double mouth = mouth_height();
    const double cheer = 0.5 + 0.5 * std::max(0.0, who.smile);
    pair({who.eye_gap, -0.015}, {0.15, 0.12}, -0.045);  // sockets
    pair({who.eye_gap, 0.0}, {0.1, 0.06}, 0.02);        // lids
    pair({who.eye_gap * 0.9, -who.brow_height}, {0.19, 0.075}, 0.022);
    pair({0.24, 0.17}, {0.19, 0.17}, 0.035 * (0.6 + cheer));
    pair({0.062 * nose, tip + 0.012}, {0.04, 0.045}, 0.02);  // wings
    add({0, 0.05}, {0.1 * nose, 0.24}, 0.036);               // bridge
    add({0, tip - 0.005}, {0.09 * nose, 0.085}, 0.042);      // tip
    add({0, mouth - 0.02}, {0.2, 0.13}, 0.03);               // what lies over the teeth
    add({0, mouth + 0.105}, {0.12, 0.04}, -0.016);
    add({0, who.chin - 0.075}, {0.13, 0.1}, 0.022);
    add({0, -0.33}, {0.34, 0.22}, 0.03);  // forehead
  }

  double mouth_height() const { return mix(who_.nose_length + 0.15, who_.chin - 0.2, 0.5); }
  const Colour& tone() const { return tone_; }
  const Light& light() const { return light_; }

  /// The skin of the face. `shadow` is 0 where something hides the lamp.
  Colour face(const Place& at, double shadow) const {
    const Vec2 p = at.face;
    const Vec3 normal = face_normal(p);
    double hidden = shadow;
    // The shadow of the nose falls away from the lamp.
    const double away = who_.light.x > 0 ? -1 : 1;
    hidden *= 1 - 0.55 * spot(p, {away * 0.05, who_.nose_length + 0.055}, {0.1 * who_.nose_width, 0.06});
    hidden *= 1 - 0.35 * spot(p, {away * 0.075, who_.nose_length - 0.06}, {0.06, 0.16});
    Colour albedo = under_skin(p);
    albedo = fold(albedo, p);
    const double dent =
        1 - 0.35 * (spot(p, {who_.eye_gap, -0.01}, {0.14, 0.085}) + spot(p, {-who_.eye_gap, -0.01}, {0.14, 0.085})) -
        0.3 * spot(p, {0, who_.nose_length + 0.06}, {0.09, 0.05});
    const double oil = 0.7 + 0.3 * noise(p * 90, who_.salt + 9);
    const double glint = (0.12 * light_.glint(normal, 4) + 0.07 * light_.glint(normal, 2)) * oil * hidden;
    return albedo * light_.on_skin(normal, hidden) * dent + light_.key_colour * sheen_ * glint;
  }

  Colour neck(const Place& at, double under_chin) const {
    const double turn = std::clamp(at.body.x / 0.24, -0.98, 0.98);
    const Vec3 normal = normalize({turn, 0.1, std::sqrt(1 - turn * turn) + 0.15});
    const double cords = 0.06 * bell(std::abs(at.body.x) - 0.1 - 0.08 * (at.body.y - 0.7), 0.04);
    return tone_ * Colour{0.93, 0.9, 0.88} * (1 - 0.7 * cords) * light_.on_skin(normal, 1 - 0.65 * under_chin) *
           (1 - 0.34 * under_chin);
  }

  /// An ear is a small bowl.
  Colour ear(Vec2 p) const {
    const double bowl = spot(p, {0.005, 0}, {0.035, 0.07});
    return tone_ * Colour{1.0, 0.86, 0.82} * light_.on_skin(normalize({p.x * 8, p.y * 5, 0.7}), 0.85) *
           (1 - 0.45 * bowl);
  }

 private:
  struct Bump {
    Vec2 centre, radius;
    double height;
  };

  void add(Vec2 centre, Vec2 radius, double height) { bumps_[count_++] = {centre, radius, height}; }
  void pair(Vec2 centre, Vec2 radius, double height) {
    add(centre, radius, height);
    add({-centre.x, centre.y}, radius, height);
  }

  Vec3 face_normal(Vec2 p) const {
    // Of z = depth · √(1 - x²/a² - y²/b²), with a rim that does not fall off for ever.
    constexpr double depth = 0.36;
    const double a = who_.face_width + 0.05;
    const double y = p.y - 0.03;
    const double b = 0.7;
    const double z = std::sqrt(std::max(0.1, 1 - square(p.x / a) - square(y / b)));
    Vec2 slope{-depth * p.x / (a * a * z), -depth * y / (b * b * z)};
    for (std::size_t i = 0; i < count_; ++i) {
      const Bump& bump = bumps_[i];
      const Vec2 d = p - bump.centre;
      const double inside = 1 - square(d.x / bump.radius.x) - square(d.y / bump.radius.y);
      if (inside <= 0) continue;
      const double k = -6 * bump.height * inside * inside;
      slope = slope + Vec2{k * d.x / square(bump.radius.x), k * d.y / square(bump.radius.y)};
    }
    const double pores = 0.03 * (noise(p * 95, who_.salt) - 0.5);
    return normalize({-slope.x + pores, -slope.y + pores, 1});
  }

  /// Blood, freckles and stubble show through.
  Colour under_skin(Vec2 p) const {
    const double blotch = cloud(p * 9, who_.salt + 1) - 0.5;
    Colour albedo = tone_ * (1 + 0.1 * blotch);
    const Vec2 mirrored{std::abs(p.x), p.y};
    const double blood = (0.2 + 0.45 * who_.blush) * spot(mirrored, {0.24, 0.17}, {0.17, 0.15}) +
                         0.3 * spot(p, {0, who_.nose_length}, {0.1, 0.1}) + 0.3 * (blotch + 0.1);
    albedo = albedo * mix(Colour{1, 1, 1}, Colour{1.06, 0.78, 0.74}, clamp01(blood));
    albedo = albedo * mix(Colour{1, 1, 1}, Colour{0.84, 0.76, 0.78},
                          0.6 * spot(mirrored, {who_.eye_gap - 0.01, 0.065}, {0.1, 0.045}));
    if (who_.freckled) {
      const double where = spot(mirrored, {0.17, 0.12}, {0.24, 0.14});
      albedo = albedo * mix(Colour{1, 1, 1}, Colour{0.62, 0.46, 0.4},
                            where * freckle(p * 36 + Vec2{0.25 * p.y, 0.4 * p.x} * 36));
    }
    return albedo;
  }

  /// One dot in a cell of the grid, of any size, off its middle.
  double freckle(Vec2 p) const {
    const std::int64_t x = cell_of(p.x);
    const std::int64_t y = cell_of(p.y);
    const Vec2 centre{static_cast<double>(x) + 0.25 + 0.5 * cell_noise(x, y, who_.salt + 5),
                      static_cast<double>(y) + 0.25 + 0.5 * cell_noise(x, y, who_.salt + 6)};
    const double size = 0.3 * square(cell_noise(x, y, who_.salt + 7));
    return smoothstep(size + 0.14, size - 0.1, length(p - centre)) * smoothstep(0.02, 0.1, size);
  }

  /// The folds from the nose to the corners of the mouth, deeper in a smile.
  Colour fold(Colour albedo, Vec2 p) const {
    const double smile = std::max(0.0, who_.smile);
    const double t = clamp01((p.y - who_.nose_length) / 0.17);
    const double x = mix(0.085 * who_.nose_width, who_.mouth_width + 0.05, t);
    const double depth = bell(std::abs(p.x) - x, 0.022) * bell(t - 0.45, 0.55);
    return albedo * mix(Colour{1, 1, 1}, Colour{0.8, 0.68, 0.64}, depth * (0.25 + 0.5 * smile));
  }

  const Identity& who_;
  Light light_;
  Colour tone_;
  Colour sheen_;  // warm, and less of it on deep skin, which would look ashen
  Bump bumps_[20] = {};
  std::size_t count_ = 0;
};

}  // namespace ugatit::portraits
