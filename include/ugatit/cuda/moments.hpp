// Moments of the channels of images, and the sums that their gradients need, as kernels. In [N, C, H, W] a channel is a
// team's, or where it is large cut into pieces that have a team each, and sums are made in double precision; in
// [N, H, W, C] a thread has eight channels of some pixels, which it sums in float, and those sums are added in double.
#pragma once

#include <ugatit/cuda/norm_maps.hpp>
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

/// From Σ d and Σ d² of the distances d from a number near the mean.
UGATIT_KERNEL inline Moments moments_around(double near, double distances, double their_squares, double count) {
  const double shift = distances / count;
  const double squares = their_squares - distances * shift;
  return {near + shift, squares > 0 ? squares : 0};
}

template <class T>
UGATIT_KERNEL Moments moments_of(const Team& team, const T* x, Index size) {
  // One pass, around a number that is near the mean, so that little cancels.
  const double near = static_cast<double>(x[0]);
  const TwoSums sums = team.sums(size, [=](Index i) {
    const double distance = static_cast<double>(x[i]) - near;
    return TwoSums{distance, distance * distance};
  });
  return moments_around(near, sums.first, sums.second, static_cast<double>(size));
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

/// store(plane, moments) for each channel of each sample.
template <class D, class Store>
void plane_moments(D& dev, View<const typename D::Scalar> x, const Store& store) {
  const Index planes = x.batch * x.channels;
  const PlaneCut cut(x.area());
  if (cut.pieces == 1) {
    return for_each_team(dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
      const Moments m = moments_of(team, x.data + plane * x.area(), x.area());
      if (team.rank() == 0) store(plane, m);
    });
  }
  const BufferOf<Moments, D> memory(dev.arena(), planes * cut.pieces);
  Moments* const partial = memory.data();
  for_each_plane_piece(dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane, Index begin, Index size) {
    const Moments m = moments_of(team, x.data + plane * x.area() + begin, size);
    if (team.rank() == 0) partial[plane * cut.pieces + begin / cut.length] = m;
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
    store(plane, Moments{mean, squares});
  });
}

template <class D, ChannelsLast E, class Store>
void plane_moments(D& dev, View<const E> x, const Store& store) {
  const Eight<E>* const from = eights(x.data);
  const E* const numbers = x.data;
  const Index columns = x.channels / 8;
  sum_channels<2>(
      dev, x.batch, x.area(), x.channels,
      // A number near the mean: that of the image's first pixel.
      [=] UGATIT_KERNEL(Index n, Index column) { return from[n * x.area() * columns + column]; },
      [=] UGATIT_KERNEL(Index i, Index, const Eight<E>& near, float* sums) {
        const Eight<E> own = from[i];
        for (int k = 0; k < 8; ++k) {
          const float distance = own.at(k) - near.at(k);
          sums[k] += distance;
          sums[8 + k] += distance * distance;
        }
      },
      [=] UGATIT_KERNEL(Index plane, const double* sums) {
        const Cell place(x.channels, plane);
        const double near = static_cast<double>(to_float(numbers[place.row * x.image() + place.column]));
        store(plane, moments_around(near, sums[0], sums[1], static_cast<double>(x.area())));
      });
}

/// Moments of each channel of each sample.
template <class D, class T>
BufferOf<Moments, D> plane_moments(D& dev, View<const T> x) {
  BufferOf<Moments, D> moments(dev.arena(), x.batch * x.channels);
  Moments* const to = moments.data();
  plane_moments(dev, x, [=] UGATIT_KERNEL(Index plane, const Moments& m) { to[plane] = m; });
  return moments;
}

/// Σ dy and Σ dy (x − mean) of a channel.
struct GradientSums {
  double total;
  double centred;
};

/// `gate` says what of dy passes (cuda/norm_maps.hpp).
template <class T, class Passes>
UGATIT_KERNEL GradientSums gradient_sums(const Team& team, const T* dy, const T* x, double mean, Index size,
                                         const Passes& gate) {
  const TwoSums sums = team.sums(size, [=](Index i) {
    const double gradient = static_cast<double>(gate(dy[i], x[i]));
    return TwoSums{gradient, gradient * (static_cast<double>(x[i]) - mean)};
  });
  return {sums.first, sums.second};
}

/// store(plane, sums) for each channel of each sample.
template <class D, class Kink, class Store>
void plane_gradient_sums(D& dev, View<const typename D::Scalar> dy, View<const typename D::Scalar> x,
                         const typename D::Scalar* mean, const Kink& kink, const Store& store) {
  using T = typename D::Scalar;
  const Index planes = x.batch * x.channels;
  const PlaneCut cut(x.area());
  const auto sums_of = [=] UGATIT_KERNEL(Team team, Index plane, Index begin, Index size) {
    const Index first = plane * cut.area + begin;
    return gradient_sums(team, dy.data + first, x.data + first, static_cast<double>(mean[plane]), size,
                         Gate<T, Kink>(kink, plane));
  };
  if (cut.pieces == 1) {
    return for_each_team(dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
      const GradientSums sums = sums_of(team, plane, 0, cut.area);
      if (team.rank() == 0) store(plane, sums);
    });
  }
  const BufferOf<GradientSums, D> memory(dev.arena(), planes * cut.pieces);
  GradientSums* const partial = memory.data();
  for_each_plane_piece(dev, planes, x.area(), [=] UGATIT_KERNEL(Team team, Index plane, Index begin, Index size) {
    const GradientSums sums = sums_of(team, plane, begin, size);
    if (team.rank() == 0) partial[plane * cut.pieces + begin / cut.length] = sums;
  });
  for_each(dev, planes, [=] UGATIT_KERNEL(Index plane) {
    GradientSums sums{0, 0};
    for (Index p = 0; p < cut.pieces; ++p) {
      sums.total += partial[plane * cut.pieces + p].total;
      sums.centred += partial[plane * cut.pieces + p].centred;
    }
    store(plane, sums);
  });
}

/// What a thread keeps for its pixels: numbers near the means, what of dy passes, and where dy is.
template <ChannelsLast E, class Kink>
struct SumsPrepared {
  Eight<E> near;
  EightGates<Kink> gates;
  const Eight<E>* upstream;
};

template <class D, class Upstream, ChannelsLast E, class Kink, class Store>
void plane_gradient_sums(D& dev, const Upstream& upstream, View<const E> x, const float* mean, const Kink& kink,
                         const Store& store) {
  const Eight<E>* const from = eights(x.data);
  const E* const numbers = x.data;
  const Index columns = x.channels / 8;
  sum_channels<2, maps::together<Eight<E>>>(
      dev, x.batch, x.area(), x.channels,
      [=] UGATIT_KERNEL(Index n, Index column) {
        return SumsPrepared<E, Kink>{from[n * x.area() * columns + column],
                                     EightGates<Kink>(kink, (n * columns + column) * 8), upstream.image(n, column)};
      },
      [=] UGATIT_KERNEL(Index i, Index pixel, const SumsPrepared<E, Kink>& prepared, float* sums) {
        const auto gradient = upstream(prepared.upstream, pixel);
        const Eight<E> own = from[i];
        for (int k = 0; k < 8; ++k) {
          const float passed = prepared.gates(k, gradient.at(k), own.at(k));
          sums[k] += passed;
          sums[8 + k] += passed * (own.at(k) - prepared.near.at(k));
        }
      },
      [=] UGATIT_KERNEL(Index plane, const double* sums) {
        const Cell place(x.channels, plane);
        const double near = static_cast<double>(to_float(numbers[place.row * x.image() + place.column]));
        store(plane, GradientSums{sums[0], sums[1] + (near - static_cast<double>(mean[plane])) * sums[0]});
      });
}

}  // namespace norm_kernels

}  // namespace ugatit
