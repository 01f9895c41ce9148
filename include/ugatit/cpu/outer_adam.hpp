// ops/outer_adam.hpp on the CPU: a stretch of one row at a time, whose gradient stays in the cache.
#pragma once

#include <ugatit/cpu/adam.hpp>
#include <ugatit/ops/outer_adam.hpp>

#include <algorithm>

namespace ugatit {

namespace outer {

constexpr Index stretch = 4096;  // of a row

template <class T>
double dot(const T* a, const T* b, Index size) {
  using Vector = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;
  double sum = 0;
  for (Index i = 0; i < size; i += stretch) {
    const Index length = std::min(stretch, size - i);
    sum += static_cast<double>((Vector(a + i, length) * Vector(b + i, length)).sum());
  }
  return sum;
}

}  // namespace outer

template <class T>
void outer_square_sum(Cpu<T>&, OuterGeometry g, const T* dy, const T* x, double* sum) {
  *sum = 0;
  for (Index k = 0; k < g.count; ++k) {
    for (Index l = 0; l < g.count; ++l) {
      *sum += outer::dot(dy + k * g.rows, dy + l * g.rows, g.rows) *
              outer::dot(x + k * g.columns, x + l * g.columns, g.columns);
    }
  }
}

template <class T>
void outer_adam_step(Cpu<T>& dev, AdamStep<T> step, OuterGeometry g, const T* dy, const T* x,
                     const AdamParameter<T>& p) {
  if (*step.allowed == 0) return;
  const Index stretches = (g.columns + outer::stretch - 1) / outer::stretch;
  dev.reserve_scratch(outer::stretch);
  dev.pool().run(g.rows * stretches, [&](Index task, int thread) {
    const Index row = task / stretches;
    const Index begin = task % stretches * outer::stretch;
    const Index length = std::min(outer::stretch, g.columns - begin);
    adam::Array<T> gradient(dev.scratch(thread), length);
    gradient.setZero();
    for (Index k = 0; k < g.count; ++k) {
      gradient += dy[k * g.rows + row] *
                  Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>(x + k * g.columns + begin, length);
    }
    const auto piece = [&](T* data) { return adam::Array<T>(data + row * g.columns + begin, length); };
    adam::advance(*step.factors, p, piece(p.w), gradient, piece(p.m), piece(p.v));
  });
}

}  // namespace ugatit
