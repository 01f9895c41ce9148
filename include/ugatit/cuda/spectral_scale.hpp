// ops/spectral_norm.hpp as kernels: what a convolution by W itself made divided by σ, with the bias, the activation and
// the border after that in the same pass, and the way back.
#pragma once

#include <ugatit/cuda/activation.hpp>
#include <ugatit/cuda/bordered_images.hpp>
#include <ugatit/ops/spectral_norm.hpp>

namespace ugatit {

namespace spectral {

/// What a thread keeps for eight channels: f(x · factor + shift).
struct EightScales {
  float factor;
  float shifts[8];
};

/// What it keeps on the way back.
template <ChannelsLast E>
struct EightScalesBack {
  float factor;
  const Eight<E>* dy;
  const Eight<E>* y;
};

}  // namespace spectral

template <LaunchesKernels D>
void spectral_scale(D& dev, SpectralScale s, View<const typename D::Scalar> x, const typename D::Scalar* sigma,
                    const typename D::Scalar* b, View<typename D::Scalar> y) {
  using T = typename D::Scalar;
  const activations::LeakyReluOf<T> f{static_cast<T>(s.slope)};
  const Index of_pass = x.batch * x.channels / s.passes;
  for_each_team(dev, x.batch * x.channels, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const T factor = T(1) / sigma[Cell(of_pass, plane).row];
    const T shift = b == nullptr ? T(0) : b[Cell(x.channels, plane).column];
    const T* const from = x.data + plane * x.area();
    map(team, x.area(), y.data + plane * x.area(), [=](Index i) { return f(from[i] * factor + shift); });
  });
}

template <LaunchesKernels D, ChannelsLast E>
void spectral_scale(D& dev, SpectralScale s, View<const E> x, const float* sigma, const float* b, View<E> y) {
  using spectral::EightScales;
  const activations::LeakyReluOf<float> f{static_cast<float>(s.slope)};
  const Index of_pass = x.batch / s.passes;
  bordered::map<EightScales, 2>(
      dev, s.border, x, y,
      [=] UGATIT_KERNEL(Index n, Index column) {
        EightScales scales{1 / sigma[Cell(of_pass, n).row], {}};
        for (int k = 0; k < 8; ++k) scales.shifts[k] = b == nullptr ? 0.0F : b[8 * column + k];
        return scales;
      },
      [=] UGATIT_KERNEL(const Eight<E>& own, const EightScales& scales) {
        return eight<E>([&](int k) { return f(own.at(k) * scales.factor + scales.shifts[k]); });
      });
}

template <LaunchesKernels D>
void spectral_scale_backward(D& dev, SpectralScale s, View<const typename D::Scalar> dy,
                             View<const typename D::Scalar> y, const typename D::Scalar* sigma,
                             View<typename D::Scalar> dx) {
  using T = typename D::Scalar;
  const activations::LeakyReluOf<T> f{static_cast<T>(s.slope)};
  const Index of_pass = y.batch * y.channels / s.passes;
  for_each_team(dev, y.batch * y.channels, y.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const T factor = T(1) / sigma[Cell(of_pass, plane).row];
    const T* const gradient = dy.data + plane * y.area();
    const T* const result = y.data + plane * y.area();
    map(team, y.area(), dx.data + plane * y.area(), [=](Index i) { return f.back(gradient[i], result[i]) * factor; });
  });
}

namespace spectral {

/// The way back where `upstream` says what reaches a pixel.
template <class D, class Upstream, ChannelsLast E>
void scale_back(D& dev, const SpectralScale& s, const Upstream& upstream, View<const E> y, const float* sigma,
                View<E> dx) {
  const activations::LeakyReluOf<float> f{static_cast<float>(s.slope)};
  const Index of_pass = dx.batch / s.passes;
  const Eight<E>* const results = eights(y.data);
  map_rows<Upstream::together>(
      dev, dx.batch, dx.area(), dx.channels, dx.data,
      [=] UGATIT_KERNEL(Index n, Index column) {
        const Eight<E>* const image = upstream.image(n, column);
        return EightScalesBack<E>{1 / sigma[Cell(of_pass, n).row], image, results + (image - upstream.dy)};
      },
      [=] UGATIT_KERNEL(Index, Index pixel, const EightScalesBack<E>& scales) {
        const auto gradient = upstream(scales.dy, pixel);
        const Eight<E> result = scales.y[upstream.place(pixel) * upstream.columns];
        return eight<E>([&](int k) { return f.back(gradient.at(k), result.at(k)) * scales.factor; });
      });
}

}  // namespace spectral

template <LaunchesKernels D, ChannelsLast E>
void spectral_scale_backward(D& dev, SpectralScale s, View<const E> dy, View<const E> y, const float* sigma,
                             View<E> dx) {
  if (s.border.both() == 0) return spectral::scale_back(dev, s, bordered::FromPixel<E>(dy), y, sigma, dx);
  spectral::scale_back(dev, s, bordered::FromPlaces<E>(s.border, dy, View<const E>(dx)), y, sigma, dx);
}

namespace spectral {

/// What backward sums over a channel of a sample.
struct Sums {
  double total;    ///< Σ f'(y) dy
  double product;  ///< Σ dy y
};

/// Them for each.
template <class D>
void plane_sums(D& dev, const activations::LeakyReluOf<typename D::Scalar>& kink, View<const typename D::Scalar> dy,
                View<const typename D::Scalar> y, Sums* all) {
  using T = typename D::Scalar;
  const activations::LeakyReluOf<T> f = kink;
  for_each_team(dev, y.batch * y.channels, y.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const T* const gradient = dy.data + plane * y.area();
    const T* const result = y.data + plane * y.area();
    const TwoSums sums = team.sums(y.area(), [=](Index i) {
      return TwoSums{static_cast<double>(f.back(gradient[i], result[i])),
                     static_cast<double>(gradient[i]) * static_cast<double>(result[i])};
    });
    if (team.rank() == 0) all[plane] = {sums.first, sums.second};
  });
}

/// A border's places count as what they are, copies of pixels.
template <class D, ChannelsLast E>
void plane_sums(D& dev, const activations::LeakyReluOf<float>& kink, View<const E> dy, View<const E> y, Sums* all) {
  const activations::LeakyReluOf<float> f = kink;
  const Eight<E>* const gradients = eights(dy.data);
  const Eight<E>* const results = eights(y.data);
  sum_channels<2, maps::together<Eight<E>>>(
      dev, y.batch, y.area(), y.channels, rows::Nothing{},
      [=] UGATIT_KERNEL(Index i, Index, int, float* sums) {
        const Eight<E> gradient = gradients[i];
        const Eight<E> result = results[i];
        for (int k = 0; k < 8; ++k) {
          sums[k] += f.back(gradient.at(k), result.at(k));
          sums[8 + k] += gradient.at(k) * result.at(k);
        }
      },
      [=] UGATIT_KERNEL(Index plane, const double* sums) {
        all[plane] = {sums[0], sums[1]};
      });
}

}  // namespace spectral

template <LaunchesKernels D, class E>
void spectral_backward_factors(D& dev, SpectralGeometry g, SpectralScale s, View<const E> dy, View<const E> y,
                               const typename D::Scalar* b, const typename D::Scalar* sigma,
                               const typename D::Scalar* u, typename D::Scalar* du, typename D::Scalar* db) {
  using T = typename D::Scalar;
  using spectral::Sums;
  const Index passes = s.passes;
  const Index of_pass = y.batch * y.channels / passes;
  const BufferOf<Sums, D> memory(dev.arena(), y.batch * y.channels);
  Sums* const all = memory.data();
  spectral::plane_sums(dev, activations::LeakyReluOf<T>{static_cast<T>(s.slope)}, dy, y, all);
  // A team for each pass, and one for b.
  for_each_team(dev, passes + (db == nullptr ? 0 : 1), of_pass, [=] UGATIT_KERNEL(Team team, Index t) {
    if (t == passes) {
      return team.each(y.channels, [=](Index c) {
        double sum = 0;
        for (Index n = 0; n < y.batch; ++n) sum += all[n * y.channels + c].total;
        db[c] += static_cast<T>(sum);
      });
    }
    const double sum = team.sum(of_pass, [=](Index i) {
      const Index plane = t * of_pass + i;
      const double shift = b == nullptr ? 0 : static_cast<double>(b[Cell(y.channels, plane).column]);
      return all[plane].product - shift * all[plane].total;
    });
    const T scale = static_cast<T>(sum / static_cast<double>(sigma[t]));
    map(team, g.rows, du + t * g.rows, [=](Index row) { return -(scale * u[t * g.rows + row]); });
  });
}

template <LaunchesKernels D, class E>
void spectral_backward(D& dev, SpectralGeometry g, SpectralScale s, View<const E> dy, View<const E> y,
                       const typename D::Scalar* b, const typename D::Scalar* sigma, const typename D::Scalar* u,
                       const typename D::Scalar* v, typename D::Scalar* dw, typename D::Scalar* db) {
  using T = typename D::Scalar;
  const Index passes = s.passes;
  const Buffer<D> memory(dev.arena(), passes * g.rows);
  T* const du = memory.data();
  spectral_backward_factors(dev, g, s, dy, y, b, sigma, u, du, db);
  if (dw == nullptr) return;
  for_each_team(dev, g.rows, g.columns, [=] UGATIT_KERNEL(Team team, Index row) {
    T* const to = dw + row * g.columns;
    map(team, g.columns, to, [=](Index column) {
      T value = to[column];
      for (Index pass = 0; pass < passes; ++pass) value += du[pass * g.rows + row] * v[pass * g.columns + column];
      return value;
    });
  });
}

}  // namespace ugatit
