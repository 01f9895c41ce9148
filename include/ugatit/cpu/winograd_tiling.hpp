// How a result is cut into the 4×4 tiles of Winograd's F(4×4, 3×3).
#pragma once

#include <ugatit/core/shape.hpp>

namespace ugatit::winograd {

constexpr Index tile = 4;                ///< pixels of a result's tile, in each direction
constexpr Index field = 6;               ///< pixels that it depends on
constexpr Index points = field * field;  ///< products for each pair of channels

/// The tiles of a result of that height and width, numbered through the batch.
struct Tiling {
  Index height, width;
  Index down = (height + tile - 1) / tile;
  Index across = (width + tile - 1) / tile;

  struct Place {
    Index sample, row, column;
  };

  Index count(Index batch) const { return batch * down * across; }
  Place place(Index t) const { return {t / (down * across), t / across % down * tile, t % across * tile}; }
  /// Tiles in a stretch: enough for good products, few enough for the cache.
  static constexpr Index stretch = 256;
};

}  // namespace ugatit::winograd
