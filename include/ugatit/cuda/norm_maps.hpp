// A norm, once its statistics are known: an affine map of each channel, ReLU after it where that is asked for, what is
// added then, and the way back. For images of either order; a kernel looks up what becomes of a channel once for many
// of its pixels.
#pragma once

#include <ugatit/cuda/planes.hpp>
#include <ugatit/cuda/rows.hpp>

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

/// run(kink)
template <class Map, class Run>
void with_kink(bool relu, const Map& map_of, const Run& run) {
  relu ? run(ReluKink<Map>{map_of}) : run(NoKink{});
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
void apply(D& dev, View<const typename D::Scalar> x, const typename D::Scalar* z, View<typename D::Scalar> y, bool relu,
           const Map& map_of) {
  using T = typename D::Scalar;
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

/// Maps of eight channels.
template <class Map>
struct EightMaps {
  Map of[8];
};

template <class D, ChannelsLast E, class Map>
void apply(D& dev, View<const E> x, const E* z, View<E> y, bool relu, const Map& map_of) {
  using Maps = EightMaps<AffineMap<float>>;
  const Eight<E>* const from = eights(x.data);
  const Eight<E>* const added = z == nullptr ? nullptr : eights(z);
  const Index columns = x.channels / 8;
  map_rows(
      dev, x.batch, x.area(), x.channels, y.data,
      [=] UGATIT_KERNEL(Index n, Index column) {
        Maps maps;
        for (int k = 0; k < 8; ++k) {
          maps.of[k] = map_of((n * columns + column) * 8 + k);
          maps.of[k].shift -= maps.of[k].mean * maps.of[k].scale;
        }
        return maps;
      },
      [=] UGATIT_KERNEL(Index i, const Maps& maps) {
        const Eight<E> own = from[i];
        const Eight<E> more = added == nullptr ? Eight<E>{} : added[i];
        return eight<E>([&](int k) {
          const float value = own.at(k) * maps.of[k].scale + maps.of[k].shift;
          return (relu && value <= 0 ? 0.0F : value) + more.at(k);
        });
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

/// What a thread keeps for its rows.
template <class Kink>
struct BackPrepared {
  EightMaps<GradientMap<float>> maps;
  EightGates<Kink> gates;
};

template <class D, ChannelsLast E, class Kink, class Map>
void apply_back(D& dev, View<const E> dy, View<const E> x, View<E> dx, const Kink& kink, const Map& map_of) {
  const Eight<E>* const gradients = eights(dy.data);
  const Eight<E>* const from = eights(x.data);
  const Index columns = x.channels / 8;
  map_rows(
      dev, x.batch, x.area(), x.channels, dx.data,
      [=] UGATIT_KERNEL(Index n, Index column) {
        const Index first = (n * columns + column) * 8;
        BackPrepared<Kink> prepared{{}, EightGates<Kink>(kink, first)};
        for (int k = 0; k < 8; ++k) {
          prepared.maps.of[k] = map_of(first + k);
          prepared.maps.of[k].e -= prepared.maps.of[k].b * prepared.maps.of[k].mean;
        }
        return prepared;
      },
      [=] UGATIT_KERNEL(Index i, const BackPrepared<Kink>& prepared) {
        const Eight<E> gradient = gradients[i];
        const Eight<E> own = from[i];
        return eight<E>([&](int k) {
          const GradientMap<float>& m = prepared.maps.of[k];
          return m.a * prepared.gates(k, gradient.at(k), own.at(k)) + m.b * own.at(k) + m.e;
        });
      });
}

}  // namespace norm_kernels

}  // namespace ugatit
