// What is around a face in a photo: an unsharp room or garden, and clothes.
#pragma once

#include "clothes.hpp"
#include "frame.hpp"
#include "light.hpp"
#include "noise.hpp"

#include <array>

namespace ugatit::portraits {

/// The background, far out of focus.
class Backdrop {
 public:
  explicit Backdrop(const Identity& who) : who_(who) {
    Random random(who.salt, 71);
    const double value = mix(0.5, 0.95, who.background_light);
    near_ = to_linear(hsv(who.background_hue, 0.34, value));
    far_ = to_linear(hsv(who.background_hue + random.symmetric(0.06), 0.3, value * 0.62));
    edge_ = random.symmetric(0.8);
    room_ = random.coin();
    for (Disc& disc : discs_) {
      disc.centre = {random.symmetric(1.1), random.symmetric(1.1)};
      disc.radius = detail::between(random, 0.07, 0.2);
      const Colour tinted = hsv(who.background_hue + random.symmetric(0.08), 0.4, 1);
      const Colour tint = mix(tinted, hex(0xfff0d0), random.uniform());
      disc.light = to_linear(tint) * (room_ ? 0.06 : detail::between(random, 0.06, 0.3)) * (0.5 + who.background_light);
    }
  }

  Colour colour(Vec2 p) const {
    const double glow = smoothstep(1.5, 0, length(p - Vec2{who_.light.x * 1.6, -0.7}));
    Colour colour = mix(far_, near_, clamp01(glow + 0.35 * (cloud(p * 1.3, who_.salt + 60) - 0.5)));
    if (room_) {  // the soft edges of a window or a door
      const double pane = smoothstep(-0.08, 0.08, p.x - edge_) * smoothstep(0.55, 0.4, p.x - edge_);
      colour = mix(colour, near_ * 1.25 + Colour{0.12, 0.12, 0.12}, 0.55 * pane * smoothstep(0.75, 0.55, p.y));
    }
    for (const Disc& disc : discs_) {
      const double r = length(p - disc.centre) / disc.radius;
      // A lens draws a point of light as a disc that is brighter at its rim.
      if (r < 1.15) colour = colour + disc.light * (smoothstep(1.15, 0.85, r) * (0.7 + 0.3 * r * r));
    }
    return colour;
  }

 private:
  struct Disc {
    Vec2 centre;
    double radius = 1;
    Colour light;
  };
  const Identity& who_;
  Colour near_, far_;
  double edge_ = 0;
  bool room_ = false;
  std::array<Disc, 12> discs_;
};

/// Cloth with folds and a weave.
inline Colour cloth_colour(const Identity& who, Vec2 p, const Light& light, double sample) {
  const double fold = cloud({p.x * 3 + p.y, p.y * 2 - p.x}, who.salt + 62);
  const double more = cloud({(p.x + 0.03) * 3 + p.y, p.y * 2 - p.x}, who.salt + 62);
  const Vec3 normal = normalize({0.7 * p.x + 5 * (fold - more), -0.25, 0.8});
  Colour albedo = to_linear(who.cloth.photo) * (0.75 + 0.5 * fold);
  const bool knit = who.clothes == Clothes::turtleneck || who.clothes == Clothes::crew_neck;
  const double weave = knit ? 0.5 + 0.5 * std::sin(p.x * 130 + 2 * std::sin(p.y * 75)) : noise(p * 140, who.salt + 63);
  albedo = albedo * (1 + 0.3 * (weave - 0.5) * smoothstep(0.03, 0.004, sample));
  const double rim = Wardrobe::opening(p, who.clothes);
  albedo = albedo * (1 - 0.35 * bell(rim - 0.05, 0.012));  // the seam
  if (who.clothes == Clothes::shirt) {
    const double collar = bell(rim - 0.13 + 0.25 * (p.y - 0.9), 0.014);
    albedo = albedo * (1 - 0.5 * collar) * (rim < 0.12 ? 1.15 : 1);
  }
  return albedo * light.on(normal, 1) * (1 - 0.4 * bell(rim, 0.05));
}

}  // namespace ugatit::portraits
