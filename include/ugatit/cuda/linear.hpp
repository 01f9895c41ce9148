// ops/linear.hpp as kernels. Batches are small, so each is a pass over the weights at the speed of the memory.
#pragma once

#include <ugatit/cuda/columns.hpp>
#include <ugatit/cuda/planes.hpp>
#include <ugatit/ops/linear.hpp>

namespace ugatit {

namespace linear_kernels {

constexpr Index large = 8192;     ///< with more inputs than that a matrix is large
constexpr Index stretch = 16384;  ///< inputs of a team
constexpr Index samples = 2;      ///< that are multiplied with a weight once it has been read
constexpr int rows = 4;           ///< that a team multiplies with what it has read of x

/// The second of two samples, or the first again where there is none.
inline UGATIT_KERNEL Index second(Index first, Index batch) {
  return first + 1 < batch ? first + 1 : first;
}

/// A thread's sums of two samples and some rows; some products are summed in T before they are in double precision.
template <class T>
struct Sums {
  double first[rows] = {};
  double second[rows] = {};

  /// Takes in inputs `at`, `at` + step, … of which there are `Count`; `row[r]` are weights, x and z the samples.
  template <int Count>
  UGATIT_KERNEL void add(const T* const (&row)[rows], const T* x, const T* z, Index at, Index step) {
    T runs[rows] = {};
    T other_runs[rows] = {};
    for (int k = 0; k < Count; ++k) {
      const T of_x = x[at + k * step];
      const T of_z = z[at + k * step];
      for (int r = 0; r < rows; ++r) {
        const T weight = row[r][at + k * step];
        runs[r] += weight * of_x;
        other_runs[r] += weight * of_z;
      }
    }
    for (int r = 0; r < rows; ++r) {
      first[r] += static_cast<double>(runs[r]);
      second[r] += static_cast<double>(other_runs[r]);
    }
  }
};

/// Of a large matrix: teams have some rows and a stretch of the inputs each.
template <LaunchesKernels D>
void forward_large(D& dev, LinearGeometry g, const typename D::Scalar* x, const typename D::Scalar* w,
                   const typename D::Scalar* b, typename D::Scalar* y) {
  using T = typename D::Scalar;
  const PlaneCut cut(g.in, stretch);
  const Index groups = (g.out + rows - 1) / rows;
  const BufferOf<double, D> memory(dev.arena(), cut.pieces * g.batch * g.out);
  double* const partial = memory.data();  // [pieces, N, out]
  for_each_plane_piece(dev, groups, cut, [=] UGATIT_KERNEL(Team team, Index group, Index begin, Index size) {
    const Index first_row = group * rows;
    const T* row[rows];
    for (int r = 0; r < rows; ++r) row[r] = w + (first_row + r < g.out ? first_row + r : g.out - 1) * g.in + begin;
    for (Index n = 0; n < g.batch; n += samples) {
      const T* const one = x + n * g.in + begin;
      const T* const other = x + second(n, g.batch) * g.in + begin;
      Sums<T> sums;
      constexpr int together = 4;
      Index i = team.rank();
      for (; i + (together - 1) * team.size() < size; i += together * team.size()) {
        sums.template add<together>(row, one, other, i, team.size());
      }
      for (; i < size; i += team.size()) sums.template add<1>(row, one, other, i, team.size());
      for (int r = 0; r < rows; ++r) {
        const TwoSums both = team.joined({sums.first[r], sums.second[r]});
        if (team.rank() != 0 || first_row + r >= g.out) continue;
        double* const to = partial + (begin / cut.length * g.batch + n) * g.out + first_row + r;
        to[0] = both.first;
        if (n + 1 < g.batch) to[g.out] = both.second;
      }
    }
  });
  for_each(dev, g.batch * g.out, [=] UGATIT_KERNEL(Index at) {
    double sum = b == nullptr ? 0 : static_cast<double>(b[Cell(g.out, at).column]);
    for (Index part = 0; part < cut.pieces; ++part) sum += partial[part * g.batch * g.out + at];
    y[at] = static_cast<T>(sum);
  });
}

/// Of a large matrix: it has so many inputs that each may have one thread.
template <LaunchesKernels D>
void backward_input_large(D& dev, LinearGeometry g, const typename D::Scalar* dy, const typename D::Scalar* w,
                          typename D::Scalar* dx) {
  using T = typename D::Scalar;
  for_each(dev, g.in, [=] UGATIT_KERNEL(Index i) {
    for (Index n = 0; n < g.batch; n += samples) {
      const T* const gradients[samples] = {dy + n * g.out, dy + second(n, g.batch) * g.out};
      double sums[samples];
      columns::dot(gradients, w + i, g.in, 0, g.out, sums);
      dx[n * g.in + i] = static_cast<T>(sums[0]);
      if (n + 1 < g.batch) dx[(n + 1) * g.in + i] = static_cast<T>(sums[1]);
    }
  });
}

}  // namespace linear_kernels

template <LaunchesKernels D>
void linear_forward(D& dev, LinearGeometry g, const typename D::Scalar* x, const typename D::Scalar* w,
                    const typename D::Scalar* b, typename D::Scalar* y) {
  using T = typename D::Scalar;
  if (g.in > linear_kernels::large) return linear_kernels::forward_large(dev, g, x, w, b, y);
  for_each_team(dev, g.out * g.batch, g.in, [=] UGATIT_KERNEL(Team team, Index t) {
    const Cell place(g.out, t);
    const Index o = place.column;
    const Index n = place.row;
    const double sum = team.dot(g.in, w + o * g.in, x + n * g.in);
    if (team.rank() == 0) y[n * g.out + o] = static_cast<T>(sum + (b == nullptr ? 0 : static_cast<double>(b[o])));
  });
}

template <LaunchesKernels D>
void linear_backward_input(D& dev, LinearGeometry g, const typename D::Scalar* dy, const typename D::Scalar* w,
                           typename D::Scalar* dx) {
  using T = typename D::Scalar;
  if (g.in > linear_kernels::large) return linear_kernels::backward_input_large(dev, g, dy, w, dx);
  sum_columns(
      dev, g.batch, g.out, g.in,
      [=] UGATIT_KERNEL(Index n, Index o, Index i) {
        return static_cast<double>(dy[n * g.out + o]) * static_cast<double>(w[o * g.in + i]);
      },
      [=] UGATIT_KERNEL(Index n, Index i, double sum) { dx[n * g.in + i] = static_cast<T>(sum); });
}

template <LaunchesKernels D>
void linear_backward_weight(D& dev, LinearGeometry g, const typename D::Scalar* x, const typename D::Scalar* dy,
                            typename D::Scalar* dw) {
  using T = typename D::Scalar;
  for_each(dev, g.out * g.in, [=] UGATIT_KERNEL(Index at) {
    const auto [o, i] = Cell(g.in, at);
    T sum = T(0);
    for (Index n = 0; n < g.batch; ++n) sum += dy[n * g.out + o] * x[n * g.in + i];
    dw[at] += sum;
  });
}

}  // namespace ugatit
