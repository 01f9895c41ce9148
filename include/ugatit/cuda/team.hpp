// How kernels are written: as functions of one number, or of a team of threads that works on one thing together.
//
//   for_each(dev, count, f)                  f(i) for each i in [0, count)
//   for_each_team(dev, teams, length, f)     f(team, t) for each t in [0, teams); `length` numbers are each team's work
//
// The device brings the two; on a GPU a team is a block of threads. On the host a team has one thread, or real ones
// that share memory and wait for one another (`HostThread`), so that the arithmetic of every kernel, and what its
// threads do to one another, is tested without a GPU (tests/cuda/on_host.hpp). No sum depends on chance: the same
// launch gives the same bits.
#pragma once

#include <ugatit/core/device.hpp>

#include <cmath>

#if !defined(__CUDACC__)
#include <barrier>
#endif

/// Marks what a kernel calls. For nvcc it must not be `__host__` too: such a lambda goes through pointers that nvcc
/// keeps apart for each source, and a program of several sources calls null.
#if defined(__CUDACC__)
#define UGATIT_KERNEL __device__
#define UGATIT_PRAGMA(words) _Pragma(#words)
#define UGATIT_UNROLLED(times) UGATIT_PRAGMA(unroll times)  ///< before a loop that is to be unrolled so often
#else
#define UGATIT_KERNEL
#define UGATIT_UNROLLED(times)
#endif

namespace ugatit {

/// A device whose operations are the kernels of this folder.
template <class D>
concept LaunchesKernels = Device<D> && requires {
  requires D::launches_kernels;
};

/// Which sample, channel, row and column a number of [N, C, H, W] is. No operation has 2^32 numbers (launch.hpp sees to
/// that), and divisions of 32 bits are a GPU's fast ones.
struct Place {
  Index n, c, i, j;

  template <class Scalar>
  UGATIT_KERNEL Place(const View<Scalar>& view, Index at) {
    auto rest = static_cast<unsigned>(at);
    const auto split_off = [&rest](Index size) {
      const auto divisor = static_cast<unsigned>(size);
      const unsigned part = rest % divisor;
      rest /= divisor;
      return static_cast<Index>(part);
    };
    j = split_off(view.width);
    i = split_off(view.height);
    c = split_off(view.channels);
    n = static_cast<Index>(rest);
  }
};

/// at = row · width + column, likewise.
struct Cell {
  Index row, column;

  UGATIT_KERNEL Cell(Index width, Index at)
      : row(static_cast<unsigned>(at) / static_cast<unsigned>(width)),
        column(static_cast<unsigned>(at) % static_cast<unsigned>(width)) {}
};

/// Two sums that are made together.
struct TwoSums {
  double first, second;
};

#if !defined(__CUDACC__)
/// One of several threads that are a team on the host.
struct HostThread {
  static constexpr Index most = 1024;  ///< as on a GPU
  Index rank = 0;                      ///< its number
  Index size = 1;                      ///< how many there are
  std::barrier<>* meet = nullptr;      ///< where all of them wait
};
#endif

/// The threads that share one piece of work. All of them must come to each sum.
class Team {
 public:
#if !defined(__CUDACC__)
  Team() = default;
  explicit Team(const HostThread& thread) : thread_(thread) {}
#endif

  /// This thread's number in the team.
  UGATIT_KERNEL Index rank() const {
#if defined(__CUDA_ARCH__)
    return threadIdx.x;
#elif defined(__CUDACC__)
    return 0;
#else
    return thread_.rank;
#endif
  }

  /// How many threads there are.
  UGATIT_KERNEL Index size() const {
#if defined(__CUDA_ARCH__)
    return blockDim.x;
#elif defined(__CUDACC__)
    return 1;
#else
    return thread_.size;
#endif
  }

  /// Memory for N numbers that all of the team see; what one writes another reads after `meet`.
  template <class T, Index N>
  UGATIT_KERNEL T* shared() const {
#if defined(__CUDA_ARCH__)
    __shared__ T memory[N];
#else
    static T memory[N];
#endif
    return memory;
  }

  /// Waits for all of the team.
  UGATIT_KERNEL void meet() const {
#if defined(__CUDA_ARCH__)
    __syncthreads();
#elif !defined(__CUDACC__)
    if (thread_.meet != nullptr) thread_.meet->arrive_and_wait();
#endif
  }

  /// Calls f(i) for this thread's share of [0, count).
  template <class F>
  UGATIT_KERNEL void each(Index count, const F& f) const {
    for (Index i = rank(); i < count; i += size()) f(i);
  }

  /// Σ f(i) over [0, count), in double precision, the same for every thread.
  template <class F>
  UGATIT_KERNEL double sum(Index count, const F& f) const {
    double own = 0;
    each(count, [&](Index i) { own += f(i); });
    return join(own, [](double a, double b) { return a + b; });
  }

  /// Σ x[i] y[i] over [0, count), of which a few are summed in T before they are in double precision.
  template <class T>
  UGATIT_KERNEL double dot(Index count, const T* x, const T* y) const {
    constexpr Index few = 8;
    double own = 0;
    Index i = rank();
    for (; i + (few - 1) * size() < count; i += few * size()) {
      T run = 0;
      for (Index k = 0; k < few; ++k) run += x[i + k * size()] * y[i + k * size()];
      own += static_cast<double>(run);
    }
    for (; i < count; i += size()) own += static_cast<double>(x[i]) * static_cast<double>(y[i]);
    return join(own, [](double a, double b) { return a + b; });
  }

  /// Both of Σ f(i), of which each gives `TwoSums`, in one pass over [0, count).
  template <class F>
  UGATIT_KERNEL TwoSums sums(Index count, const F& f) const {
    TwoSums own{0, 0};
    each(count, [&](Index i) {
      const TwoSums two = f(i);
      own.first += two.first;
      own.second += two.second;
    });
    return joined(own);
  }

  /// The sums of what each thread has, the same for every thread.
  UGATIT_KERNEL TwoSums joined(const TwoSums& own) const {
    const auto plus = [](double a, double b) { return a + b; };
    const double first = join(own.first, plus);
    return {first, join(own.second, plus)};
  }

  /// The largest f(i) over [0, count), count > 0, the same for every thread; NaN is left out.
  template <class F>
  UGATIT_KERNEL auto largest(Index count, const F& f) const {
    auto own = f(rank() < count ? rank() : Index{0});
    each(count, [&](Index i) {
      const auto value = f(i);
      if (value > own || own != own) own = value;
    });
    return join(own, [](auto a, auto b) { return b > a || a != a ? b : a; });
  }

  /// The smallest i in [0, count) that f(i) holds for, or `count`.
  template <class F>
  UGATIT_KERNEL Index first(Index count, const F& f) const {
    Index own = count;
    for (Index i = rank(); i < count && own == count; i += size()) {
      if (f(i)) own = i;
    }
    return join(own, [](Index a, Index b) { return b < a ? b : a; });
  }

 private:
  // First the 32 threads of a warp, then the warps, always in the same order.
  template <class V, class F>
  UGATIT_KERNEL V join(V value, [[maybe_unused]] const F& f) const {
#if defined(__CUDA_ARCH__)
    constexpr unsigned all = 0xffffffffU;
    for (int distance = 16; distance > 0; distance /= 2) {
      // Both sides of a pair join in the same order, so that both get the same.
      const V other = __shfl_xor_sync(all, value, distance);
      value = (threadIdx.x & distance) == 0 ? f(value, other) : f(other, value);
    }
    __shared__ V warps[32];
    __syncthreads();  // whoever still reads an earlier result
    if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
    __syncthreads();
    value = warps[0];
    for (unsigned warp = 1; warp < blockDim.x / 32; ++warp) value = f(value, warps[warp]);
#elif !defined(__CUDACC__)
    if (size() == 1) return value;
    // By turns in two places: who writes to one again has met all that read there.
    static V places[2][HostThread::most];
    thread_local unsigned turn = 0;
    V* const all = places[turn++ % 2];
    all[rank()] = value;
    meet();
    value = all[0];
    for (Index i = 1; i < size(); ++i) value = f(value, all[i]);
#endif
    return value;
  }

#if !defined(__CUDACC__)
  HostThread thread_;
#endif
};

}  // namespace ugatit
