// A cartoon of a person: flat paint in two tones, dark outlines, pointed shapes.
#pragma once

#include "canvas.hpp"
#include "cartoon_eyes.hpp"
#include "clothes.hpp"
#include "hair_shape.hpp"
#include "noise.hpp"

namespace ugatit::portraits {

namespace detail {

/// The outline of a drawn face: wide at the cheeks, a pointed chin.
inline Shape cartoon_face_shape(const Identity& who) {
  const double w = who.face_width * 1.03;
  const double cheek = mix(0.8, 0.88, who.jaw);
  const double chin = who.chin - 0.01;
  Path path({0, chin});
  path.curve({0.07, chin - 0.005}, {0.115, chin - 0.055});
  path.curve({w * cheek, mix(0.41, 0.45, who.jaw)}, {w * 0.98, 0.18});
  path.curve({w * 1.04, 0}, {w, -0.2});
  path.curve({w * 0.9, -0.64}, {0, -0.66});
  path.curve({-w * 0.9, -0.64}, {-w, -0.2});
  path.curve({-w * 1.04, 0}, {-w * 0.98, 0.18});
  path.curve({-w * cheek, mix(0.41, 0.45, who.jaw)}, {-0.115, chin - 0.055});
  path.curve({-0.07, chin - 0.005}, {0, chin});
  return Shape(path);
}

/// Everything that a cartoon of one person is painted with.
class Cartoon {
 public:
  explicit Cartoon(const Identity& who)
      : who_(who),
        frame_(who),
        features_(who),
        hair_(hair_shapes(who, true)),
        face_(cartoon_face_shape(who)),
        skin_(who.skin.cartoon),
        skin_shade_(who.skin.cartoon * Colour{0.86, 0.7, 0.68}),
        hair_tone_(who.hair.cartoon),
        hair_shade_(mix(who.hair.cartoon * Colour{0.76, 0.67, 0.75}, hex(0x3a2a5a), 0.08)),
        shade_side_(who.light.x > 0 ? -1 : 1) {}

  Colour operator()(Vec2 p, double sample) const {
    const Place at = frame_.at(p, sample);
    const double front = hair_.front.distance(at.head);
    const double face = face_.distance(at.head);
    Colour c{};
    if (front > -0.03) {
      behind(c, at, face);
      if (face < 0.03) {
        outlined(c, face_tone(at), face, at);
        if (face < 0) features_.face(c, at);
      }
    }
    if (front < 0.03) outlined(c, hair_colour(at, hair_.front), front, at);
    features_.over_hair(c, at, front < 0);
    return c;
  }

 private:
  void outlined(Colour& c, Colour fill, double d, const Place& at) const {
    paint(c, features_.ink(), d - features_.line(), at);
    paint(c, fill, d + features_.line() * 0.5, at);
  }

  Colour background(Vec2 p) const {
    const double value = mix(0.86, 0.98, who_.background_light);
    const Colour plain = hsv(who_.background_hue, 0.3, value);
    // One flat disc behind the head, as if it were a sun.
    return length(p - Vec2{who_.light.x * 0.35, -0.05}) < 0.84 ? mix(plain, hex(0xffffff), 0.4) : plain;
  }

  void behind(Colour& c, const Place& at, double face) const {
    c = background(at.image);
    for (const Shape& tail : hair_.tails) {
      const double d = tail.distance(at.head);
      if (d < 0.03) outlined(c, hair_colour(at, tail), d, at);
    }
    for (const Vec2 tie : hair_.ties) {
      const double d = length(at.head - tie) - 0.062;
      if (d < 0.03) outlined(c, who_.cloth.cartoon, d, at);
      paint(c, mix(who_.cloth.cartoon, hex(0xffffff), 0.6),
            length(at.head - tie - Vec2{-0.018 * shade_side_, -0.02}) - 0.016, at);
    }
    const double back = hair_.back.distance(at.head);
    if (back < 0.03) outlined(c, back_colour(at), back, at);
    body(c, at);
    side_hair(c, at, back);
    const Vec2 ear{std::abs(at.head.x) - who_.face_width - 0.02, at.head.y - 0.07};
    const double on_ear = ellipse(rotate(ear, -0.2), {0.055, 0.09});
    if (on_ear < 0.03 && face > -0.05) {
      outlined(c, skin_, on_ear, at);
      paint(c, skin_shade_, ellipse(rotate(ear, -0.2), {0.028, 0.055}), at);
    }
  }

  void body(Colour& c, const Place& at) const {
    const Vec2 p = at.body;
    if (p.y < 0.3) return;
    const double neck = std::max(std::abs(p.x) - 0.125 - 0.5 * square(std::max(0.0, p.y - 0.58)), 0.3 - p.y);
    const double shoulders = Wardrobe::shoulders(p);
    const double opening = Wardrobe::opening(p, who_.clothes);
    const double chin_shadow = std::max(face_.distance(at.head - Vec2{shade_side_ * 0.02, 0.11}), -1.0);
    Colour skin = skin_;
    paint(skin, skin_shade_, chin_shadow, at);
    const double bare = std::min(neck, shoulders);
    outlined(c, skin, bare, at);
    if (neck < -0.02) c = skin;
    double cloth = std::max(shoulders, -opening);
    if (who_.clothes == Clothes::turtleneck) cloth = std::min(cloth, std::max(std::abs(p.x) - 0.16, 0.61 - p.y));
    outlined(c, cloth_tone(p, opening, at), cloth, at);
  }

  Colour cloth_tone(Vec2 p, double opening, const Place& at) const {
    const Colour tone = who_.cloth.cartoon;
    const Colour shade = tone * Colour{0.74, 0.68, 0.8};
    Colour c = tone;
    paint(c, shade, 0.3 - shade_side_ * p.x + 0.25 * (p.y - 0.9), at);
    if (who_.clothes == Clothes::turtleneck) {
      paint(c, shade, std::max(std::abs(p.x) - 0.2, std::abs(p.y - 0.69) - 0.012), at);
      return c;
    }
    const bool collar = who_.clothes == Clothes::shirt;
    const Colour trim = luminance(tone) > 0.6 ? hex(0x4a63b0) : hex(0xfffaf2);
    if (collar) paint(c, trim, opening - 0.15 + 0.25 * (p.y - 0.8), at);
    if (collar) paint(c, features_.ink(), std::abs(opening - 0.15 + 0.25 * (p.y - 0.8)) - 0.007, at);
    if (!collar) paint(c, mix(tone, trim, 0.8), std::abs(opening - 0.045) - 0.013, at);
    return c;
  }

  /// Long hair falls over the shoulders.
  void side_hair(Colour& c, const Place& at, double back) const {
    if (who_.hair_style != HairStyle::straight && who_.hair_style != HairStyle::bob) return;
    if (at.head.y < 0.2) return;
    const double inner = who_.face_width * 0.78 - std::abs(at.head.x) - 0.16 * smoothstep(0.75, 1.3, at.head.y);
    const double d = std::max(back, inner);
    if (d < 0.03) outlined(c, hair_colour(at, hair_.back), d, at);
  }

  Colour face_tone(const Place& at) const {
    Colour c = skin_;
    // The side away from the lamp, and under the fringe.
    paint(c, skin_shade_, -face_.distance(at.head + Vec2{shade_side_ * 0.075, 0.02}), at);
    paint(c, skin_shade_, hair_.front.distance(at.head + Vec2{-shade_side_ * 0.025, -0.045}), at);
    return c;
  }

  /// Which lock passes here, as in the photo: meridians from the crown.
  double strand(Vec2 p) const {
    const double crown = who_.fringe == Fringe::straight ? 0.4 * who_.parting : who_.parting;
    const double up = std::min(0.0, p.y - 0.05) / 0.84;
    const double wave = who_.waves * 0.03 * std::sin(11 * p.y) * smoothstep(-0.3, 0.4, p.y);
    return (p.x - crown) / std::sqrt(std::max(0.05, 1 - up * up)) + wave;
  }

  static double zigzag(double x) { return std::abs(x - std::floor(x) - 0.5) * 2; }

  /// A few arcs stand for curls.
  void curl_marks(Colour& c, Vec2 p, const Place& at) const {
    constexpr double scale = 5.2;
    const double x = p.x * scale;
    const double y = p.y * scale + 0.5 * static_cast<double>(cell_of(x) & 1);
    const std::int64_t column = cell_of(x);
    const std::int64_t row = cell_of(y);
    const Vec2 shift{cell_noise(column, row, who_.salt) - 0.5, cell_noise(column, row, who_.salt + 1) - 0.5};
    const Vec2 in = Vec2{x - static_cast<double>(column) - 0.5, y - static_cast<double>(row) - 0.5} - shift * 0.3;
    const double arc = std::abs(length(in) - 0.3) / scale - 0.0065;
    paint(c, hair_shade_, std::max(arc, (-0.05 - in.y - 0.6 * shade_side_ * in.x) / scale), at);
  }

  Colour hair_colour(const Place& at, const Shape& outline) const {
    const Vec2 p = at.head;
    Colour c = hair_tone_;
    // Tips and the side away from the lamp are in shadow.
    paint(c, hair_shade_, -outline.distance(p + Vec2{shade_side_ * 0.05, 0.036}), at);
    const double s = strand(p);
    if (who_.hair_style == HairStyle::curls) {
      curl_marks(c, p, at);
    } else {
      // Creases between locks, fading towards the crown.
      const std::int64_t lock = cell_of(s * 9);
      const double weight = cell_noise(lock, 0, who_.salt + 90) - 0.35;
      const double middle = (static_cast<double>(lock) + 0.5) / 9 + 0.05 * (weight - 0.3);
      const double crease = std::abs(s - middle) - 0.014 * weight * smoothstep(-0.62, 0.1, p.y);
      if (p.y > -0.6 + 0.3 * weight && weight > 0) paint(c, hair_shade_, crease, at);
    }
    // A shine that goes round the head in points.
    const double spark = 0.35 + 0.65 * cell_noise(cell_of(s * 8 + 0.5), 1, who_.salt + 91);
    const double half = (0.014 + 0.065 * spark * zigzag(s * 8)) * bell(p.x - 0.12 * who_.light.x, 0.42) - 0.008;
    const double band = std::abs(p.y + (who_.fringe == Fringe::back ? 0.53 : 0.45) - 0.5 * square(p.x)) - half;
    if (who_.hair_style != HairStyle::curls) paint(c, mix(hair_tone_, hex(0xffffff), 0.55), band, at);
    return c;
  }

  Colour back_colour(const Place& at) const {
    Colour c = hair_shade_;
    const double d = std::abs(at.head.x) - who_.face_width * 0.9;
    if (d > 0 && who_.hair_style != HairStyle::curls) c = hair_colour(at, hair_.back);
    if (who_.hair_style == HairStyle::curls) c = hair_colour(at, hair_.back);
    return c;
  }

  const Identity& who_;
  Frame frame_;
  CartoonFeatures features_;
  HairShapes hair_;
  Shape face_;
  Colour skin_, skin_shade_, hair_tone_, hair_shade_;
  double shade_side_;
};

}  // namespace detail

/// Domain B: the same person as a flat, outlined cartoon of `size` × `size` pixels.
inline Image draw_cartoon(const Identity& who, int size) {
  const detail::Cartoon cartoon(who);
  return render(size, cartoon, [](Colour c, Vec2, int, int) { return c; });
}

}  // namespace ugatit::portraits
