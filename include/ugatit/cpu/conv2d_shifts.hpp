// Convolutions of stride 1 to a handful of channels, as the last layers are: every tap's product with the image as it
// is, added where the tap points. Packing windows would cost more than multiplying them, for so few rows.
#pragma once

#include <ugatit/cpu/conv2d_products.hpp>

#include <algorithm>

namespace ugatit::conv {

/// y[o, i, j] = b[o] + Σ_{k,l} (Σ_c w[o,c,k,l] padded[c])[i + k, j + l]
template <class T>
void forward_by_shifts(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> padded, const T* w, const T* b, View<T> y) {
  const Index square = g.kernel * g.kernel;
  const Index rows = g.out_channels * square;
  const Buffer<Cpu<T>> by_channel(dev.arena(), g.in_channels * rows);  // [c][o, k, l]
  for (Index o = 0; o < g.out_channels; ++o) {
    for (Index c = 0; c < g.in_channels; ++c) {
      std::copy_n(w + (o * g.in_channels + c) * square, square, by_channel.data() + c * rows + o * square);
    }
  }
  constexpr Index strip = 32;  // rows of the result that a task adds up
  const Index strips = (y.height + strip - 1) / strip;
  dev.reserve_scratch(gemm::scratch_size<T>(padded.width) + rows * padded.width);
  dev.pool().run(y.batch * strips, [&](Index task, int thread) {
    const Index n = task / strips;
    const Index begin = task % strips * strip;
    const Index end = std::min(begin + strip, y.height);
    T* const result = y.data + n * y.image();
    for (Index o = 0; o < g.out_channels; ++o) {
      std::fill(result + o * y.area() + begin * y.width, result + o * y.area() + end * y.width,
                b == nullptr ? T(0) : b[o]);
    }
    T* const scratch = dev.scratch(thread);
    T* const products = scratch + gemm::scratch_size<T>(padded.width);
    const gemm::ColumnsOfA<T> weights{by_channel.data(), rows};
    for (Index in_row = begin; in_row < end + g.kernel - 1; ++in_row) {
      const T* const from = padded.data + n * padded.image() + in_row * padded.width;
      std::fill_n(products, rows * padded.width, T(0));
      gemm::block<T>(rows, padded.width, g.in_channels, weights, gemm::RowsOfB<T>{from, padded.area()}, products,
                     padded.width, scratch);
      for (Index t = 0; t < rows; ++t) {
        const Index row = in_row - t % square / g.kernel;
        if (row < begin || row >= end) continue;
        T* const to = result + t / square * y.area() + row * y.width;
        const T* const shifted = products + t * padded.width + t % g.kernel;
        for (Index j = 0; j < y.width; ++j) to[j] += shifted[j];
      }
    }
  });
}

/// The gradient of the padded image is itself a convolution, of dy with a border of zeros and the kernel turned round.
template <class T>
void input_by_shifts(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> dy, const T* w, View<T> dx) {
  const Index square = g.kernel * g.kernel;
  const Buffer<Cpu<T>> turned(dev.arena(), g.in_channels * g.out_channels * square);
  parallel_pieces(dev, g.in_channels, 16, [&](Index begin, Index end) {
    for (Index c = begin; c < end; ++c) {
      for (Index o = 0; o < g.out_channels; ++o) {
        const T* from = w + (o * g.in_channels + c) * square;
        std::reverse_copy(from, from + square, turned.data() + (c * g.out_channels + o) * square);
      }
    }
  });
  const Conv2dGeometry back{g.out_channels, g.in_channels, g.kernel, 1, {g.kernel - 1, Border::zero}};
  forward_by_products(dev, back, dy, turned.data(), static_cast<const T*>(nullptr), dx);
}

/// dw += the gradient of the weights: the two images change roles, and the few channels are the ones that are packed.
template <class T>
void weight_by_shifts(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> padded, View<const T> dy, T* dw) {
  const Index square = g.kernel * g.kernel;
  const Buffer<Cpu<T>> turned(dev.arena(), g.in_channels * g.out_channels * square);
  std::fill_n(turned.data(), turned.size(), T(0));
  const Conv2dGeometry back{g.out_channels, g.in_channels, g.kernel, 1, {g.kernel - 1, Border::zero}};
  weight_by_products<T>(dev, back, dy, padded, turned.data());
  for (Index o = 0; o < g.out_channels; ++o) {
    for (Index c = 0; c < g.in_channels; ++c) {
      const T* const from = turned.data() + (c * g.out_channels + o) * square;
      T* const to = dw + (o * g.in_channels + c) * square;
      for (Index t = 0; t < square; ++t) to[t] += from[square - 1 - t];
    }
  }
}

}  // namespace ugatit::conv
