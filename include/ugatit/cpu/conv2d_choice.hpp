// Which way a convolution goes, by its geometry; the first line that fits:
//
//   kernel  stride  channels          scalar   way
//   3×3     1       32 or more each   float    Winograd F(4×4, 3×3), where the tiles fit the result well
//   4×4     1 or 2  32 or more each   float    the same with F(4×4, 4×4), or F(4×4, 2×2) of the image's four parts
//   2×2 on  1       at most 4 out     any      shifts: every tap's product with the whole image
//   any     any     any               any      products: columns of im2col, packed panel by panel and never stored
//
// With products in bfloat16 all go by tiles, which the processor's matrix unit multiplies. Where it has none, what is
// for Winograd's way goes it still, in float: a quarter of the products takes less time than all of them twice as fast.
// And so do large weights for few pixels go by products, as they take longer to lay out than to multiply.
// Double never goes Winograd's way: it is what the others are held against. benchmarks/bench_conv.cpp times them all.
#pragma once

#include <ugatit/cpu/conv2d_columns.hpp>
#include <ugatit/cpu/device.hpp>
#include <ugatit/cpu/tile_units.hpp>
#include <ugatit/cpu/winograd_tiling.hpp>
#include <ugatit/ops/conv2d.hpp>

#include <algorithm>
#include <type_traits>

namespace ugatit::conv {

enum class Way { products, shifts, winograd, tiles };

/// Whether the geometry allows that way at all.
inline bool allows(Way way, const Conv2dGeometry& g) {
  if (way == Way::winograd) return g.stride == 1 ? g.kernel == 3 || g.kernel == 4 : g.stride == 2 && g.kernel == 4;
  return way == Way::products || way == Way::tiles || g.stride == 1;
}

/// For a result of that extent.
template <class T>
Way choose(Products products, const Conv2dGeometry& g, const Extent& out) {
  const bool in_halves = std::is_same_v<T, float> && products == Products::bfloat16;
  if (in_halves && tiles::best_unit() == tiles::Unit::amx) return Way::tiles;
  constexpr Index enough_channels = 32;     // below, the transforms cost what the products save
  constexpr Index enough_tiles_of_3x3 = 8;  // below, the weights' transform does
  constexpr Index enough_tiles_of_4x4 = 64;
  const Index enough_tiles = g.kernel == 3 ? enough_tiles_of_3x3 : enough_tiles_of_4x4;
  constexpr Index few_channels = 4;
  const Index count = winograd::Tiling{out.height, out.width}.count(out.batch);
  const bool little_waste = count * winograd::tile * winograd::tile <= 2 * out.batch * out.area();
  if (std::is_same_v<T, float> && allows(Way::winograd, g) && count >= enough_tiles && little_waste &&
      std::min(g.in_channels, g.out_channels) >= enough_channels) {
    return Way::winograd;
  }
  if (in_halves && !tiles::suits_columns(g, out)) return Way::tiles;
  return allows(Way::shifts, g) && g.kernel > 1 && g.out_channels <= few_channels ? Way::shifts : Way::products;
}

}  // namespace ugatit::conv
