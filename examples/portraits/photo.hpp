// A photo of a person: layers from the background to the fringe, then lens and film.
#pragma once

#include "canvas.hpp"
#include "hair_shape.hpp"
#include "photo_eyes.hpp"
#include "photo_hair.hpp"
#include "photo_mouth.hpp"
#include "photo_scene.hpp"
#include "photo_skin.hpp"

namespace ugatit::portraits {

namespace detail {

/// Everything that a photo of one person is painted with.
class Photo {
 public:
  explicit Photo(const Identity& who)
      : who_(who),
        frame_(who),
        backdrop_(who),
        skin_(who),
        eyes_(who),
        mouth_(who, skin_.mouth_height(), skin_.tone()),
        strands_(who),
        hair_(hair_shapes(who, false)),
        face_(photo_face_shape(who)) {}

  /// Linear light from a point of the image.
  Colour operator()(Vec2 p, double sample) const {
    const Place at = frame_.at(p, sample);
    const double soft = at.sample + 0.008;
    const double fray = strands_.fray(at.head);
    const double face = face_.distance(at.head);
    const double front = hair_.front.distance(at.head) - fray * (1 + 0.7 * smoothstep(0, -0.12, face));
    // Hair thins out over the face, and ends sharply against the background.
    const double in_front =
        coverage(front, soft + (who_.fringe == Fringe::back ? 0.035 : 0.014) * smoothstep(0.02, -0.04, face));
    if (in_front >= 1) return hair_front(at);

    Colour colour = face > -0.02 ? behind(at, fray, face) : Colour{};
    const double on_face = coverage(face, at.sample + 0.006);
    if (on_face > 0) colour = mix(colour, face_colour(at), on_face);
    colour = eyes_.glasses(colour, at);
    return in_front > 0 ? mix(colour, hair_front(at), in_front) : colour;
  }

  /// Vignette, tone curve and grain.
  Colour develop(Colour light, Vec2 p, int x, int y) const {
    const double exposure = 1.03 * (1 - 0.17 * dot(p, p));
    const Colour shown = to_display(light * exposure);
    const double grain = (cell_noise(x, y, who_.salt + 80) + cell_noise(x, y, who_.salt + 81) - 1) * 0.026;
    const double tint = (cell_noise(x, y, who_.salt + 82) - 0.5) * 0.014;
    return {shown.r + grain + tint, shown.g + grain, shown.b + grain - tint};
  }

 private:
  Colour hair_front(const Place& at) const {
    // A lock that ends here hides the lamp from itself: darker towards the lower edge.
    return strands_.colour(at.head, skin_.light(), 0.15 * smoothstep(0.25, 0.6, at.head.y), 1);
  }

  /// What the face covers: background, hair at the back, neck, clothes, ears.
  Colour behind(const Place& at, double fray, double face) const {
    const double soft = at.sample + 0.008;
    Colour colour{};
    double back = hair_.back.distance(at.head) - fray;
    const double in_back = coverage(back, soft);
    if (in_back < 1) colour = backdrop_.colour(at.image);
    for (const Shape& tail : hair_.tails) {
      const double inside = coverage(tail.distance(at.head) - fray, soft);
      if (inside > 0) colour = mix(colour, strands_.colour(at.head, skin_.light(), 0.15, 0.9), inside);
    }
    for (const Vec2 tie : hair_.ties) {
      const Vec2 d = (at.head - tie) * (1 / 0.058);
      const double inside = coverage((length(d) - 1) * 0.058, soft);
      if (inside > 0) colour = mix(colour, tie_colour(d), inside);
    }
    if (in_back > 0) {
      // Near the neck it is dark inside the hair.
      const double depth = 0.25 + 0.75 * bell(at.body.x, 0.5) * smoothstep(0.1, 0.4, at.head.y);
      colour = mix(colour, strands_.colour(at.head, skin_.light(), depth, 0.85), in_back);
    }
    const double chin = smoothstep(0.24, 0.03, face) * smoothstep(1.0, 0.75, at.body.y);
    const double neck =
        coverage(std::abs(at.body.x) - 0.178 - 0.9 * square(std::max(0.0, at.body.y - 0.58)), soft + 0.01);
    if (neck > 0 && at.body.y > 0.3)
      colour = mix(colour, skin_.neck(at, std::max(chin, smoothstep(0.78, 0.6, at.body.y))), neck);
    const double body = Wardrobe::shoulders(at.body);
    const double opening = Wardrobe::opening(at.body, who_.clothes);
    const double skin = coverage(body, soft);
    if (skin > 0) {
      const double cloth = coverage(std::max(body, -opening), soft);
      if (cloth < 1) colour = mix(colour, skin_.neck(at, chin * 0.6), skin);
      if (cloth > 0) colour = mix(colour, cloth_colour(who_, at.body, skin_.light(), at.sample), cloth);
    }
    if (who_.clothes == Clothes::turtleneck) {
      const double tube = at.body.y < 0.4 ? 0 : coverage(std::max(std::abs(at.body.x) - 0.23, -opening), soft);
      if (tube > 0)
        colour = mix(colour, cloth_colour(who_, at.body, skin_.light(), at.sample) * (1 - 0.5 * chin), tube);
    }
    colour = long_hair(colour, at, back, soft);
    const Vec2 ear{std::abs(at.head.x) - who_.face_width - 0.012, at.head.y - 0.04};
    const double on_ear = coverage(ellipse(rotate(ear, -0.15), {0.05, 0.1}), soft);
    return on_ear > 0 ? mix(colour, skin_.ear(ear), on_ear) : colour;
  }

  /// A ball of the clothes' colour, gathered in folds.
  Colour tie_colour(Vec2 d) const {
    const Vec3 normal = normalize({d.x, d.y, std::sqrt(std::max(0.05, 1 - dot(d, d)))});
    const double folds = 0.7 + 0.5 * noise({5 * d.x, d.y}, who_.salt + 83);
    return to_linear(who_.cloth.photo) * skin_.light().on(normal, 1) * folds;
  }

  /// Long hair falls over the shoulders on both sides of the neck.
  Colour long_hair(Colour colour, const Place& at, double back, double soft) const {
    if (who_.hair_style != HairStyle::straight && who_.hair_style != HairStyle::bob) return colour;
    const double inner =
        who_.face_width * 0.72 - std::abs(at.head.x) - 0.1 * smoothstep(0.7, 1.3, at.head.y) + strands_.fray(at.head);
    const double over = coverage(std::max(back, inner), soft) * smoothstep(0.1, 0.35, at.head.y);
    if (over <= 0) return colour;
    const double depth = 0.75 * smoothstep(0.13, 0, -inner);
    return mix(colour, strands_.colour(at.head, skin_.light(), depth, 1), over);
  }

  Colour face_colour(const Place& at) const {
    // The hair's shadow lies away from the lamp.
    const Vec2 towards{who_.light.x * 0.06, -0.05};
    const double shade = smoothstep(0.05, -0.03, hair_.front.distance(at.head + towards));
    const double shadow = 1 - 0.7 * shade;
    Colour colour = skin_.face(at, shadow) * (1 - 0.25 * shade);
    colour = mouth_.paint(colour, at, skin_.light(), shadow);
    return eyes_.paint(colour, at, skin_.light(), shadow);
  }

  const Identity& who_;
  Frame frame_;
  Backdrop backdrop_;
  Skin skin_;
  Eyes eyes_;
  Mouth mouth_;
  Strands strands_;
  HairShapes hair_;
  Shape face_;
};

}  // namespace detail

/// Domain A: a person as a softly lit, textured photo of `size` × `size` pixels.
inline Image draw_photo(const Identity& who, int size) {
  const detail::Photo photo(who);
  return render(size, photo, [&](Colour c, Vec2 p, int x, int y) { return photo.develop(c, p, x, y); });
}

}  // namespace ugatit::portraits
