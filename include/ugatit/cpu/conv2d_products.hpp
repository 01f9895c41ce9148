// Convolution as products of matrices whose second factor, the columns of im2col, is packed from the image panel by
// panel and never stored. Takes every geometry.
#pragma once

#include <ugatit/cpu/gemm.hpp>
#include <ugatit/cpu/windows.hpp>
#include <ugatit/ops/conv2d.hpp>

#include <algorithm>

namespace ugatit::conv {

template <class T>
Windows<T> windows_of(const DealtImage<T>& image, Taps<T>& tap, Index sample, Index out_width) {
  const View<const T>& parts = image.view();
  return {parts.data + sample * parts.image(), tap.data(), parts.width, out_width};
}

// y[o, p] = b[o] + Σ_t w[o, t] · window(t, p)
template <class T>
void forward_by_products(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> x, const T* w, const T* b, View<T> y) {
  const DealtImage<T> image(dev, g.pad, g.stride, x);
  const Index taps = g.taps();
  Taps<T> tap(dev, g.in_channels, g.kernel, image.dealt());
  // Few pixels: cut the channels too, once for each thread, as each piece packs the pixels anew. The sums stay the
  // same.
  const Index columns = gemm::piece_size(y.area(), 1024, gemm::Tile<T>::columns);
  const Index column_pieces = (y.area() + columns - 1) / columns;
  const Index threads = dev.pool().size();
  const Index rows = y.batch * column_pieces < threads
                         ? gemm::piece_size(y.channels, y.channels / threads + 1, gemm::Tile<T>::rows)
                         : y.channels;
  const Index row_pieces = (y.channels + rows - 1) / rows;
  dev.reserve_scratch(gemm::scratch_size<T>(columns));
  dev.pool().run(y.batch * column_pieces * row_pieces, [&](Index task, int thread) {
    const Index n = task / (column_pieces * row_pieces);
    const Index p = task / row_pieces % column_pieces * columns;
    const Index o = task % row_pieces * rows;
    const Index some_columns = std::min(columns, y.area() - p);
    const Index some_rows = std::min(rows, y.channels - o);
    const Windows<T> windows = windows_of(image, tap, n, y.width);
    const gemm::RowsOf<T> weights{w + o * taps, taps};
    T* c = y.data + n * y.image() + o * y.area() + p;
    for (Index i = 0; i < some_rows; ++i) std::fill_n(c + i * y.area(), some_columns, b == nullptr ? T(0) : b[o + i]);
    gemm::block<T>(
        some_rows, some_columns, taps, weights,
        [&](Index column, Index count, Index k, Index depth, T* out) {
          pack_pixels(windows, p + column, count, k, depth, out);
        },
        c, y.area(), dev.scratch(thread));
  });
}

// columns = Wᵀ dy for some channels and pixels at a time, each added where its tap came from.
template <class T>
void input_by_products(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> dy, const T* w, View<T> dx) {
  const DealtGradient<T> gradient_of_image(dev, g.pad, g.stride, dx);
  const Dealt& dealt = gradient_of_image.dealt();
  const Index square = g.kernel * g.kernel;
  const Index channels = std::clamp<Index>(g.in_channels / dev.pool().size(), 1, 16);
  const Index pieces = (g.in_channels + channels - 1) / channels;
  const Index pixels = std::min<Index>(512, dy.area());
  Taps<T> tap(dev, channels, g.kernel, dealt);
  dev.reserve_scratch(gemm::scratch_size<T>(pixels) + channels * square * pixels);
  dev.pool().run(dy.batch * pieces, [&](Index task, int thread) {
    const Index n = task / pieces;
    const Index c = task % pieces * channels;
    const Index some = std::min(channels, g.in_channels - c);
    T* const planes = gradient_of_image.view().data + (n * g.in_channels + c) * dealt.plane();
    std::fill_n(planes, some * dealt.plane(), T(0));
    T* const scratch = dev.scratch(thread);
    T* const columns = scratch + gemm::scratch_size<T>(pixels);
    const gemm::ColumnsOfA<T> weights{w + c * square, g.taps()};
    const T* const gradient = dy.data + n * dy.image();
    const Windows<T> windows{nullptr, tap.data(), dealt.part_width, dy.width};
    for (Index p = 0; p < dy.area(); p += pixels) {
      const Index count = std::min(pixels, dy.area() - p);
      std::fill_n(columns, some * square * pixels, T(0));
      gemm::block<T>(some * square, count, g.out_channels, weights, gemm::RowsOfB<T>{gradient + p, dy.area()}, columns,
                     pixels, scratch);
      for (Index t = 0; t < some * square; ++t) {
        T* const to = planes + windows.tap[t];
        const T* from = columns + t * pixels;
        for (Index q = 0; q < count;) {  // row by row of the result
          const Index in_row = std::min(count - q, dy.width - (p + q) % dy.width);
          T* const row = to + windows.pixel(p + q);
          for (Index j = 0; j < in_row; ++j) row[j] += from[q + j];
          q += in_row;
        }
      }
    }
  });
  gradient_of_image.take_back(dev);
}

// dw[o, t] += Σ_p dy[o, p] · window(t, p)
template <class T>
void weight_by_products(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> x, View<const T> dy, T* dw) {
  const DealtImage<T> image(dev, g.pad, g.stride, x);
  const Index taps = g.taps();
  Taps<T> tap(dev, g.in_channels, g.kernel, image.dealt());
  const Index columns = gemm::piece_size(taps, 512, gemm::Tile<T>::columns);
  const Index column_pieces = (taps + columns - 1) / columns;
  const Index rows = column_pieces < dev.pool().size()
                         ? gemm::piece_size(g.out_channels, g.out_channels / dev.pool().size() + 1, gemm::Tile<T>::rows)
                         : g.out_channels;
  const Index row_pieces = (g.out_channels + rows - 1) / rows;
  dev.reserve_scratch(gemm::scratch_size<T>(columns));
  dev.pool().run(column_pieces * row_pieces, [&](Index task, int thread) {
    const Index first = task / row_pieces * columns;
    const Index o = task % row_pieces * rows;
    for (Index n = 0; n < x.batch; ++n) {
      const Windows<T> windows = windows_of(image, tap, n, dy.width);
      const gemm::RowsOf<T> gradient{dy.data + n * dy.image() + o * dy.area(), dy.area()};
      gemm::block<T>(
          std::min(rows, g.out_channels - o), std::min(columns, taps - first), dy.area(), gradient,
          [&](Index column, Index count, Index k, Index depth, T* out) {
            pack_taps(windows, first + column, count, k, depth, out);
          },
          dw + o * taps + first, taps, dev.scratch(thread));
    }
  });
}

}  // namespace ugatit::conv
