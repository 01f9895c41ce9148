// ops/linear.hpp on the CPU. Batches are small, so each is a pass over the weights.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/linear.hpp>

#include <Eigen/Core>

#include <algorithm>

namespace ugatit {

namespace linear {

template <class T>
using Vectors = Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>;

template <class T>
using VectorsOut = Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>;

constexpr Index stretch = 4096;  // of the input: all samples' stretches stay in the cache while the weights pass

}  // namespace linear

template <class T>
void linear_forward(Cpu<T>& dev, LinearGeometry g, const T* x, const T* w, const T* b, T* y) {
  dev.pool().run(g.out, [&](Index o, int) {
    for (Index n = 0; n < g.batch; ++n) {
      // Stretches are summed in double precision: the full model's first layer adds a million products.
      double sum = b == nullptr ? 0 : static_cast<double>(b[o]);
      for (Index i = 0; i < g.in; i += linear::stretch) {
        const Index size = std::min(linear::stretch, g.in - i);
        sum += static_cast<double>(
            (linear::Vectors<T>(w + o * g.in + i, size) * linear::Vectors<T>(x + n * g.in + i, size)).sum());
      }
      y[n * g.out + o] = static_cast<T>(sum);
    }
  });
}

template <class T>
void linear_backward_input(Cpu<T>& dev, LinearGeometry g, const T* dy, const T* w, T* dx) {
  parallel_pieces(dev, g.in, linear::stretch, [&](Index begin, Index end) {
    for (Index n = 0; n < g.batch; ++n) {
      linear::VectorsOut<T> to(dx + n * g.in + begin, end - begin);
      to.setZero();
      for (Index o = 0; o < g.out; ++o) {
        to += dy[n * g.out + o] * linear::Vectors<T>(w + o * g.in + begin, end - begin);
      }
    }
  });
}

template <class T>
void linear_backward_weight(Cpu<T>& dev, LinearGeometry g, const T* x, const T* dy, T* dw) {
  dev.pool().run(g.out, [&](Index o, int) {
    for (Index n = 0; n < g.batch; ++n) {
      linear::VectorsOut<T>(dw + o * g.in, g.in) += dy[n * g.out + o] * linear::Vectors<T>(x + n * g.in, g.in);
    }
  });
}

}  // namespace ugatit
