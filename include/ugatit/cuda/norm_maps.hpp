// A norm, once its statistics are known: an affine map of each channel, ReLU after it where that is asked for, what is
// added then, and the way back. For images of either order; a kernel looks up what becomes of a channel once for many
// of its pixels.
#pragma once

#include <ugatit/cuda/bordered_images.hpp>
#include <ugatit/cuda/planes.hpp>
#include <ugatit/ops/norm.hpp>

namespace ugatit {

namespace norm_kernels {

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

/// What comes after the affine map: nothing,
struct NoKink {};

/// or ReLU, through which only where the map (map_of(plane)) gives a positive number something flows back.
template <class Map>
struct ReluKink {
  Map map_of;
};

/// run(upstream, kink) for the way back through a norm: where dy is, and what of it passes.
template <class T, class Map, class Run>
void way_back(const NormGeometry& g, View<const T> dy, View<const T>, const Map& map_of, const Run& run) {
  g.relu ? run(dy, ReluKink<Map>{map_of}) : run(dy, NoKink{});
}

template <ChannelsLast E, class Map, class Run>
void way_back(const NormGeometry& g, View<const E> dy, View<const E> x, const Map& map_of, const Run& run) {
  if (g.border.both() > 0) return run(bordered::FromPlaces<E>(g.border, dy, x), ReluKink<Map>{map_of});
  const bordered::FromPixel<E> upstream(dy);
  g.relu ? run(upstream, ReluKink<Map>{map_of}) : run(upstream, NoKink{});
}

/// What of dy passes, for a channel of a sample.
template <class T, class Kink>
struct Gate {
  AffineMap<T> map;

  UGATIT_KERNEL Gate(const Kink& kink, Index plane) : map(kink.map_of(plane)) {}
  UGATIT_KERNEL T operator()(T dy, T x) const { return (x - map.mean) * map.scale + map.shift > T(0) ? dy : T(0); }
};

/// All of it.
template <class T>
struct Gate<T, NoKink> {
  Gate() = default;
  UGATIT_KERNEL Gate(const NoKink&, Index) {}
  UGATIT_KERNEL T operator()(T dy, T) const { return dy; }
};

/// The same for eight channels, as a thread keeps it: the map is positive where x · scale > threshold.
template <class Kink>
struct EightGates {
  float scale[8], threshold[8];

  UGATIT_KERNEL EightGates(const Kink& kink, Index first) {
    for (int k = 0; k < 8; ++k) {
      const AffineMap<float> map = kink.map_of(first + k);
      scale[k] = map.scale;
      threshold[k] = map.mean * map.scale - map.shift;
    }
  }
  UGATIT_KERNEL float operator()(int k, float dy, float x) const { return x * scale[k] > threshold[k] ? dy : 0.0F; }
};

/// All of it.
template <>
struct EightGates<NoKink> {
  UGATIT_KERNEL EightGates(const NoKink&, Index) {}
  UGATIT_KERNEL float operator()(int, float dy, float) const { return dy; }
};

/// y of x, by map_of(plane), an `AffineMap` that is looked up; z is added where it is not null.
template <class D, class Map>
void apply(D& dev, const NormGeometry& g, View<const typename D::Scalar> x, const typename D::Scalar* z,
           View<typename D::Scalar> y, const Map& map_of) {
  using T = typename D::Scalar;
  const bool relu = g.relu;
  for_each_plane_piece(dev, x.batch * x.channels, x.area(),
                       [=] UGATIT_KERNEL(Team team, Index plane, Index begin, Index size) {
                         const AffineMap<T> m = map_of(plane);
                         const Index first = plane * x.area() + begin;
                         const T* const from = x.data + first;
                         const T* const added = z == nullptr ? nullptr : z + first;
                         map(team, size, y.data + first, [=](Index i) {
                           const T value = (from[i] - m.mean) * m.scale + m.shift;
                           const T kept = relu && value <= T(0) ? T(0) : value;
                           return added == nullptr ? kept : kept + added[i];
                         });
                       });
}

/// What a thread keeps of a norm's maps for its pixels: value = x · scale + shift.
struct EightAffine {
  AffineMap<float> of[8];

  template <class Map>
  UGATIT_KERNEL EightAffine(const Map& map_of, Index first) {
    for (int k = 0; k < 8; ++k) {
      of[k] = map_of(first + k);
      of[k].shift -= of[k].mean * of[k].scale;
    }
  }
  UGATIT_KERNEL float operator()(int k, float x, bool relu) const {
    const float value = x * of[k].scale + of[k].shift;
    return relu && value <= 0 ? 0.0F : value;
  }
};

/// y of x, with z added where that is not null, or with a border around it.
template <class D, ChannelsLast E, class Map>
void apply(D& dev, const NormGeometry& g, View<const E> x, const E* z, View<E> y, const Map& map_of) {
  const bool relu = g.relu;
  const Eight<E>* const from = eights(x.data);
  const Index columns = x.channels / 8;
  const auto maps_of = [=] UGATIT_KERNEL(Index n, Index column) {
    return EightAffine(map_of, (n * columns + column) * 8);
  };
  if (z == nullptr) {
    return bordered::map<EightAffine>(dev, g.border, x, y, maps_of,
                                      [=] UGATIT_KERNEL(const Eight<E>& own, const EightAffine& maps) {
                                        return eight<E>([&](int k) { return maps(k, own.at(k), relu); });
                                      });
  }
  const Eight<E>* const added = eights(z);
  map_rows(dev, x.batch, x.area(), x.channels, y.data, maps_of,
           [=] UGATIT_KERNEL(Index i, Index, const EightAffine& maps) {
             const Eight<E> own = from[i];
             const Eight<E> more = added[i];
             return eight<E>([&](int k) { return maps(k, own.at(k), relu) + more.at(k); });
           });
}

/// dx of dy and x, by map_of(plane), a `GradientMap`.
template <class D, class Kink, class Map>
void apply_back(D& dev, View<const typename D::Scalar> dy, View<const typename D::Scalar> x,
                View<typename D::Scalar> dx, const Kink& kink, const Map& map_of) {
  using T = typename D::Scalar;
  for_each_plane_piece(
      dev, x.batch * x.channels, x.area(), [=] UGATIT_KERNEL(Team team, Index plane, Index begin, Index size) {
        const GradientMap<T> m = map_of(plane);
        const Gate<T, Kink> gate(kink, plane);
        const T* const gradient = dy.data + plane * x.area() + begin;
        const T* const from = x.data + plane * x.area() + begin;
        map(team, size, dx.data + plane * x.area() + begin,
            [=](Index i) { return m.a * gate(gradient[i], from[i]) + m.b * (from[i] - m.mean) + m.e; });
      });
}

/// What a thread keeps for its pixels.
template <ChannelsLast E, class Kink>
struct BackPrepared {
  GradientMap<float> of[8];
  EightGates<Kink> gates;
  const Eight<E>* upstream;
};

template <class D, class Upstream, ChannelsLast E, class Kink, class Map>
void apply_back(D& dev, const Upstream& upstream, View<const E> x, View<E> dx, const Kink& kink, const Map& map_of) {
  const Eight<E>* const from = eights(x.data);
  const Index columns = x.channels / 8;
  map_rows(
      dev, x.batch, x.area(), x.channels, dx.data,
      [=] UGATIT_KERNEL(Index n, Index column) {
        const Index first = (n * columns + column) * 8;
        BackPrepared<E, Kink> prepared{{}, EightGates<Kink>(kink, first), upstream.image(n, column)};
        for (int k = 0; k < 8; ++k) {
          prepared.of[k] = map_of(first + k);
          prepared.of[k].e -= prepared.of[k].b * prepared.of[k].mean;
        }
        return prepared;
      },
      [=] UGATIT_KERNEL(Index i, Index pixel, const BackPrepared<E, Kink>& prepared) {
        const auto gradient = upstream(prepared.upstream, pixel);
        const Eight<E> own = from[i];
        return eight<E>([&](int k) {
          const GradientMap<float>& m = prepared.of[k];
          return m.a * prepared.gates(k, gradient.at(k), own.at(k)) + m.b * own.at(k) + m.e;
        });
      });
}

}  // namespace norm_kernels

}  // namespace ugatit
