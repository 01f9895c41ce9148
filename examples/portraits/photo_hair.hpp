// Hair in a photo: strands that run from the crown, each with its own tone and a shared shine.
#pragma once

#include "frame.hpp"
#include "light.hpp"
#include "noise.hpp"

namespace ugatit::portraits {

/// The colour of hair at a place, and how ragged its edge is there.
class Strands {
 public:
  explicit Strands(const Identity& who) : who_(who), tone_(to_linear(who.hair.photo)) {}

  /// Which strand passes here: meridians of the head from the crown, upright below it.
  double strand(Vec2 p) const {
    const double crown = who_.fringe == Fringe::straight ? 0.4 * who_.parting : who_.parting;
    const double up = std::min(0.0, p.y - 0.05) / 0.84;
    const double spread = std::sqrt(std::max(0.03, 1 - up * up));
    const double wave = who_.waves * 0.035 * std::sin(13 * p.y + 5 * noise({p.x * 2, p.y * 2}, who_.salt + 50)) *
                        smoothstep(-0.5, 0.4, p.y);
    return (p.x - crown) / spread + wave;
  }

  /// How far the edge moves out, in tufts.
  double fray(Vec2 p) const {
    if (who_.hair_style == HairStyle::curls) return 0.07 * (cloud(p * 11, who_.salt + 51) - 0.45);
    const double s = strand(p);
    const double crown = 0.3 + 0.7 * smoothstep(-0.7, -0.35, p.y);  // there strands lie along the edge
    return crown * (0.024 * (noise({s * 30, p.y * 2.5}, who_.salt + 52) - 0.5) +
                    0.02 * (noise({s * 110, p.y * 3}, who_.salt + 61) - 0.5));
  }

  /// `depth` is how far behind the front it lies, 0 to 1; `shadow` as on skin.
  Colour colour(Vec2 p, const Light& light, double depth, double shadow) const {
    return who_.hair_style == HairStyle::curls ? curl(p, light, depth, shadow) : straight(p, light, depth, shadow);
  }

 private:
  Colour straight(Vec2 p, const Light& light, double depth, double shadow) const {
    const double s = strand(p);
    const double bunch = noise({s * 11, p.y * 1.3}, who_.salt + 53);
    const double fine = noise({s * 75, p.y * 4}, who_.salt + 54);
    const double finest = noise({s * 190, p.y * 7}, who_.salt + 55);
    const double strands = 0.45 * bunch + 0.33 * fine + 0.22 * finest;
    const double turn = std::clamp(p.x / (who_.face_width + 0.22), -0.95, 0.95);
    const double rise = std::clamp((p.y + 0.1) / 0.75, -0.95, 0.4);
    const Vec3 normal = normalize({turn + 0.5 * (bunch - 0.5), rise, 0.75});
    const Colour lit = light.on(normal, shadow);
    // Fair hair lets more light through than dark hair, which shines instead.
    Colour colour = tone_ * lit * (0.3 + 1.15 * strands) * mix(1, 0.5, depth);
    const double band = bell(p.y + 0.36 + 0.1 * (bunch - 0.5) - 0.45 * square(p.x - 0.15 * light.key.x), 0.2) +
                        0.5 * bell(p.y - 0.42 + 0.15 * (bunch - 0.5), 0.24);
    const double shine =
        band * square(strands) * std::max(0.0, 0.35 + 0.65 * dot(normal, light.key)) * (1 - depth) * shadow;
    return colour + (tone_ * 1.3 + Colour{0.055, 0.055, 0.06}) * (1.5 * shine);
  }

  Colour curl(Vec2 p, const Light& light, double depth, double shadow) const {
    const Vec2 bend{cloud(p * 7, who_.salt + 56) - 0.5, cloud(p * 7 + Vec2{9, 4}, who_.salt + 57) - 0.5};
    const Vec2 q = p + bend * 0.16;
    const double coil = 0.5 + 0.5 * std::sin(60 * (q.x * 0.8 + q.y) + 9 * noise(q * 9, who_.salt + 58));
    const double clump = cloud(q * 10, who_.salt + 59);
    const Vec3 normal = normalize({p.x / 0.75 + 1.6 * bend.x, (p.y + 0.1) / 0.8 + 1.6 * bend.y, 0.7});
    const double body = square(clump + 0.1) * (0.6 + 0.8 * coil);
    const Colour glow =
        (tone_ + Colour{0.04, 0.04, 0.045}) * (0.55 * coil * clump * light.glint(normal, 3) * shadow * (1 - depth));
    return tone_ * light.on(normal, shadow) * (0.3 + 1.5 * body) * mix(1, 0.5, depth) + glow;
  }

  const Identity& who_;
  Colour tone_;
};

}  // namespace ugatit::portraits
