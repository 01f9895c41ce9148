// Moments of the channels of images, and the sums that their gradients need, as kernels. In [N, C, H, W] a channel is a
// team's, or where it is large cut into pieces that have a team each, and sums are made in double precision; in
// [N, H, W, C] a thread has eight channels of some pixels, which it sums in float, and those sums are added in double.
#pragma once

#include <ugatit/cuda/map.hpp>
#include <ugatit/cuda/rows.hpp>
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

template <class D, class Store>
void plane_moments(D& dev, View<const bfloat16> x, const Store& store) {
  const Eight* const from = eights(x.data);
  const bfloat16* const numbers = x.data;
  const Index columns = x.channels / 8;
  sum_channels<2>(
      dev, x.batch, x.area(), x.channels,
      [=] UGATIT_KERNEL(Index n, Index pixel, Index column, float* sums) {
        const Eight near = from[n * x.area() * columns + column];  // the image's first pixel
        const Eight own = from[(n * x.area() + pixel) * columns + column];
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

template <class T>
UGATIT_KERNEL GradientSums gradient_sums(const Team& team, const T* dy, const T* x, double mean, Index size) {
  const TwoSums sums = team.sums(size, [=](Index i) {
    const double gradient = static_cast<double>(dy[i]);
    return TwoSums{gradient, gradient * (static_cast<double>(x[i]) - mean)};
  });
  return {sums.first, sums.second};
}

/// store(plane, sums) for each channel of each sample.
template <class D, class Store>
void plane_gradient_sums(D& dev, View<const typename D::Scalar> dy, View<const typename D::Scalar> x,
                         const typename D::Scalar* mean, const Store& store) {
  const Index planes = x.batch * x.channels;
  const PlaneCut cut(x.area());
  const auto sums_of = [=] UGATIT_KERNEL(Team team, Index plane, Index begin, Index size) {
    const Index first = plane * cut.area + begin;
    return gradient_sums(team, dy.data + first, x.data + first, static_cast<double>(mean[plane]), size);
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

template <class D, class Store>
void plane_gradient_sums(D& dev, View<const bfloat16> dy, View<const bfloat16> x, const float* mean,
                         const Store& store) {
  const Eight* const gradients = eights(dy.data);
  const Eight* const from = eights(x.data);
  const bfloat16* const numbers = x.data;
  const Index columns = x.channels / 8;
  sum_channels<2>(
      dev, x.batch, x.area(), x.channels,
      [=] UGATIT_KERNEL(Index n, Index pixel, Index column, float* sums) {
        const Eight near = from[n * x.area() * columns + column];
        const Index i = (n * x.area() + pixel) * columns + column;
        const Eight gradient = gradients[i];
        const Eight own = from[i];
        for (int k = 0; k < 8; ++k) {
          sums[k] += gradient.at(k);
          sums[8 + k] += gradient.at(k) * (own.at(k) - near.at(k));
        }
      },
      [=] UGATIT_KERNEL(Index plane, const double* sums) {
        const Cell place(x.channels, plane);
        const double near = static_cast<double>(to_float(numbers[place.row * x.image() + place.column]));
        store(plane, GradientSums{sums[0], sums[1] + (near - static_cast<double>(mean[plane])) * sums[0]});
      });
}

/// What a channel of a sample becomes: y = (x − mean) · scale + shift.
template <class T>
struct AffineMap {
  T mean, scale, shift;
};

/// What flows back through it: dx = a dy + b (x − mean) + e.
template <class T>
struct GradientMap {
  T mean, a, b, e;
};

/// y of x, by map(plane), an `AffineMap` that is looked up.
template <class D, class Map>
void apply(D& dev, View<const typename D::Scalar> x, View<typename D::Scalar> y, const Map& map_of) {
  using T = typename D::Scalar;
  for_each_plane_piece(dev, x.batch * x.channels, x.area(),
                       [=] UGATIT_KERNEL(Team team, Index plane, Index begin, Index size) {
                         const AffineMap<T> m = map_of(plane);
                         const T* const from = x.data + plane * x.area() + begin;
                         map(team, size, y.data + plane * x.area() + begin,
                             [=](Index i) { return (from[i] - m.mean) * m.scale + m.shift; });
                       });
}

/// Eight of a thread.
template <class M>
struct EightMaps {
  M of[8];
};

template <class D, class Map>
void apply(D& dev, View<const bfloat16> x, View<bfloat16> y, const Map& map_of) {
  const Eight* const from = eights(x.data);
  const Index columns = x.channels / 8;
  map_rows(
      dev, x.batch, x.area(), x.channels, y.data,
      [=] UGATIT_KERNEL(Index n, Index column) {
        EightMaps<AffineMap<float>> maps;
        for (int k = 0; k < 8; ++k) {
          maps.of[k] = map_of((n * columns + column) * 8 + k);
          maps.of[k].shift -= maps.of[k].mean * maps.of[k].scale;
        }
        return maps;
      },
      [=] UGATIT_KERNEL(Index i, const EightMaps<AffineMap<float>>& maps) {
        const Eight own = from[i];
        return eight([&](int k) { return own.at(k) * maps.of[k].scale + maps.of[k].shift; });
      });
}

/// dx of dy and x, by map(plane), a `GradientMap`.
template <class D, class Map>
void apply_back(D& dev, View<const typename D::Scalar> dy, View<const typename D::Scalar> x,
                View<typename D::Scalar> dx, const Map& map_of) {
  using T = typename D::Scalar;
  for_each_plane_piece(dev, x.batch * x.channels, x.area(),
                       [=] UGATIT_KERNEL(Team team, Index plane, Index begin, Index size) {
                         const GradientMap<T> m = map_of(plane);
                         const T* const gradient = dy.data + plane * x.area() + begin;
                         const T* const from = x.data + plane * x.area() + begin;
                         map(team, size, dx.data + plane * x.area() + begin,
                             [=](Index i) { return m.a * gradient[i] + m.b * (from[i] - m.mean) + m.e; });
                       });
}

template <class D, class Map>
void apply_back(D& dev, View<const bfloat16> dy, View<const bfloat16> x, View<bfloat16> dx, const Map& map_of) {
  const Eight* const gradients = eights(dy.data);
  const Eight* const from = eights(x.data);
  const Index columns = x.channels / 8;
  map_rows(
      dev, x.batch, x.area(), x.channels, dx.data,
      [=] UGATIT_KERNEL(Index n, Index column) {
        EightMaps<GradientMap<float>> maps;
        for (int k = 0; k < 8; ++k) {
          maps.of[k] = map_of((n * columns + column) * 8 + k);
          maps.of[k].e -= maps.of[k].b * maps.of[k].mean;
        }
        return maps;
      },
      [=] UGATIT_KERNEL(Index i, const EightMaps<GradientMap<float>>& maps) {
        const Eight gradient = gradients[i];
        const Eight own = from[i];
        return eight([&](int k) { return maps.of[k].a * gradient.at(k) + maps.of[k].b * own.at(k) + maps.of[k].e; });
      });
}

}  // namespace norm_kernels

}  // namespace ugatit
