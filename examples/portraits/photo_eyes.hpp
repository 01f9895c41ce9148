// The eyes, brows and glasses of a photo.
#pragma once

#include "frame.hpp"
#include "light.hpp"
#include "noise.hpp"

namespace ugatit::portraits {

/// Draws what surrounds and fills an eye; both are one eye, mirrored.
class Eyes {
 public:
  explicit Eyes(const Identity& who)
      : who_(who),
        half_width_(0.09 * who.eye_size),
        upper_((0.047 - 0.008 * std::max(0.0, who.smile)) * who.eye_size),
        lower_((0.028 - 0.006 * std::max(0.0, who.smile)) * who.eye_size),
        iris_(to_linear(who.eyes.photo)),
        brow_(to_linear(mix(who.hair.photo, hex(0x2a1d16), 0.55))) {}

  /// Paints over `skin`. `shadow` as on the skin around.
  Colour paint(Colour skin, const Place& at, const Light& light, double shadow) const {
    const double side = at.face.x < 0 ? -1 : 1;
    const Vec2 p{std::abs(at.face.x) - who_.eye_gap, at.face.y};
    Colour colour = brow(skin, p, at.sample, side);
    if (std::abs(p.x) > 0.13 || std::abs(p.y) > 0.1) return colour;
    const Vec2 e = rotate(p, who_.eye_slant);
    const double u = e.x / half_width_;
    const double k = std::max(0.0, 1 - u * u);
    // Fullest nearer to the nose above, nearer to the temple below.
    const double top = -upper_ * k * (1 - 0.22 * u);
    const double bottom = lower_ * k * (1 + 0.3 * u);
    const double soft = at.sample + 0.004;

    const double crease = bell(e.y - (top - 0.02 - 0.006 * u), 0.011) * bell(u, 1.25);
    colour = colour * (1 - 0.42 * crease) * (1 - 0.16 * bell(e.y - bottom - 0.012, 0.014) * bell(u, 1.2));
    const double inside = coverage(std::max(top - e.y, e.y - bottom), soft) * (k > 0 ? 1 : 0);
    if (inside > 0) colour = mix(colour, ball(e, u, top, light, side, at.sample) * mix(0.6, 1, shadow), inside);
    const double rim = coverage(std::abs(e.y - bottom - 0.003) - 0.003, soft) * (k > 0 ? 1 : 0);
    colour = mix(colour, skin * Colour{1.0, 0.72, 0.68}, 0.6 * rim);

    // Lashes: a dark line that thickens outwards, and a little under the eye.
    const double thick = 0.006 + 0.005 * clamp01(0.5 + 0.5 * u);
    const double reach = k > 0 ? 0 : std::abs(u) - 1;
    const double line = coverage(std::abs(e.y - top + 0.002 + (u > 0 ? 0.1 * reach : 0)) - thick, soft) *
                        (1 - smoothstep(0, 0.14, reach));
    colour = mix(colour, Colour{0.018, 0.012, 0.01}, 0.9 * line);
    return mix(colour, Colour{0.03, 0.02, 0.015},
               0.3 * bell(e.y - bottom - 0.005, 0.007) * smoothstep(-0.2, 0.8, u) * (k > 0 ? 1 : 0));
  }

  /// Frames and their shadow, and a trace of the sky on the glass.
  Colour glasses(Colour colour, const Place& at) const {
    if (!who_.glasses) return colour;
    const double ring = lens(at.face);
    const double soft = at.sample + 0.003;
    colour = colour * (1 - 0.2 * bell(lens(at.face - Vec2{-0.02 * who_.light.x, 0.022}), 0.025));
    const double shine = smoothstep(0.3, 1, noise(Vec2{at.face.x * 3 + at.face.y * 4, 0}, who_.salt + 30));
    colour = colour + Colour{0.05, 0.055, 0.06} * (shine * coverage(ring, soft));
    const double frame = coverage(std::abs(ring) - 0.009, soft);
    const double bridge =
        coverage(segment(at.face, {-0.045, -0.02}, {0.045, -0.02}) - 0.008, soft) * (ring > 0 ? 1 : 0);
    const double arm = coverage(segment({std::abs(at.face.x), at.face.y}, {who_.eye_gap + 0.135, -0.03},
                                        {who_.face_width + 0.02, -0.045}) -
                                    0.008,
                                soft) *
                       (ring > 0 ? 1 : 0);
    const Colour metal = Colour{0.03, 0.026, 0.026} + Colour{0.35, 0.34, 0.33} * bell(ring - 0.004, 0.005);
    return mix(colour, metal, std::max({frame, bridge, arm}));
  }

  /// The signed distance to the glasses' lenses.
  double lens(Vec2 face) const {
    const Vec2 p{std::abs(face.x) - who_.eye_gap - 0.005, face.y - 0.015};
    if (who_.round_glasses) return length(p) - 0.128;
    const Vec2 d{std::abs(p.x) - 0.095, std::abs(p.y) - 0.06};
    return length({std::max(d.x, 0.0), std::max(d.y, 0.0)}) + std::min(0.0, std::max(d.x, d.y)) - 0.04;
  }

 private:
  Colour ball(Vec2 e, double u, double top, const Light& light, double side, double sample) const {
    const double lid = smoothstep(-0.004, 0.026, e.y - top);
    Colour colour = Colour{0.58, 0.555, 0.54} * (mix(0.45, 1, lid) * (1 - 0.38 * u * u));
    colour = mix(colour, Colour{0.45, 0.2, 0.17}, 0.6 * smoothstep(-0.72, -0.95, u));  // the inner corner
    const Vec2 looking{who_.gaze.x * side * 0.016, -0.006 + who_.gaze.y * 0.008};
    const Vec2 d = e - looking;
    const double radius = 0.044 * who_.eye_size;
    const double r = length(d) / radius;
    const double soft = (sample + 0.003) / radius;
    if (r < 1 + soft) {
      const Vec2 ray = d * (1 / std::max(1e-6, length(d)));
      const double fibres = noise(Vec2{ray.x * 9, ray.y * 9} + d * 20, who_.salt + 20);
      // Light that enters on the lamp's side leaves on the other.
      const double caustic = 1.1 - 0.9 * dot(d, {light.key.x * side, light.key.y}) / radius;
      Colour iris = iris_ * (0.75 + 0.9 * fibres) * caustic + iris_ * (0.5 * bell(r - 0.5, 0.25));
      iris = mix(iris, iris_ * 0.16, smoothstep(0.72, 1, r));
      iris = mix(iris, {0.008, 0.007, 0.007}, coverage((r - 0.42), soft + 0.08));
      colour = mix(colour, iris * mix(0.4, 1, lid), coverage(r - 1, soft));
    }
    const Vec2 spark = d - Vec2{light.key.x * side * 0.02, -0.015};
    return mix(colour, {1.5, 1.5, 1.45}, 0.95 * coverage(length(spark) - 0.009, sample + 0.004)) +
           Colour{0.05, 0.05, 0.055} * bell(length(d - Vec2{0, -0.012}), 0.03);
  }

  Colour brow(Colour skin, Vec2 p, double sample, double side) const {
    const double t = (p.x + 0.1) / 0.215;  // 0 at the nose, 1 at the temple
    if (t < -0.1 || t > 1.1) return skin;
    const double arch = 0.035 * (1 - square((t - 0.62) / 0.62)) - 0.012 * who_.brow_anger * (1 - t);
    const double y = p.y + who_.brow_height - 0.006 + arch;
    const double weight = mix(0.012, 0.021, who_.brow_weight);
    const double thick = weight * (0.35 + 0.65 * smoothstep(1.02, 0.45, t)) * smoothstep(-0.08, 0.12, t);
    const double hairs = noise({(p.x + 0.55 * y) * 150 + 40 * side, y * 30}, who_.salt + 22);
    const double cover =
        coverage(std::abs(y) - thick - 0.008 * (hairs - 0.6), sample + 0.014) * smoothstep(1.08, 0.9, t);
    return mix(skin, brow_ * (0.75 + 0.45 * hairs), cover * (0.66 + 0.24 * hairs));
  }

  const Identity& who_;
  double half_width_, upper_, lower_;
  Colour iris_, brow_;
};

}  // namespace ugatit::portraits
