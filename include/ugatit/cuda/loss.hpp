// ops/loss.hpp as kernels: one team a loss, which writes its value to the device's memory.
#pragma once

#include <ugatit/cuda/team.hpp>
#include <ugatit/ops/loss.hpp>

namespace ugatit {

template <LaunchesKernels D>
void least_squares(D& dev, LossGeometry g, const typename D::Scalar* x, double target, double* loss,
                   typename D::Scalar* dx) {
  using T = typename D::Scalar;
  for_each_team(dev, 1, g.size, [=] UGATIT_KERNEL(Team team, Index) {
    const double count = static_cast<double>(g.size);
    const double sum = team.sum(g.size, [=](Index i) {
      const double distance = static_cast<double>(x[i]) - target;
      if (dx != nullptr) dx[i] = static_cast<T>(g.weight * 2 * distance / count);
      return distance * distance;
    });
    if (team.rank() == 0) *loss = sum / count;
  });
}

template <LaunchesKernels D>
void l1(D& dev, LossGeometry g, const typename D::Scalar* x, const typename D::Scalar* y, double* loss,
        typename D::Scalar* dx) {
  using T = typename D::Scalar;
  // Whole images: a team for each piece of them.
  constexpr Index piece = 4096;
  const Index count = (g.size + piece - 1) / piece;
  const BufferOf<double, D> memory(dev.arena(), count);
  double* const partial = memory.data();
  for_each_team(dev, count, piece, [=] UGATIT_KERNEL(Team team, Index p) {
    const T step = static_cast<T>(g.weight / static_cast<double>(g.size));
    const Index begin = p * piece;
    const double sum = team.sum(g.size - begin < piece ? g.size - begin : piece, [=](Index at) {
      const Index i = begin + at;
      const T distance = x[i] - y[i];
      if (dx != nullptr) dx[i] = distance > T(0) ? step : (distance < T(0) ? -step : T(0));
      return static_cast<double>(std::abs(distance));
    });
    if (team.rank() == 0) partial[p] = sum;
  });
  for_each_team(dev, 1, count, [=] UGATIT_KERNEL(Team team, Index) {
    const double sum = team.sum(count, [=](Index p) { return partial[p]; });
    if (team.rank() == 0) *loss = sum / static_cast<double>(g.size);
  });
}

template <LaunchesKernels D>
void bce_with_logits(D& dev, LossGeometry g, const typename D::Scalar* x, double target, double* loss,
                     typename D::Scalar* dx) {
  using T = typename D::Scalar;
  for_each_team(dev, 1, g.size, [=] UGATIT_KERNEL(Team team, Index) {
    const double count = static_cast<double>(g.size);
    const double sum = team.sum(g.size, [=](Index i) {
      const double logit = static_cast<double>(x[i]);
      if (dx != nullptr) dx[i] = static_cast<T>(g.weight * (1 / (1 + std::exp(-logit)) - target) / count);
      return (logit > 0 ? logit : 0) - logit * target + std::log1p(std::exp(-std::abs(logit)));
    });
    if (team.rank() == 0) *loss = sum / count;
  });
}

template <LaunchesKernels D>
void linear_loss(D& dev, LossGeometry g, const typename D::Scalar* x, double slope, double* loss,
                 typename D::Scalar* dx) {
  using T = typename D::Scalar;
  for_each_team(dev, 1, g.size, [=] UGATIT_KERNEL(Team team, Index) {
    const double count = static_cast<double>(g.size);
    const double sum = team.sum(g.size, [=](Index i) {
      if (dx != nullptr) dx[i] = static_cast<T>(g.weight * slope / count);
      return static_cast<double>(x[i]);
    });
    if (team.rank() == 0) *loss = slope * sum / count;
  });
}

template <LaunchesKernels D>
void hinge_loss(D& dev, LossGeometry g, const typename D::Scalar* x, double side, double* loss,
                typename D::Scalar* dx) {
  using T = typename D::Scalar;
  for_each_team(dev, 1, g.size, [=] UGATIT_KERNEL(Team team, Index) {
    const double count = static_cast<double>(g.size);
    const double sum = team.sum(g.size, [=](Index i) {
      const double missing = 1 - side * static_cast<double>(x[i]);
      if (dx != nullptr) dx[i] = missing > 0 ? static_cast<T>(-g.weight * side / count) : T(0);
      return missing > 0 ? missing : 0;
    });
    if (team.rank() == 0) *loss = sum / count;
  });
}

template <LaunchesKernels D>
void gradient_penalty(D& dev, PenaltyGeometry p, const typename D::Scalar* g, double* loss, typename D::Scalar* v) {
  using T = typename D::Scalar;
  const BufferOf<double, D> memory(dev.arena(), p.batch);
  double* const each = memory.data();
  for_each_team(dev, p.batch, p.size, [=] UGATIT_KERNEL(Team team, Index n) {
    const T* const from = g + n * p.size;
    T* const to = v + n * p.size;
    const double squares = team.sum(p.size, [=](Index i) {
      const double number = static_cast<double>(from[i]);
      return number * number;
    });
    const double length = std::sqrt(squares);
    const double excess = p.one_sided && length < 1 ? 0 : length - 1;
    if (team.rank() == 0) each[n] = excess * excess;
    const T scale =
        length > 0 ? static_cast<T>(p.weight * p.factor * 2 * excess / (length * static_cast<double>(p.batch))) : T(0);
    team.each(p.size, [=](Index i) { to[i] = scale * from[i]; });
  });
  for_each_team(dev, 1, p.batch, [=] UGATIT_KERNEL(Team team, Index) {
    const double sum = team.sum(p.batch, [=](Index n) { return each[n]; });
    if (team.rank() == 0) *loss = p.factor * sum / static_cast<double>(p.batch);
  });
}

}  // namespace ugatit
