// Channels of images [N, C, H, W], or rows of matrices, as teams work on them: one each, or where they are large cut
// into pieces.
#pragma once

#include <ugatit/cuda/team.hpp>

namespace ugatit {

/// How channels of that many pixels are cut into pieces.
struct PlaneCut {
  Index area;    ///< pixels of a channel
  Index pieces;  ///< of each channel
  Index length;  ///< pixels of a piece; the last one may have fewer

  explicit PlaneCut(Index pixels, Index longest = 8192)
      : area(pixels),
        pieces(pixels > 2 * longest ? (pixels + longest - 1) / longest : 1),
        length((pixels + pieces - 1) / pieces) {}

  UGATIT_KERNEL Index begin(Index piece) const { return piece * length; }
  UGATIT_KERNEL Index size(Index piece) const {
    const Index rest = area - begin(piece);
    return rest < length ? (rest < 0 ? 0 : rest) : length;
  }
};

/// f(team, plane, begin, size) for each piece of each of `planes` channels.
template <class D, class F>
void for_each_plane_piece(D& dev, Index planes, const PlaneCut& cut, const F& f) {
  for_each_team(dev, planes * cut.pieces, cut.length, [=] UGATIT_KERNEL(Team team, Index t) {
    const Cell place(cut.pieces, t);
    f(team, place.row, cut.begin(place.column), cut.size(place.column));
  });
}

/// The same, cut as most are.
template <class D, class F>
void for_each_plane_piece(D& dev, Index planes, Index area, const F& f) {
  for_each_plane_piece(dev, planes, PlaneCut(area), f);
}

}  // namespace ugatit
