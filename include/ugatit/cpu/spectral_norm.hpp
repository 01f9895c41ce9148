// ops/spectral_norm.hpp on the CPU.
#pragma once

#include <ugatit/cpu/linear.hpp>
#include <ugatit/ops/spectral_norm.hpp>

#include <Eigen/Core>

#include <algorithm>
#include <numeric>

namespace ugatit {

namespace spectral {

template <class T>
T normalise(T* x, Index size, double epsilon) {
  linear::VectorsOut<T> vector(x, size);
  const T length = std::max(static_cast<T>(std::sqrt(vector.square().sum())), static_cast<T>(epsilon));
  vector /= length;
  return length;
}

}  // namespace spectral

template <class T>
void spectral_sigma(Cpu<T>& dev, SpectralGeometry g, bool iterate, const T* w, T* u, T* v, T* sigma) {
  const LinearGeometry matrix{1, g.columns, g.rows};
  if (iterate) {
    linear_backward_input(dev, matrix, u, w, v);
    spectral::normalise(v, g.columns, g.epsilon);
  }
  const Buffer<Cpu<T>> product(dev.arena(), g.rows);
  linear_forward(dev, matrix, v, w, static_cast<const T*>(nullptr), product.data());
  if (iterate) {
    std::copy_n(product.data(), g.rows, u);
    spectral::normalise(u, g.rows, g.epsilon);
  }
  *sigma = (linear::Vectors<T>(u, g.rows) * linear::Vectors<T>(product.data(), g.rows)).sum();
}

template <class T>
void spectral_scale(Cpu<T>& dev, SpectralScale s, View<const T> x, const T* sigma, const T* b, View<T> y) {
  const Index of_pass = x.batch * x.channels / s.passes;
  const T slope = static_cast<T>(s.slope);
  dev.pool().run(x.batch * x.channels, [&](Index plane, int) {
    const T scale = T(1) / sigma[plane / of_pass];
    const T shift = b == nullptr ? T(0) : b[plane % x.channels];
    linear::VectorsOut<T> to(y.data + plane * x.area(), x.area());
    to = linear::Vectors<T>(x.data + plane * x.area(), x.area()) * scale + shift;
    if (slope != T(1)) to = to.max(T(0)) + slope * to.min(T(0));
  });
}

template <class T>
void spectral_scale_backward(Cpu<T>& dev, SpectralScale s, View<const T> dy, View<const T> y, const T* sigma,
                             View<T> dx) {
  const Index of_pass = y.batch * y.channels / s.passes;
  const T slope = static_cast<T>(s.slope);
  dev.pool().run(y.batch * y.channels, [&](Index plane, int) {
    const T scale = T(1) / sigma[plane / of_pass];
    const linear::Vectors<T> gradient(dy.data + plane * y.area(), y.area());
    const linear::Vectors<T> result(y.data + plane * y.area(), y.area());
    linear::VectorsOut<T>(dx.data + plane * y.area(), y.area()) =
        (result > T(0)).select(gradient * scale, gradient * (slope * scale));
  });
}

template <class T>
void spectral_backward(Cpu<T>& dev, SpectralGeometry g, SpectralScale s, View<const T> dy, View<const T> y, const T* b,
                       const T* sigma, const T* u, const T* v, T* dw, T* db) {
  const Index planes = y.batch * y.channels;
  const Index of_pass = planes / s.passes;
  const T slope = static_cast<T>(s.slope);
  const BufferOf<double, Cpu<T>> memory(dev.arena(), 2 * planes);
  double* const totals = memory.data();      // Σ f'(y) dy
  double* const products = totals + planes;  // Σ dy (y − f'(y) b)
  dev.pool().run(planes, [&](Index plane, int) {
    const linear::Vectors<T> gradient(dy.data + plane * y.area(), y.area());
    const linear::Vectors<T> result(y.data + plane * y.area(), y.area());
    totals[plane] = static_cast<double>((result > T(0)).select(gradient, slope * gradient).sum());
    products[plane] = static_cast<double>((gradient * result).sum());
    if (b != nullptr) products[plane] -= static_cast<double>(b[plane % y.channels]) * totals[plane];
  });
  if (db != nullptr) {
    for (Index plane = 0; plane < planes; ++plane) db[plane % y.channels] += static_cast<T>(totals[plane]);
  }
  if (dw == nullptr) return;
  const Buffer<Cpu<T>> scales(dev.arena(), s.passes);
  for (Index pass = 0; pass < s.passes; ++pass) {
    const double* const first = products + pass * of_pass;
    const double sum = std::accumulate(first, first + of_pass, 0.0);
    scales.data()[pass] = static_cast<T>(sum / static_cast<double>(sigma[pass]));
  }
  dev.pool().run(g.rows, [&](Index row, int) {
    linear::VectorsOut<T> to(dw + row * g.columns, g.columns);
    for (Index pass = 0; pass < s.passes; ++pass) {
      to -= scales.data()[pass] * u[pass * g.rows + row] * linear::Vectors<T>(v + pass * g.columns, g.columns);
    }
  });
}

}  // namespace ugatit
