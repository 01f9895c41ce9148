// The mouth and nostrils of a photo.
#pragma once

#include "frame.hpp"
#include "light.hpp"
#include "noise.hpp"

namespace ugatit::portraits {

/// Draws lips, teeth and nostrils over skin.
class Mouth {
 public:
  Mouth(const Identity& who, double height, Colour skin)
      : who_(who),
        height_(height),
        width_(who.mouth_width * (1 + 0.12 * std::max(0.0, who.smile))),
        colour_(mix(skin * Colour{0.8, 0.52, 0.5}, to_linear(hex(0xa81f38)), 0.75 * who.lipstick)) {}

  Colour paint(Colour skin, const Place& at, const Light& light, double shadow) const {
    Colour colour = nostrils(skin, at);
    const double u = at.face.x / width_;
    const double k = 1 - u * u;
    if (std::abs(u) > 1.15 || std::abs(at.face.y - height_) > 0.14) return colour;
    // The line between the lips bends up at the corners in a smile.
    const double y = at.face.y - height_ + 0.052 * who_.smile * u * u - 0.016 * who_.smile;
    const double cut = std::max(0.0, k);
    const double gap = 0.024 * who_.mouth_open * cut;
    const double bow = 1 - 0.22 * bell(u, 0.16) + 0.12 * bell(std::abs(u) - 0.24, 0.2);
    const double upper =
        gap * 0.6 + mix(0.022, 0.034, who_.lips) * std::pow(cut, 0.8) * bow * (1 - 0.25 * who_.mouth_open);
    const double lower = gap + mix(0.03, 0.045, who_.lips) * std::pow(cut, 0.7) * (1 - 0.2 * who_.mouth_open);
    const double soft = at.sample + mix(0.012, 0.006, who_.lipstick);
    const double corner = spot({std::abs(u), y}, {1.0, 0}, {0.16, 0.02});
    colour =
        colour * (1 - 0.45 * corner) * (1 - 0.22 * spot({at.face.x, y}, {0, lower + 0.022}, {width_ * 0.7, 0.022}));

    const double inside = coverage(std::max(-upper - y, y - lower), soft) * smoothstep(0, 0.12, k);
    if (inside > 0) colour = mix(colour, lip(u, y, gap, upper, lower, light, shadow), inside * 0.92);
    return slit(colour, at, u, y, gap, k);
  }

 private:
  Colour lip(double u, double y, double gap, double upper, double lower, const Light& light, double shadow) const {
    const bool is_upper = y < 0;
    const double across = is_upper ? (y + upper) / std::max(1e-3, upper) : (y - gap) / std::max(1e-3, lower - gap);
    const double slope = is_upper ? 0.75 - 0.2 * across : 1.5 * across - 0.85;
    const Vec3 normal = normalize({0.7 * u, slope, 1});
    const double creases = noise({u * 26, y * 12}, who_.salt + 40);
    const Colour albedo = colour_ * (0.86 + 0.28 * creases);
    const double wet =
        is_upper ? 0.04 : 0.22 * spot({u - 0.15 * light.key.x, across}, {0, 0.38}, {0.55, 0.34}) * (0.5 + creases);
    return albedo * light.on_skin(normal, shadow) + light.key_colour * (wet * mix(0.6, 1.1, who_.lipstick));
  }

  Colour slit(Colour colour, const Place& at, double u, double y, double gap, double k) const {
    const double soft = at.sample + 0.006;
    if (gap > 0.002) {
      const double open = coverage(std::max(-gap * 0.6 - y, y - gap), soft) * smoothstep(0, 0.1, k);
      const double tooth = 0.9 + 0.1 * smoothstep(0.02, 0.16, std::abs(u * 5.5 - std::floor(u * 5.5 + 0.5)));
      Colour teeth =
          Colour{0.72, 0.69, 0.64} * (tooth * (1 - 0.75 * u * u) * mix(0.55, 1, smoothstep(-gap * 0.6, 0, y)));
      teeth = mix(teeth, {0.07, 0.02, 0.02}, smoothstep(0.62, 0.95, y / gap));
      colour = mix(colour, teeth, open);
    }
    const double line =
        coverage(std::abs(y - (gap > 0.002 ? -gap * 0.6 : 0)) - 0.002, soft + 0.004) * smoothstep(-0.12, 0.1, k);
    return mix(colour, colour_ * 0.14, line * (gap > 0.002 ? 0.45 : 0.85));
  }

  Colour nostrils(Colour skin, const Place& at) const {
    const Vec2 p{std::abs(at.face.x), at.face.y};
    const double w = who_.nose_width;
    const double y = who_.nose_length;
    const double hole = spot(rotate(p - Vec2{0.04 * w, y + 0.034}, -0.35), {0, 0}, {0.026 * w, 0.014});
    const double wing =
        bell(length({p.x - 0.055 * w, p.y - y - 0.008}) - 0.034, 0.012) * smoothstep(0.055 * w, 0.085 * w, p.x);
    return mix(skin, skin * Colour{0.22, 0.12, 0.1}, clamp01(1.1 * hole)) * (1 - 0.3 * wing);
  }

  const Identity& who_;
  double height_, width_;
  Colour colour_;
};

}  // namespace ugatit::portraits
