// 3×3 convolutions of stride 1 by F(4×4, 3×3): a quarter of the multiplications, forward and back.
//
// With V = Bᵀ d B of every tile d of the padded image, U = G w Gᵀ of every pair of channels and M = A dy Aᵀ of every
// tile of the gradient, point by point (36 of them):
//
//   y  = Aᵀ (Σ_c U V) A          dx += B (Σ_o U M) Bᵀ          dw += Gᵀ (Σ_tiles M V) G
//
// The two on the right are the exact adjoints of the first. Each sum is a matrix product for each point. Tiles are
// worked on in stretches, so that what is between the transforms stays in the cache.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/cpu/elementwise.hpp>
#include <ugatit/cpu/gemm.hpp>
#include <ugatit/cpu/winograd_tiling.hpp>
#include <ugatit/cpu/winograd_transforms.hpp>
#include <ugatit/ops/conv2d.hpp>

#include <algorithm>
#include <type_traits>

namespace ugatit::winograd {

template <class T>
constexpr Index whole_packets(Index size) {
  return (size + gemm::Tile<T>::lanes - 1) / gemm::Tile<T>::lanes * gemm::Tile<T>::lanes;
}

/// Distance between the matrices of two points. A whole power of two would send all 36 to the same set of the cache.
template <class T>
constexpr Index apart(Index size) {
  return size + gemm::Tile<T>::lanes;
}

// Copies `rows` × `columns` numbers to one lane of a square; what is missing is zero.
template <class T, Index Side>
EIGEN_STRONG_INLINE void take(const T* from, Index stride, Index rows, Index columns, T* lane) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  if (rows >= Side && columns >= Side) {
    for (Index i = 0; i < Side; ++i) {
      for (Index j = 0; j < Side; ++j) lane[(i * Side + j) * lanes] = from[i * stride + j];
    }
    return;
  }
  for (Index i = 0; i < Side; ++i) {
    for (Index j = 0; j < Side; ++j)
      lane[(i * Side + j) * lanes] = i < rows && j < columns ? from[i * stride + j] : T(0);
  }
}

/// Points of the tiles [first, first + count) of an image, as [points, channels, tiles]: `M` is `pixels` for the
/// padded image, `results_back` for a gradient.
template <const auto& M, class T, Index Side>
void tiles_to_points(Cpu<T>& dev, const Tiling& tiling, View<const T> image, Index first, Index count, T* out) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  const Index wide = whole_packets<T>(count);
  dev.pool().run(image.channels, [&](Index c, int) {
    Square<T, Side> square;
    for (Index t = 0; t < wide; t += lanes) {
      for (Index l = 0; l < lanes; ++l) {
        const bool inside = t + l < count;
        const auto [n, row, column] = tiling.place(inside ? first + t + l : first);
        const T* from = image.data + n * image.image() + c * image.area() + row * image.width + column;
        take<T, Side>(from, image.width, inside ? image.height - row : 0, image.width - column, square.data + l);
      }
      transform<M>(square.data, lanes, out + c * wide + t, apart<T>(image.channels * wide));
    }
  });
}

/// The same as [points, tiles, channels], for sums over tiles. `channels` is a whole number of packets.
template <const auto& M, class T, Index Side>
void tiles_to_points_by_channel(Cpu<T>& dev, const Tiling& tiling, View<const T> image, Index first, Index count,
                                T* out) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  const Index channels = whole_packets<T>(image.channels);
  dev.pool().run(count, [&](Index t, int) {
    const auto [n, row, column] = tiling.place(first + t);
    const T* const corner = image.data + n * image.image() + row * image.width + column;
    Square<T, Side> square;
    for (Index c = 0; c < channels; c += lanes) {
      for (Index l = 0; l < lanes; ++l) {
        const bool inside = c + l < image.channels;
        take<T, Side>(inside ? corner + (c + l) * image.area() : corner, image.width, inside ? image.height - row : 0,
                      image.width - column, square.data + l);
      }
      transform<M>(square.data, lanes, out + t * channels + c, apart<T>(count * channels));
    }
  });
}

/// Points of all weights, as [points, from, to] with `to` a whole number of packets: from = in and to = out channels
/// for the forward pass, the other way round for the gradient of the input.
template <class T>
void weights_to_points(Cpu<T>& dev, const Conv2dGeometry& g, const T* w, bool forward, T* out) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  const Index from = forward ? g.in_channels : g.out_channels;
  const Index to = forward ? g.out_channels : g.in_channels;
  const Index from_step = forward ? 9 : g.in_channels * 9;
  const Index to_step = forward ? g.in_channels * 9 : 9;
  const Index wide = whole_packets<T>(to);
  dev.pool().run(wide / lanes, [&](Index group, int) {
    const Index k = group * lanes;
    Square<T, 3> square;
    for (Index c = 0; c < from; ++c) {
      for (Index l = 0; l < lanes; ++l) {
        const bool inside = k + l < to;
        take<T, 3>(w + c * from_step + (inside ? k + l : 0) * to_step, 3, inside ? 3 : 0, 3, square.data + l);
      }
      transform<weights>(square.data, lanes, out + c * wide + k, apart<T>(from * wide));
    }
  });
}

/// out[p] [rows × columns] (+)= Σ_k a[p][k, row] · b[p][k, column] for each point p.
template <class T>
void multiply_points(Cpu<T>& dev, Index rows, Index columns, Index inner, const T* a, Index a_stride, const T* b,
                     Index b_stride, T* out, Index out_stride, bool add) {
  dev.reserve_scratch(gemm::scratch_size<T>(columns));
  dev.pool().run(points, [&](Index p, int thread) {
    const gemm::ColumnsOfA<T> left{a + p * apart<T>(inner * a_stride), a_stride};
    const gemm::RowsOfB<T> right{b + p * apart<T>(inner * b_stride), b_stride};
    T* const c = out + p * apart<T>(rows * out_stride);
    if (!add) std::fill_n(c, rows * out_stride, T(0));
    gemm::block<T>(rows, columns, inner, left, right, c, out_stride, dev.scratch(thread));
  });
}

/// The way back from [points, channels, tiles] to the tiles of an image: calls put(pixel, value, channel) for each
/// pixel of a tile that lies in the image; the tiles of one channel follow each other in one thread.
template <const auto& M, class T, class Put>
void points_to_tiles(Cpu<T>& dev, const Tiling& tiling, View<T> image, Index first, Index count, const T* in,
                     const Put& put) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  constexpr Index side = std::remove_cvref_t<decltype(M)>::rows;
  const Index wide = whole_packets<T>(count);
  dev.pool().run(image.channels, [&](Index c, int) {
    Square<T, side> square;
    for (Index t = 0; t < count; t += lanes) {
      transform<M>(in + c * wide + t, apart<T>(image.channels * wide), square.data, lanes);
      for (Index l = 0; l < std::min(lanes, count - t); ++l) {
        const auto [n, row, column] = tiling.place(first + t + l);
        T* const to = image.data + n * image.image() + c * image.area() + row * image.width + column;
        const Index rows = std::min(side, image.height - row);
        const Index columns = std::min(side, image.width - column);
        for (Index i = 0; i < rows; ++i) {
          for (Index j = 0; j < columns; ++j) put(to[i * image.width + j], square.at(i, j)[l], c);
        }
      }
    }
  });
}

/// y = conv(padded, w) + b; y overwrites.
template <class T>
void forward(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> padded, const T* w, const T* b, View<T> y) {
  const Tiling tiling{y.height, y.width};
  const Index total = tiling.count(y.batch);
  const Index stretch = whole_packets<T>(std::min(total, Tiling::stretch));
  const Index out = whole_packets<T>(g.out_channels);
  const Buffer<Cpu<T>> u(dev.arena(), points * apart<T>(g.in_channels * out));
  const Buffer<Cpu<T>> v(dev.arena(), points * apart<T>(g.in_channels * stretch));
  const Buffer<Cpu<T>> m(dev.arena(), points * apart<T>(g.out_channels * stretch));
  weights_to_points(dev, g, w, true, u.data());
  for (Index first = 0; first < total; first += stretch) {
    const Index count = std::min(stretch, total - first);
    const Index wide = whole_packets<T>(count);
    tiles_to_points<pixels, T, field>(dev, tiling, padded, first, count, v.data());
    multiply_points<T>(dev, g.out_channels, wide, g.in_channels, u.data(), out, v.data(), wide, m.data(), wide, false);
    points_to_tiles<results>(dev, tiling, y, first, count, m.data(),
                             [&](T& pixel, T value, Index o) { pixel = value + (b == nullptr ? T(0) : b[o]); });
  }
}

/// The gradient of the padded image; `padded` is overwritten.
template <class T>
void backward_input(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> dy, const T* w, View<T> padded) {
  const Tiling tiling{dy.height, dy.width};
  const Index total = tiling.count(dy.batch);
  const Index stretch = whole_packets<T>(std::min(total, Tiling::stretch));
  const Index in = whole_packets<T>(g.in_channels);
  const Buffer<Cpu<T>> u(dev.arena(), points * apart<T>(g.out_channels * in));
  const Buffer<Cpu<T>> m(dev.arena(), points * apart<T>(g.out_channels * stretch));
  const Buffer<Cpu<T>> v(dev.arena(), points * apart<T>(g.in_channels * stretch));
  weights_to_points(dev, g, w, false, u.data());
  fill(dev, padded.size(), T(0), padded.data);
  for (Index first = 0; first < total; first += stretch) {
    const Index count = std::min(stretch, total - first);
    const Index wide = whole_packets<T>(count);
    tiles_to_points<results_back, T, tile>(dev, tiling, dy, first, count, m.data());
    multiply_points<T>(dev, g.in_channels, wide, g.out_channels, u.data(), in, m.data(), wide, v.data(), wide, false);
    // Tiles overlap.
    points_to_tiles<pixels_back>(dev, tiling, padded, first, count, v.data(),
                                 [](T& pixel, T value, Index) { pixel += value; });
  }
}

/// dw += the gradient of the weights.
template <class T>
void backward_weight(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> padded, View<const T> dy, T* dw) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  const Tiling tiling{dy.height, dy.width};
  const Index total = tiling.count(dy.batch);
  const Index stretch = std::min(total, Tiling::stretch);
  const Index in = whole_packets<T>(g.in_channels);
  const Index out = whole_packets<T>(g.out_channels);
  const Buffer<Cpu<T>> m(dev.arena(), points * apart<T>(stretch * out));
  const Buffer<Cpu<T>> v(dev.arena(), points * apart<T>(stretch * in));
  const Buffer<Cpu<T>> u(dev.arena(), points * apart<T>(g.out_channels * in));
  for (Index first = 0; first < total; first += stretch) {
    const Index count = std::min(stretch, total - first);
    tiles_to_points_by_channel<pixels, T, field>(dev, tiling, padded, first, count, v.data());
    tiles_to_points_by_channel<results_back, T, tile>(dev, tiling, dy, first, count, m.data());
    multiply_points<T>(dev, g.out_channels, in, count, m.data(), out, v.data(), in, u.data(), in, first > 0);
  }
  dev.pool().run(g.out_channels, [&](Index o, int) {
    Square<T, 3> result;
    for (Index c = 0; c < in; c += lanes) {
      transform<weights_back>(u.data() + o * in + c, apart<T>(g.out_channels * in), result.data, lanes);
      for (Index l = 0; l < std::min(lanes, g.in_channels - c); ++l) {
        T* const to = dw + (o * g.in_channels + c + l) * 9;
        for (Index t = 0; t < 9; ++t) to[t] += result.data[t * lanes + l];
      }
    }
  });
}

}  // namespace ugatit::winograd
