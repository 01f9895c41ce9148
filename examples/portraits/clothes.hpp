// The cut of clothes, the same in both domains.
#pragma once

#include "identity.hpp"

namespace ugatit::portraits {

/// The outlines of clothes in the body's frame, shared by both domains. Negative inside.
struct Wardrobe {
  static double shoulders(Vec2 p) {
    const double x = std::abs(p.x);
    return (0.68 + 0.42 * smoothstep(0.1, 1.0, x) * x + 0.03 * x - p.y) * 0.85;
  }

  /// The opening at the neck.
  static double opening(Vec2 p, Clothes clothes) {
    const double x = std::abs(p.x);
    switch (clothes) {
      case Clothes::crew_neck:
        return ellipse(p - Vec2{0, 0.62}, {0.28, 0.19});
      case Clothes::v_neck:
      case Clothes::shirt:
        return std::max(0.9 * x + 0.5 * (p.y - 1.06), p.y - 1.2);
      case Clothes::turtleneck:
        break;
    }
    return ellipse(p - Vec2{0, 0.5}, {0.3, 0.1});
  }
};

}  // namespace ugatit::portraits
