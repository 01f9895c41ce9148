// ops/pool.hpp as kernels: over the whole map.
#pragma once

#include <ugatit/cuda/rows.hpp>
#include <ugatit/ops/pool.hpp>

#include <limits>

namespace ugatit {

template <LaunchesKernels D>
void global_pool_forward(D& dev, Pool kind, View<const typename D::Scalar> x, typename D::Scalar* y) {
  using T = typename D::Scalar;
  for_each_team(dev, x.batch * x.channels, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const T* const from = x.data + plane * x.area();
    const T pooled = kind == Pool::average
                         ? static_cast<T>(team.sum(x.area(), [=](Index i) { return static_cast<double>(from[i]); }) /
                                          static_cast<double>(x.area()))
                         : team.largest(x.area(), [=](Index i) { return from[i]; });
    if (team.rank() == 0) y[plane] = pooled;
  });
}

template <LaunchesKernels D>
void global_pool_tangent(D& dev, Pool kind, View<const typename D::Scalar> v, View<const typename D::Scalar> x,
                         const typename D::Scalar* y, typename D::Scalar* tangent) {
  using T = typename D::Scalar;
  if (kind == Pool::average) return global_pool_forward(dev, kind, v, tangent);
  for_each_team(dev, x.batch * x.channels, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const T* const from = x.data + plane * x.area();
    const Index first = team.first(x.area(), [=](Index i) { return from[i] == y[plane]; });
    if (team.rank() == 0) tangent[plane] = first < x.area() ? v.data[plane * x.area() + first] : T(0);
  });
}

template <LaunchesKernels D>
void global_pool_backward(D& dev, Pool kind, const typename D::Scalar* dy, View<const typename D::Scalar> x,
                          const typename D::Scalar* y, View<typename D::Scalar> dx) {
  using T = typename D::Scalar;
  for_each_team(dev, x.batch * x.channels, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const T* const from = x.data + plane * x.area();
    T* const to = dx.data + plane * x.area();
    if (kind == Pool::average) {
      const T part = dy[plane] / static_cast<T>(x.area());
      map(team, x.area(), to, [=](Index) { return part; });
    } else {
      const Index first = team.first(x.area(), [=](Index i) { return from[i] == y[plane]; });
      map(team, x.area(), to, [=](Index i) { return i == first ? dy[plane] : T(0); });
    }
  });
}

template <LaunchesKernels D>
void global_pools_backward_add(D& dev, const typename D::Scalar* d_average, const typename D::Scalar* d_maximum,
                               View<const typename D::Scalar> x, const typename D::Scalar* maximum,
                               View<typename D::Scalar> dx) {
  using T = typename D::Scalar;
  for_each_team(dev, x.batch * x.channels, x.area(), [=] UGATIT_KERNEL(Team team, Index plane) {
    const T* const from = x.data + plane * x.area();
    T* const to = dx.data + plane * x.area();
    const T part = d_average[plane] / static_cast<T>(x.area());
    const Index first = team.first(x.area(), [=](Index i) { return from[i] == maximum[plane]; });
    map(team, x.area(), to, [=](Index i) { return to[i] + part + (i == first ? d_maximum[plane] : T(0)); });
  });
}

namespace pooling {

struct Larger {
  template <class T>
  UGATIT_KERNEL T operator()(T a, T b) const {
    return b > a ? b : a;
  }
};

struct Smaller {
  template <class T>
  UGATIT_KERNEL T operator()(T a, T b) const {
    return b < a ? b : a;
  }
};

/// The first pixel of each channel of each sample that holds y.
template <class D, ChannelsLast E>
BufferOf<int, D> first_that_holds(D& dev, View<const E> x, const float* y) {
  const Eight<E>* const from = eights(x.data);
  const Index columns = x.channels / 8;
  BufferOf<int, D> memory(dev.arena(), x.batch * x.channels);
  int* const first = memory.data();
  fold_channels<1, int>(
      dev, x.batch, x.area(), x.channels, static_cast<int>(x.area()),
      [=] UGATIT_KERNEL(Index n, Index column) { return y + (n * columns + column) * 8; },
      [=] UGATIT_KERNEL(Index i, Index pixel, const float* largest, int* numbers) {
        const Eight<E> own = from[i];
        for (int k = 0; k < 8; ++k) {
          if (own.at(k) == largest[k] && pixel < numbers[k]) numbers[k] = static_cast<int>(pixel);
        }
      },
      Smaller{}, [=] UGATIT_KERNEL(Index plane, const int* numbers) { first[plane] = numbers[0]; });
  return memory;
}

}  // namespace pooling

template <LaunchesKernels D, ChannelsLast E>
void global_pool_forward(D& dev, Pool kind, View<const E> x, float* y) {
  const Eight<E>* const from = eights(x.data);
  if (kind == Pool::average) {
    const double area = static_cast<double>(x.area());
    return sum_channels<1>(
        dev, x.batch, x.area(), x.channels, rows::Nothing{},
        [=] UGATIT_KERNEL(Index i, Index, int, float* sums) {
          const Eight<E> own = from[i];
          for (int k = 0; k < 8; ++k) sums[k] += own.at(k);
        },
        [=] UGATIT_KERNEL(Index plane, const double* sums) { y[plane] = static_cast<float>(sums[0] / area); });
  }
  fold_channels<1, float>(
      dev, x.batch, x.area(), x.channels, -std::numeric_limits<float>::infinity(), rows::Nothing{},
      [=] UGATIT_KERNEL(Index i, Index, int, float* numbers) {
        const Eight<E> own = from[i];
        for (int k = 0; k < 8; ++k) numbers[k] = own.at(k) > numbers[k] ? own.at(k) : numbers[k];
      },
      pooling::Larger{}, [=] UGATIT_KERNEL(Index plane, const float* numbers) { y[plane] = numbers[0]; });
}

namespace pooling {

/// Both of the pixels that a thread has seen.
struct SumAndLargest {
  float sum, largest;
};

/// The same where many are summed.
struct LongSumAndLargest {
  double sum;
  float largest;

  LongSumAndLargest() = default;
  UGATIT_KERNEL explicit LongSumAndLargest(const SumAndLargest& of_few) : sum(of_few.sum), largest(of_few.largest) {}
};

struct JoinSumAndLargest {
  template <class T>
  UGATIT_KERNEL T operator()(T a, const T& b) const {
    a.sum += b.sum;
    a.largest = Larger{}(a.largest, b.largest);
    return a;
  }
};

}  // namespace pooling

template <LaunchesKernels D, ChannelsLast E>
void global_pools_forward(D& dev, View<const E> x, typename D::Scalar* average, typename D::Scalar* maximum) {
  using pooling::LongSumAndLargest;
  using pooling::SumAndLargest;
  const Eight<E>* const from = eights(x.data);
  const double area = static_cast<double>(x.area());
  fold_channels<1, LongSumAndLargest>(
      dev, x.batch, x.area(), x.channels, SumAndLargest{0, -std::numeric_limits<float>::infinity()}, rows::Nothing{},
      [=] UGATIT_KERNEL(Index i, Index, int, SumAndLargest* numbers) {
        const Eight<E> own = from[i];
        for (int k = 0; k < 8; ++k) {
          numbers[k].sum += own.at(k);
          numbers[k].largest = pooling::Larger{}(numbers[k].largest, own.at(k));
        }
      },
      pooling::JoinSumAndLargest{},
      [=] UGATIT_KERNEL(Index plane, const LongSumAndLargest* numbers) {
        average[plane] = static_cast<float>(numbers[0].sum / area);
        maximum[plane] = numbers[0].largest;
      });
}

template <LaunchesKernels D, ChannelsLast E>
void global_pool_tangent(D& dev, Pool kind, View<const E> v, View<const E> x, const float* y, float* tangent) {
  if (kind == Pool::average) return global_pool_forward(dev, kind, v, tangent);
  const BufferOf<int, D> memory = pooling::first_that_holds(dev, x, y);
  const int* const first = memory.data();
  for_each(dev, x.batch * x.channels, [=] UGATIT_KERNEL(Index plane) {
    const Cell p(x.channels, plane);
    tangent[plane] =
        first[plane] < x.area() ? to_float(v.data[(p.row * x.area() + first[plane]) * x.channels + p.column]) : 0.0F;
  });
}

template <LaunchesKernels D, ChannelsLast E>
void global_pool_backward(D& dev, Pool kind, const float* dy, View<const E> x, const float* y, View<E> dx) {
  const Index columns = x.channels / 8;
  if (kind == Pool::average) {
    const float part = 1 / static_cast<float>(x.area());
    return map_rows(
        dev, x.batch, x.area(), x.channels, dx.data,
        [=] UGATIT_KERNEL(Index n, Index column) {
          const float* const gradients = dy + (n * columns + column) * 8;
          return eight<E>([&](int k) { return gradients[k] * part; });
        },
        [=] UGATIT_KERNEL(Index, Index, const Eight<E>& parts) { return parts; });
  }
  const BufferOf<int, D> memory = pooling::first_that_holds(dev, x, y);
  const int* const first = memory.data();
  map_eights(dev, dx.size(), dx.data, [=] UGATIT_KERNEL(Index i) {
    const Cell p(columns, i);
    const Cell pixel(x.area(), p.row);
    const Index plane = (pixel.row * columns + p.column) * 8;
    return eight<E>([&](int k) { return first[plane + k] == pixel.column ? dy[plane + k] : 0.0F; });
  });
}

namespace pooling {

/// What a thread keeps of eight channels.
struct EightPooled {
  float parts[8];
  const float* d_maximum;
  const int* first;
};

}  // namespace pooling

template <LaunchesKernels D, ChannelsLast E>
void global_pools_backward_add(D& dev, const float* d_average, const float* d_maximum, View<const E> x,
                               const float* maximum, View<E> dx) {
  using pooling::EightPooled;
  const BufferOf<int, D> memory = pooling::first_that_holds(dev, x, maximum);
  const int* const first = memory.data();
  const Eight<E>* const before = eights(static_cast<const E*>(dx.data));
  const Index columns = dx.channels / 8;
  const float part = 1 / static_cast<float>(x.area());
  map_rows<2>(
      dev, dx.batch, dx.area(), dx.channels, dx.data,
      [=] UGATIT_KERNEL(Index n, Index column) {
        const Index plane = (n * columns + column) * 8;
        EightPooled pooled{{}, d_maximum + plane, first + plane};
        for (int k = 0; k < 8; ++k) pooled.parts[k] = d_average[plane + k] * part;
        return pooled;
      },
      [=] UGATIT_KERNEL(Index i, Index pixel, const EightPooled& pooled) {
        const Eight<E> own = before[i];
        return eight<E>([&](int k) {
          return own.at(k) + pooled.parts[k] + (pooled.first[k] == pixel ? pooled.d_maximum[k] : 0.0F);
        });
      });
}

}  // namespace ugatit
