// ops/spectral_norm.hpp as kernels: σ, u and v, which need no image.
#pragma once

#include <ugatit/cuda/linear.hpp>
#include <ugatit/cuda/map.hpp>
#include <ugatit/cuda/pieces.hpp>
#include <ugatit/ops/spectral_norm.hpp>

#include <algorithm>
#include <span>

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

}  // namespace ugatit
