// One person: everything that both a photo and a cartoon of them are drawn from.
#pragma once

#include "palette.hpp"
#include "vector.hpp"

#include <ugatit/core/random.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace ugatit::portraits {

enum class HairStyle { cropped, bob, straight, ponytail, twin_tails, bun, curls };
enum class Fringe { straight, swept, parted, back };
enum class Clothes { crew_neck, v_neck, shirt, turtleneck };

/// A person in front of a camera. Lengths are in the face's units: half of the face is 0.4 wide, eyes to chin is 0.6.
struct Identity {
  // Pose
  Vec2 offset;
  double scale = 1;
  double tilt = 0;  ///< radians
  double turn = 0;  ///< -1 left to 1 right
  double nod = 0;   ///< -1 up to 1 down
  Vec2 gaze;
  Vec2 light;  ///< where it comes from, in the plane of the image

  // Face
  double face_width = 0.42;
  double jaw = 0.5;  ///< 0 narrow to 1 square
  double chin = 0.6;
  double eye_size = 1;
  double eye_gap = 0.18;
  double eye_slant = 0;
  double brow_height = 0.13;
  double brow_weight = 0.5;
  double brow_anger = 0;
  double nose_width = 1;
  double nose_length = 0.2;
  double mouth_width = 0.13;
  double lips = 0.5;
  double smile = 0;
  double mouth_open = 0;
  double lipstick = 0;
  double blush = 0;
  bool freckled = false;
  bool glasses = false;
  bool round_glasses = false;

  // Hair
  HairStyle hair_style = HairStyle::bob;
  Fringe fringe = Fringe::straight;
  double parting = 0;  ///< where the hair parts, left to right
  double hair_length = 0.5;
  double waves = 0;

  // Colours
  Paint skin;
  Paint hair;
  Paint eyes;
  Paint cloth;
  Clothes clothes = Clothes::crew_neck;
  double background_hue = 0;
  double background_light = 0.5;
  std::uint32_t salt = 0;  ///< for noise

  friend bool operator==(const Identity&, const Identity&) = default;
};

namespace detail {

template <std::size_t n>
const Paint& pick(Random& random, const Paint (&paints)[n]) {
  return paints[random.below(static_cast<std::int64_t>(n))];
}

inline double between(Random& random, double low, double high) {
  return mix(low, high, random.uniform());
}

inline void choose_pose(Random& random, Identity& who) {
  who.offset = {random.symmetric(0.08), 0.06 + random.symmetric(0.05)};
  who.scale = between(random, 1.1, 1.3);
  who.tilt = random.symmetric(0.12);
  who.turn = random.symmetric(1);
  who.nod = random.symmetric(1);
  who.gaze = {0.5 * who.turn + random.symmetric(0.4), random.symmetric(0.3)};
  // Never from straight ahead: the side of the shadow should be told by looking.
  const double side = random.coin() ? 1 : -1;
  who.light = {side * between(random, 0.35, 0.75), -between(random, 0.3, 0.6)};
}

inline void choose_face(Random& random, Identity& who) {
  who.face_width = between(random, 0.39, 0.44);
  who.jaw = random.uniform();
  who.chin = between(random, 0.56, 0.62);
  who.eye_size = between(random, 0.92, 1.12);
  who.eye_gap = who.face_width * between(random, 0.41, 0.45);
  who.eye_slant = random.symmetric(0.1);
  who.brow_height = between(random, 0.125, 0.155);
  who.brow_weight = random.uniform();
  who.brow_anger = random.symmetric(1);
  who.nose_width = between(random, 0.85, 1.2);
  who.nose_length = between(random, 0.17, 0.21);
  who.mouth_width = between(random, 0.115, 0.145);
  who.lips = random.uniform();
  who.smile = between(random, -0.1, 1);
  who.mouth_open = who.smile > 0.45 && random.coin() ? between(random, 0.5, 1) : 0;
  who.lipstick = random.below(3) == 0 ? between(random, 0.5, 1) : 0;
  who.blush = random.uniform();
  who.freckled = random.below(5) == 0;
  who.glasses = random.below(4) == 0;
  who.round_glasses = random.coin();
}

inline void choose_hair(Random& random, Identity& who) {
  constexpr HairStyle styles[] = {HairStyle::cropped,    HairStyle::bob,      HairStyle::bob,      HairStyle::straight,
                                  HairStyle::straight,   HairStyle::straight, HairStyle::straight, HairStyle::ponytail,
                                  HairStyle::twin_tails, HairStyle::bun,      HairStyle::curls};
  constexpr Fringe fringes[] = {Fringe::straight, Fringe::straight, Fringe::swept,
                                Fringe::swept,    Fringe::parted,   Fringe::back};
  who.hair_style = styles[random.below(static_cast<std::int64_t>(std::size(styles)))];
  who.fringe = fringes[random.below(static_cast<std::int64_t>(std::size(fringes)))];
  if (who.hair_style == HairStyle::cropped && who.fringe == Fringe::parted) who.fringe = Fringe::swept;
  const double side = random.coin() ? 1 : -1;
  who.parting = who.fringe == Fringe::parted ? random.symmetric(0.05) : side * between(random, 0.12, 0.2);
  if (who.hair_style == HairStyle::bun || who.hair_style == HairStyle::curls) {  // needs room above
    who.scale *= 0.92;
    who.offset.y += who.hair_style == HairStyle::bun ? 0.07 : 0;
  }
  who.hair_length = random.uniform();
  who.waves = random.coin() ? random.uniform() : 0;
}

inline void choose_colours(Random& random, Identity& who) {
  constexpr std::size_t skins = std::size(skin_paints);
  const double tone = random.uniform() * static_cast<double>(skins - 1);
  const auto step = static_cast<std::size_t>(tone);
  who.skin = mix(skin_paints[step], skin_paints[step + 1], tone - static_cast<double>(step));
  // The neighbours in the table blend, so that there are more colours than the table has.
  const std::int64_t dye = random.below(4) == 0 ? natural_hair : 0;
  const std::int64_t last = dye == 0 ? natural_hair : static_cast<std::int64_t>(std::size(hair_paints)) - natural_hair;
  // One draw a line: the order in which a function's arguments are drawn is up to the compiler.
  const Paint& hair = hair_paints[dye + random.below(last)];
  const Paint& streaks = hair_paints[dye + random.below(last)];
  who.hair = mix(hair, streaks, 0.15 * random.uniform());
  who.eyes = pick(random, eye_paints);
  who.cloth = pick(random, cloth_paints);
  who.clothes = static_cast<Clothes>(random.below(4));
  who.background_hue = random.uniform();
  who.background_light = random.uniform();
  who.salt = static_cast<std::uint32_t>(random.bits() >> 32U);
}

}  // namespace detail

/// A person drawn by lot. The order of the choices is part of the data set: a seed means these people.
inline Identity choose_identity(Random random) {
  Identity who;
  detail::choose_pose(random, who);
  detail::choose_face(random, who);
  detail::choose_hair(random, who);
  detail::choose_colours(random, who);
  return who;
}

}  // namespace ugatit::portraits
