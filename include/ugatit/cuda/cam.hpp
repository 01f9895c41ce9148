// ops/cam.hpp as kernels.
#pragma once

#include <ugatit/cuda/columns.hpp>
#include <ugatit/ops/cam.hpp>

namespace ugatit {

template <LaunchesKernels D>
void cam_fold_forward(D& dev, CamGeometry g, const typename D::Scalar* w, const typename D::Scalar* gap,
                      const typename D::Scalar* gmp, typename D::Scalar* folded) {
  const Index channels = g.channels;
  for_each(dev, channels * channels, [=] UGATIT_KERNEL(Index i) {
    const Cell p(channels, i);
    const Index c = p.column;
    const Index first = p.row * 2 * channels + c;
    folded[i] = w[first] * gap[c] + w[first + channels] * gmp[c];
  });
}

template <LaunchesKernels D>
void cam_fold_backward(D& dev, CamGeometry g, const typename D::Scalar* dfolded, const typename D::Scalar* w,
                       const typename D::Scalar* gap, const typename D::Scalar* gmp, typename D::Scalar* dw,
                       typename D::Scalar* dgap, typename D::Scalar* dgmp) {
  using T = typename D::Scalar;
  const Index channels = g.channels;
  if (dw != nullptr) {
    for_each(dev, channels * channels, [=] UGATIT_KERNEL(Index i) {
      const Cell p(channels, i);
      const Index c = p.column;
      const Index first = p.row * 2 * channels + c;
      dw[first] += dfolded[i] * gap[c];
      dw[first + channels] += dfolded[i] * gmp[c];
    });
  }
  // One after the other: both may be the same memory.
  for (const bool average : {true, false}) {
    T* const to = average ? dgap : dgmp;
    if (to == nullptr) continue;
    const T* const half = average ? w : w + channels;
    sum_columns(
        dev, 1, channels, channels,
        [=] UGATIT_KERNEL(Index, Index o, Index c) {
          return static_cast<double>(dfolded[o * channels + c]) * static_cast<double>(half[o * 2 * channels + c]);
        },
        [=] UGATIT_KERNEL(Index, Index c, double sum) { to[c] += static_cast<T>(sum); });
  }
}

namespace cam {

// 1/‖w‖, or 1.
template <class T>
UGATIT_KERNEL double classifier_scale(const Team& team, ClassifierMapGeometry g, const T* w) {
  if (!g.normalised) return 1;
  return 1 / std::sqrt(team.sum(g.channels, [=](Index c) {
           const double x = static_cast<double>(w[c]);
           return x * x;
         }));
}

}  // namespace cam

template <LaunchesKernels D>
void classifier_map_forward(D& dev, ClassifierMapGeometry g, const typename D::Scalar* w, const typename D::Scalar* b,
                            typename D::Scalar* map) {
  using T = typename D::Scalar;
  for_each_team(dev, 1, g.channels, [=] UGATIT_KERNEL(Team team, Index) {
    const T scale = static_cast<T>(cam::classifier_scale(team, g, w));
    team.each(g.channels, [=](Index c) { map[c] = w[c] * scale + *b; });
  });
}

template <LaunchesKernels D>
void classifier_map_backward(D& dev, ClassifierMapGeometry g, const typename D::Scalar* dmap,
                             const typename D::Scalar* w, typename D::Scalar* dw, typename D::Scalar* db) {
  using T = typename D::Scalar;
  for_each_team(dev, 1, g.channels, [=] UGATIT_KERNEL(Team team, Index) {
    const double scale = cam::classifier_scale(team, g, w);
    const double product =
        team.sum(g.channels, [=](Index c) { return static_cast<double>(dmap[c]) * static_cast<double>(w[c]); });
    const double total = team.sum(g.channels, [=](Index c) { return static_cast<double>(dmap[c]); });
    const double along = g.normalised ? product * scale * scale : 0;
    team.each(g.channels, [=](Index c) {
      dw[c] += static_cast<T>((static_cast<double>(dmap[c]) - along * static_cast<double>(w[c])) * scale);
    });
    if (team.rank() == 0) *db += static_cast<T>(total);
  });
}

}  // namespace ugatit
