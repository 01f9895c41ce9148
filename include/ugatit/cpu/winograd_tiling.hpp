// How a result is cut into the 4×4 tiles of minimal filtering, and how tiles lie side by side in packets.
#pragma once

#include <ugatit/core/shape.hpp>
#include <ugatit/cpu/gemm.hpp>
#include <ugatit/cpu/winograd_matrices.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

namespace ugatit::winograd {

/// The tiles of a result of that height and width, numbered through the batch.
struct Tiling {
  Index height, width;
  Index down = (height + tile - 1) / tile;
  Index across = (width + tile - 1) / tile;

  Index count(Index batch) const { return batch * down * across; }
  /// Tiles in a stretch: enough for good products, few enough for the cache.
  static constexpr Index stretch = 256;
};

/// Tiles that follow each other, one a lane of a packet, as runs of neighbours in one row of tiles.
template <class T>
class TilePacket {
 public:
  static constexpr Index lanes = gemm::Tile<T>::lanes;

  struct Run {
    Index lane, length;
    Index sample, row, column;  ///< of its first tile, counted in tiles
  };

  /// The first of them is tile number `first`; from `end` on there are none.
  TilePacket(const Tiling& tiling, Index first, Index end) : count_(std::min(lanes, end - first)) {
    Index column = first % tiling.across;
    Index row = first / tiling.across % tiling.down;
    Index sample = first / (tiling.across * tiling.down);
    for (Index lane = 0; lane < count_;) {
      const Index length = std::min(count_ - lane, tiling.across - column);
      all_[static_cast<std::size_t>(runs_++)] = {lane, length, sample, row, column};
      lane += length;
      column = 0;
      if (++row == tiling.down) {
        row = 0;
        ++sample;
      }
    }
  }

  std::span<const Run> runs() const { return {all_.data(), static_cast<std::size_t>(runs_)}; }
  Index count() const { return count_; }
  bool is_one_run() const { return runs_ == 1 && count_ == lanes; }  ///< that fills the packet

 private:
  std::array<Run, static_cast<std::size_t>(lanes)> all_;
  Index runs_ = 0;
  Index count_;
};

}  // namespace ugatit::winograd
