// From the image to the body, and from the body to the face: both domains share it, so their framing is alike.
#pragma once

#include "identity.hpp"

namespace ugatit::portraits {

/// A place in the three frames of a person, and the size of a sample there.
struct Place {
  Vec2 image;     ///< [-1, 1]²
  Vec2 body;      ///< upright, scaled: neck and clothes
  Vec2 head;      ///< tilted about the neck: skull and hair
  Vec2 face;      ///< turned too: eyes, nose and mouth have moved across the skull
  double sample;  ///< in the units of the last three
};

/// Places for a person.
class Frame {
 public:
  explicit Frame(const Identity& who)
      : offset_(who.offset),
        scale_(who.scale),
        cos_(std::cos(who.tilt)),
        sin_(std::sin(who.tilt)),
        turn_(0.055 * who.turn),
        nod_(0.02 * who.nod) {}

  Place at(Vec2 image, double sample) const {
    Place place;
    place.image = image;
    place.sample = sample / scale_;
    place.body = (image - offset_) * (1 / scale_);
    const Vec2 arm = place.body - pivot;
    place.head = Vec2{cos_ * arm.x + sin_ * arm.y, cos_ * arm.y - sin_ * arm.x} + pivot;
    // What is nearer to the viewer moves further when the head turns; the rim stays.
    const double depth = std::max(0.0, 1 - square(place.head.x / 0.55) - square((place.head.y - 0.1) / 0.8));
    place.face = place.head - Vec2{turn_, nod_} * (depth * (2 - depth));
    return place;
  }

 private:
  static constexpr Vec2 pivot{0, 0.55};
  Vec2 offset_;
  double scale_, cos_, sin_, turn_, nod_;
};

}  // namespace ugatit::portraits
