// How a photo is lit: one soft lamp from the side, and light from all around.
#pragma once

#include "colour.hpp"
#include "identity.hpp"

namespace ugatit::portraits {

/// The light of a photo, in linear values.
struct Light {
  Vec3 key;  ///< towards the lamp
  Colour key_colour;
  Colour sky;    ///< from above
  Colour floor;  ///< from below

  explicit Light(const Identity& who)
      : key(normalize({who.light.x, who.light.y, 0.75})),
        key_colour(mix(Colour{1.3, 1.2, 1.07}, Colour{1.2, 1.21, 1.24}, who.background_light)),
        sky(mix(Colour{0.30, 0.30, 0.33}, to_linear(hsv(who.background_hue, 0.5, 0.6)), 0.25)),
        floor(Colour{0.17, 0.14, 0.12}) {}

  /// Light from around on a surface that faces `normal`.
  Colour ambient(Vec3 normal) const { return mix(floor, sky, 0.5 - 0.5 * normal.y); }

  /// Light on cloth and other dull things.
  Colour on(Vec3 normal, double shadow) const {
    return key_colour * (std::max(0.0, 0.15 + 0.85 * dot(normal, key)) * shadow) + ambient(normal);
  }

  /// Light on skin. It scatters inside, red the furthest, so that the edge of a shadow is warm and soft.
  Colour on_skin(Vec3 normal, double shadow) const {
    const double facing = dot(normal, key);
    const auto wrapped = [&](double wrap) { return std::max(0.0, (facing + wrap) / (1 + wrap)); };
    const Colour lit{wrapped(0.42) * mix(shadow, 1, 0.22), wrapped(0.24) * mix(shadow, 1, 0.06),
                     wrapped(0.17) * shadow};
    return key_colour * lit + ambient(normal);
  }

  /// A highlight; the viewer looks along z.
  double glint(Vec3 normal, int sharpness) const {
    double shine = std::max(0.0, dot(normal, normalize({key.x, key.y, key.z + 1})));
    for (int i = 0; i < sharpness; ++i) shine *= shine;
    return shine;
  }
};

}  // namespace ugatit::portraits
