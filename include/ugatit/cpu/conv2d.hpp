// ops/conv2d.hpp on the CPU: each convolution goes the way that suits its geometry (conv2d_choice.hpp).
#pragma once

#include <ugatit/cpu/conv2d_choice.hpp>
#include <ugatit/cpu/conv2d_products.hpp>
#include <ugatit/cpu/conv2d_shifts.hpp>
#include <ugatit/cpu/conv2d_tiles.hpp>
#include <ugatit/cpu/conv2d_winograd.hpp>
#include <ugatit/cpu/pad.hpp>

namespace ugatit {

namespace conv {

// Which ways care for the border themselves: lay it on while they pack or read, and fold it back while they add.
inline bool lays_border_on(Way way) {
  return way != Way::shifts;
}
inline bool folds_border_back(Way way) {
  return way == Way::winograd || way == Way::products;
}

// An image as its way reads it.
template <class T>
Padded<T> padded_for(Cpu<T>& dev, Way way, const Conv2dGeometry& g, View<const T> x) {
  return {dev, lays_border_on(way) ? tiles::no_border : g.pad, x};
}

// The three passes for an image that is padded as far as its way wants, in a given way.

template <class T>
void forward_padded(Cpu<T>& dev, Way way, const Conv2dGeometry& g, View<const T> padded, const T* w, const T* b,
                    View<T> y) {
  switch (way) {
    case Way::winograd:
      return forward_by_winograd(dev, g, padded, w, b, y);
    case Way::shifts:
      return forward_by_shifts(dev, g, padded, w, b, y);
    case Way::products:
      return forward_by_products(dev, g, padded, w, b, y);
    case Way::tiles:
      if constexpr (std::is_same_v<T, float>) tiles::forward(dev, tiles::best_unit(), g, padded, w, b, y);
      return;
  }
}

template <class T>
void backward_padded(Cpu<T>& dev, Way way, const Conv2dGeometry& g, View<const T> dy, const T* w, View<T> padded) {
  switch (way) {
    case Way::winograd:
      return backward_by_winograd<T>(dev, g, {}, dy, w, nullptr, padded);
    case Way::shifts:
      return input_by_shifts(dev, g, dy, w, padded);
    case Way::products:
      return input_by_products(dev, g, dy, w, padded);
    case Way::tiles:
      if constexpr (std::is_same_v<T, float>) tiles::backward_input(dev, tiles::best_unit(), g, dy, w, padded);
      return;
  }
}

template <class T>
void backward_weight(Cpu<T>& dev, Way way, const Conv2dGeometry& g, View<const T> padded, View<const T> dy, T* dw) {
  switch (way) {
    case Way::winograd:
      return backward_by_winograd<T>(dev, g, padded, dy, nullptr, dw, {});
    case Way::shifts:
      return weight_by_shifts(dev, g, padded, dy, dw);
    case Way::products:
      return weight_by_products(dev, g, padded, dy, dw);
    case Way::tiles:
      if constexpr (std::is_same_v<T, float>) tiles::backward_weight(dev, tiles::best_unit(), g, padded, dy, dw);
      return;
  }
}

}  // namespace conv

template <class T>
void conv2d_forward(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> x, const T* w, const T* b, View<T> y) {
  const conv::Way way = conv::choose<T>(dev.products, g, y.extent());
  const Padded<T> padded = conv::padded_for(dev, way, g, x);
  conv::forward_padded(dev, way, g, padded.view(), w, b, y);
}

template <class T>
void conv2d_backward_input(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> dy, const T* w, View<T> dx) {
  const conv::Way way = conv::choose<T>(dev.products, g, dy.extent());
  if (g.pad.both() == 0 || conv::folds_border_back(way)) return conv::backward_padded(dev, way, g, dy, w, dx);
  View<T> padded{nullptr, dx.batch, dx.channels, dx.height + g.pad.both(), dx.width + g.pad.both()};
  const Buffer<Cpu<T>> memory(dev.arena(), padded.size());
  padded.data = memory.data();
  conv::backward_padded(dev, way, g, dy, w, padded);
  pad_backward(dev, g.pad, View<const T>(padded), dx);
}

template <class T>
void conv2d_backward_weight(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> x, View<const T> dy, T* dw) {
  const conv::Way way = conv::choose<T>(dev.products, g, dy.extent());
  const Padded<T> padded = conv::padded_for(dev, way, g, x);
  conv::backward_weight(dev, way, g, padded.view(), dy, dw);
}

/// Minimal filtering shares what it makes of dy.
template <class T>
void conv2d_backward(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> x, View<const T> dy, const T* w, T* dw,
                     View<T> dx) {
  if (conv::choose<T>(dev.products, g, dy.extent()) == conv::Way::winograd) {
    return conv::backward_by_winograd(dev, g, x, dy, w, dw, dx);
  }
  conv2d_backward_in_turn(dev, g, x, dy, w, dw, dx);
}

template <class T>
void bias_backward(Cpu<T>& dev, View<const T> dy, T* db) {
  dev.pool().run(dy.channels, [&](Index c, int) {
    double sum = 0;
    for (Index n = 0; n < dy.batch; ++n) {
      const T* plane = dy.data + n * dy.image() + c * dy.area();
      sum += static_cast<double>(Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>>(plane, dy.area()).sum());
    }
    db[c] += static_cast<T>(sum);
  });
}

}  // namespace ugatit
