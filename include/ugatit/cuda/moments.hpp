// Moments of the channels of images, and the sums that their gradients need, as kernels. Sums are made in double
// precision. A channel is a team's, or where it is large cut into pieces that have a team each.
#pragma once

#include <ugatit/cuda/map.hpp>
#include <ugatit/ops/norm.hpp>

namespace ugatit {

namespace norm_kernels {

/// Mean, and sum of squared distances from it, of what a team looks at together.
struct Moments {
  double mean;
  double squares;

  UGATIT_KERNEL double rstd(const NormGeometry& g, double count) const {
    return 1 / std::sqrt(squares / (g.unbiased ? count - 1 : count) + g.epsilon);
  }
};

template <class T>
UGATIT_KERNEL Moments moments_of(const Team& team, const T* x, Index size) {
  // One pass, around a number that is near the mean, so that little cancels.
  const double near = static_cast<double>(x[0]);
  const TwoSums sums = team.sums(size, [=](Index i) {
    const double distance = static_cast<double>(x[i]) - near;
    return TwoSums{distance, distance * distance};
  });
  const double shift = sums.first / static_cast<double>(size);
  const double squares = sums.second - sums.first * shift;
  return {near + shift, squares > 0 ? squares : 0};
}

/// The moments of several channels, equally large, together; `of(k)` is the moments of the k-th.
template <class F>
UGATIT_KERNEL Moments moments_together(const Team& team, Index channels, Index area, const F& of) {
  const double mean = team.sum(channels, [&](Index k) { return of(k).mean; }) / static_cast<double>(channels);
  const double squares = team.sum(channels, [&](Index k) {
    const Moments m = of(k);
    return m.squares + static_cast<double>(area) * (m.mean - mean) * (m.mean - mean);
  });
  return {mean, squares};
}

/// How channels of that many pixels are cut into pieces.
struct PlaneCut {
  Index area;    ///< pixels of a channel
  Index pieces;  ///< of each channel
  Index length;  ///< pixels of a piece; the last one may have fewer

  explicit PlaneCut(Index pixels)
      : area(pixels), pieces(pixels > 16384 ? (pixels + 8191) / 8192 : 1), length((pixels + pieces - 1) / pieces) {}

  UGATIT_KERNEL Index begin(Index piece) const { return piece * length; }
  UGATIT_KERNEL Index size(Index piece) const {
    const Index rest = area - begin(piece);
    return rest < length ? (rest < 0 ? 0 : rest) : length;
  }
};

/// f(team, plane, begin, size) for each piece of each of `planes` channels.
template <class D, class F>
void for_each_plane_piece(D& dev, Index planes, Index area, const F& f) {
  const PlaneCut cut(area);
  for_each_team(dev, planes * cut.pieces, cut.length, [=] UGATIT_KERNEL(Team team, Index t) {
    const Cell place(cut.pieces, t);
    f(team, place.row, cut.begin(place.column), cut.size(place.column));
  });
}

/// Moments of each channel of each sample.
template <class D>
BufferOf<Moments, D> plane_moments(D& dev, View<const typename D::Scalar> x) {
  const Index planes = x.batch * x.channels;
  const PlaneCut cut(x.area());
  BufferOf<Moments, D> moments(dev.arena(), planes);
  Moments* const to = moments.data();
  if (cut.pieces == 1) {
    for_each_team(dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
      const Moments m = moments_of(team, x.data + plane * x.area(), x.area());
      if (team.rank() == 0) to[plane] = m;
    });
    return moments;
  }
  const BufferOf<Moments, D> memory(dev.arena(), planes * cut.pieces);
  Moments* const partial = memory.data();
  for_each_team(dev, planes * cut.pieces, cut.length, [=] UGATIT_KERNEL(Team team, Index t) {
    const Cell place(cut.pieces, t);
    const Moments m = moments_of(team, x.data + place.row * x.area() + cut.begin(place.column), cut.size(place.column));
    if (team.rank() == 0) partial[t] = m;
  });
  for_each(dev, planes, [=] UGATIT_KERNEL(Index plane) {
    const Moments* const of = partial + plane * cut.pieces;
    double sum = 0;
    for (Index p = 0; p < cut.pieces; ++p) sum += static_cast<double>(cut.size(p)) * of[p].mean;
    const double mean = sum / static_cast<double>(cut.area);
    double squares = 0;
    for (Index p = 0; p < cut.pieces; ++p) {
      squares += of[p].squares + static_cast<double>(cut.size(p)) * (of[p].mean - mean) * (of[p].mean - mean);
    }
    to[plane] = {mean, squares};
  });
  return moments;
}

/// Σ dy and Σ dy (x − mean) of a channel.
struct GradientSums {
  double total;
  double centred;
};

template <class T>
UGATIT_KERNEL GradientSums gradient_sums(const Team& team, const T* dy, const T* x, double mean, Index size) {
  const TwoSums sums = team.sums(size, [=](Index i) {
    const double gradient = static_cast<double>(dy[i]);
    return TwoSums{gradient, gradient * (static_cast<double>(x[i]) - mean)};
  });
  return {sums.first, sums.second};
}

/// Of each piece of each channel of each sample, around the channels' means; the sums of a channel are those of its
/// pieces together.
template <class D>
BufferOf<GradientSums, D> piece_gradient_sums(D& dev, View<const typename D::Scalar> dy,
                                              View<const typename D::Scalar> x, const typename D::Scalar* mean) {
  const PlaneCut cut(x.area());
  BufferOf<GradientSums, D> memory(dev.arena(), x.batch * x.channels * cut.pieces);
  GradientSums* const to = memory.data();
  for_each_plane_piece(dev, x.batch * x.channels, x.area(),
                       [=] UGATIT_KERNEL(Team team, Index plane, Index begin, Index size) {
                         const Index from = plane * cut.area + begin;
                         const GradientSums sums =
                             gradient_sums(team, dy.data + from, x.data + from, static_cast<double>(mean[plane]), size);
                         if (team.rank() == 0) to[plane * cut.pieces + begin / cut.length] = sums;
                       });
  return memory;
}

/// Those of a channel.
UGATIT_KERNEL inline GradientSums joined(const GradientSums* pieces, Index count) {
  GradientSums sums{0, 0};
  for (Index p = 0; p < count; ++p) {
    sums.total += pieces[p].total;
    sums.centred += pieces[p].centred;
  }
  return sums;
}

}  // namespace norm_kernels

}  // namespace ugatit
