// ops/spectral_norm.hpp as kernels.
#pragma once

#include <ugatit/cuda/activation.hpp>
#include <ugatit/cuda/bordered_images.hpp>
#include <ugatit/cuda/linear.hpp>
#include <ugatit/cuda/map.hpp>
#include <ugatit/cuda/pieces.hpp>
#include <ugatit/ops/spectral_norm.hpp>

#include <vector>

namespace ugatit {

namespace spectral {

/// 1/‖x‖, or of the smallest length that may be.
template <class T>
UGATIT_KERNEL double reciprocal_length(const Team& team, Index size, double epsilon, const T* x) {
  const double length = std::sqrt(team.sum(size, [=](Index i) {
    const double number = static_cast<double>(x[i]);
    return number * number;
  }));
  return 1 / (length > epsilon ? length : epsilon);
}

/// y = x · scale
template <class T>
UGATIT_KERNEL void multiply(const Team& team, Index size, double scale, const T* x, T* y) {
  map(team, size, y, [=](Index i) { return static_cast<T>(static_cast<double>(x[i]) * scale); });
}

/// u, v and σ of a matrix, where v is Wᵀu, not yet divided by its length, and `product` is W v.
template <class T>
UGATIT_KERNEL void advance(const Team& team, const SpectralGeometry& g, T* u, T* v, T* product) {
  const double of_v = reciprocal_length(team, g.columns, g.epsilon, v);
  multiply(team, g.columns, of_v, v, v);
  multiply(team, g.rows, of_v, product, product);
  team.meet();
  const double of_u = reciprocal_length(team, g.rows, g.epsilon, product);
  multiply(team, g.rows, of_u, product, u);
  team.meet();
}

/// σ = uᵀ (W v)
template <class T>
UGATIT_KERNEL void store_sigma(const Team& team, Index rows, const T* u, const T* product, T* sigma) {
  const double value =
      team.sum(rows, [=](Index i) { return static_cast<double>(u[i]) * static_cast<double>(product[i]); });
  if (team.rank() == 0) *sigma = static_cast<T>(value);
}

}  // namespace spectral

template <LaunchesKernels D>
void spectral_sigma(D& dev, SpectralGeometry g, bool iterate, const typename D::Scalar* w, typename D::Scalar* u,
                    typename D::Scalar* v, typename D::Scalar* sigma) {
  using T = typename D::Scalar;
  const LinearGeometry matrix{1, g.columns, g.rows};
  const Buffer<D> memory(dev.arena(), g.rows);
  T* const product = memory.data();
  // v is Wᵀu until its length is known, and the product then W Wᵀu: one kernel divides both.
  if (iterate) linear_backward_input(dev, matrix, u, w, v);
  linear_forward(dev, matrix, v, w, static_cast<const T*>(nullptr), product);
  for_each_team(dev, 1, g.columns, [=] UGATIT_KERNEL(Team team, Index) {
    if (iterate) spectral::advance(team, g, u, v, product);
    spectral::store_sigma(team, g.rows, static_cast<const T*>(u), static_cast<const T*>(product), sigma);
  });
}

namespace spectral {

constexpr std::size_t most = 16;  ///< matrices in one launch

/// One of several matrices, and where numbers on the way are.
template <class T>
struct Matrix : SpectralEstimate<T> {
  T* product;           ///< [rows], W v
  double* partial;      ///< [stretches of rows, columns], what they add to Wᵀu
  Index stretches = 0;  ///< of rows
  Index size = 0;       ///< of what a kernel makes for it
};

template <class T>
using Matrices = pieces::List<Matrix<T>, most>;

/// Wᵀu, in two steps.
template <class D, class T>
void multiply_by_rows(D& dev, Matrices<T> all) {
  for (Matrix<T>& m : all.items) m.size = m.stretches * m.g.columns;
  all.cut_into(2048);
  for_each_team(dev, pieces::count(all), all.length, [=] UGATIT_KERNEL(Team team, Index number) {
    const pieces::Piece piece = all.find(number);
    const Matrix<T>& m = all.item(piece.item);
    team.each(piece.size, [&](Index i) {
      const auto [part, column] = Cell(m.g.columns, piece.begin + i);
      const Index end = (part + 1) * columns::stretch < m.g.rows ? (part + 1) * columns::stretch : m.g.rows;
      const T* const factors[1] = {m.u};
      double sum[1];
      columns::dot(factors, m.w + column, m.g.columns, part * columns::stretch, end, sum);
      m.partial[piece.begin + i] = sum[0];
    });
  });
  for (Matrix<T>& m : all.items) m.size = m.g.columns;
  all.cut_into(256);
  for_each_team(dev, pieces::count(all), 8 * all.length, [=] UGATIT_KERNEL(Team team, Index number) {
    const pieces::Piece piece = all.find(number);
    const Matrix<T>& m = all.item(piece.item);
    team.each(piece.size, [&](Index i) {
      double sum = 0;
      for (Index part = 0; part < m.stretches; ++part) sum += m.partial[part * m.g.columns + piece.begin + i];
      m.v[piece.begin + i] = static_cast<T>(sum);
    });
  });
}

/// W v
template <class D, class T>
void multiply_by_columns(D& dev, Matrices<T> all) {
  Index longest = 1;
  for (Matrix<T>& m : all.items) {
    m.size = m.g.rows;
    longest = m.g.columns > longest ? m.g.columns : longest;
  }
  all.cut_into(1);
  for_each_team(dev, pieces::count(all), longest, [=] UGATIT_KERNEL(Team team, Index number) {
    const pieces::Piece piece = all.find(number);
    const Matrix<T>& m = all.item(piece.item);
    const double sum = team.dot(m.g.columns, m.w + piece.begin * m.g.columns, static_cast<const T*>(m.v));
    if (team.rank() == 0) m.product[piece.begin] = static_cast<T>(sum);
  });
}

/// One estimate of each, of that pass.
template <class D, class T>
void estimate(D& dev, const Matrices<T>& matrices, Index pass) {
  const Matrices<T> all = matrices;
  multiply_by_rows(dev, all);
  multiply_by_columns(dev, all);
  constexpr Index whole_team = 4096;
  for_each_team(dev, all.used, whole_team, [=] UGATIT_KERNEL(Team team, Index t) {
    const Matrix<T>& m = all.item(t);
    advance(team, m.g, m.u, m.v, m.product);
    store_sigma(team, m.g.rows, static_cast<const T*>(m.u), static_cast<const T*>(m.product), m.sigmas + pass);
    map(team, m.g.rows, m.us + pass * m.g.rows, [=](Index i) { return m.u[i]; });
    map(team, m.g.columns, m.vs + pass * m.g.columns, [=](Index i) { return m.v[i]; });
  });
}

}  // namespace spectral

/// Each kernel is for many matrices: one alone fills little of a GPU, and discriminators have many.
template <LaunchesKernels D>
void spectral_estimates(D& dev, Index passes, std::span<const SpectralEstimate<typename D::Scalar>> all) {
  using T = typename D::Scalar;
  while (!all.empty()) {
    const std::span<const SpectralEstimate<T>> some = all.first(std::min(all.size(), spectral::most));
    all = all.subspan(some.size());
    spectral::Matrices<T> matrices{};
    matrices.used = static_cast<Index>(some.size());
    Index rows = 0;
    Index partials = 0;
    for (std::size_t i = 0; i < some.size(); ++i) {
      spectral::Matrix<T>& m = matrices.items[i];
      static_cast<SpectralEstimate<T>&>(m) = some[i];
      m.stretches = (m.g.rows + columns::stretch - 1) / columns::stretch;
      rows += m.g.rows;
      partials += m.stretches * m.g.columns;
    }
    const Buffer<D> products(dev.arena(), rows);
    const BufferOf<double, D> memory(dev.arena(), partials);
    T* product = products.data();
    double* partial = memory.data();
    for (spectral::Matrix<T>& m : std::span(matrices.items).first(some.size())) {
      m.product = product;
      m.partial = partial;
      product += m.g.rows;
      partial += m.stretches * m.g.columns;
    }
    for (Index pass = 0; pass < passes; ++pass) spectral::estimate(dev, matrices, pass);
  }
}

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

/// store(plane, sums) for each.
template <class D, class Store>
void plane_sums(D& dev, const activations::LeakyReluOf<typename D::Scalar>& kink, View<const typename D::Scalar> dy,
                View<const typename D::Scalar> y, const Store& store) {
  using T = typename D::Scalar;
  const activations::LeakyReluOf<T> f = kink;
  for_each_team(dev, y.batch * y.channels, y.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const T* const gradient = dy.data + plane * y.area();
    const T* const result = y.data + plane * y.area();
    const TwoSums sums = team.sums(y.area(), [=](Index i) {
      return TwoSums{static_cast<double>(f.back(gradient[i], result[i])),
                     static_cast<double>(gradient[i]) * static_cast<double>(result[i])};
    });
    if (team.rank() == 0) store(plane, Sums{sums.first, sums.second});
  });
}

/// A border's places count as what they are, copies of pixels.
template <class D, ChannelsLast E, class Store>
void plane_sums(D& dev, const activations::LeakyReluOf<float>& kink, View<const E> dy, View<const E> y,
                const Store& store) {
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
        store(plane, Sums{sums[0], sums[1]});
      });
}

}  // namespace spectral

template <LaunchesKernels D, class E>
void spectral_backward(D& dev, SpectralGeometry g, SpectralScale s, View<const E> dy, View<const E> y,
                       const typename D::Scalar* b, const typename D::Scalar* sigma, const typename D::Scalar* u,
                       const typename D::Scalar* v, typename D::Scalar* dw, typename D::Scalar* db) {
  using T = typename D::Scalar;
  using spectral::Sums;
  const Index passes = s.passes;
  const Index of_pass = y.batch * y.channels / passes;
  const BufferOf<Sums, D> memory(dev.arena(), y.batch * y.channels);
  const BufferOf<double, D> scales_memory(dev.arena(), passes);
  Sums* const all = memory.data();
  double* const scales = scales_memory.data();
  spectral::plane_sums(dev, activations::LeakyReluOf<T>{static_cast<T>(s.slope)}, dy, y,
                       [=] UGATIT_KERNEL(Index plane, const Sums& sums) { all[plane] = sums; });
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
    if (team.rank() == 0) scales[t] = sum / static_cast<double>(sigma[t]);
  });
  if (dw == nullptr) return;
  for_each_team(dev, g.rows, g.columns, [=] UGATIT_KERNEL(Team team, Index row) {
    T* const to = dw + row * g.columns;
    map(team, g.columns, to, [=](Index column) {
      T value = to[column];
      for (Index pass = 0; pass < passes; ++pass) {
        const T factor = static_cast<T>(scales[pass]) * u[pass * g.rows + row];
        value -= factor * v[pass * g.columns + column];
      }
      return value;
    });
  });
}

}  // namespace ugatit
