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
  for_each_team(dev, 1, g.size, [=] UGATIT_KERNEL(Team team, Index) {
    const double count = static_cast<double>(g.size);
    const T step = static_cast<T>(g.weight / count);
    const double sum = team.sum(g.size, [=](Index i) {
      const T distance = x[i] - y[i];
      if (dx != nullptr) dx[i] = distance > T(0) ? step : (distance < T(0) ? -step : T(0));
      return static_cast<double>(std::abs(distance));
    });
    if (team.rank() == 0) *loss = sum / count;
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

}  // namespace ugatit
