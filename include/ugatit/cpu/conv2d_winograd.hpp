// Convolution by minimal filtering: which kind of it a geometry takes, and the image as that kind reads it.
#pragma once

#include <ugatit/cpu/dealt_image.hpp>
#include <ugatit/cpu/winograd.hpp>
#include <ugatit/ops/conv2d.hpp>

#include <optional>

namespace ugatit::conv {

// Calls f with the kind that a geometry takes.
template <class F>
void with_kind(const Conv2dGeometry& g, const F& f) {
  if (g.stride > 1) return f(winograd::Strided{});
  g.kernel == 3 ? f(winograd::Plain<3>{}) : f(winograd::Plain<4>{});
}

// The border is laid on where an image is dealt, and else while its tiles are read.
inline PadGeometry border_of_dealt(const Conv2dGeometry& g) {
  return g.stride > 1 ? g.pad : winograd::no_border;
}
inline Conv2dGeometry of_tiles(Conv2dGeometry g) {
  if (g.stride > 1) g.pad = winograd::no_border;
  return g;
}

template <class T>
void forward_by_winograd(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> x, const T* w, const T* b, View<T> y) {
  const DealtImage<T> image(dev, border_of_dealt(g), g.stride, x);
  with_kind(g, [&]<class S>(S) { winograd::forward<S>(dev, of_tiles(g), image.view(), w, b, y); });
}

// Both gradients, where they are wanted: dw and the data of dx may be null, and x and w are read for the other one.
template <class T>
void backward_by_winograd(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> x, View<const T> dy, const T* w, T* dw,
                          View<T> dx) {
  std::optional<DealtImage<T>> image;
  std::optional<DealtGradient<T>> gradient;
  if (dw != nullptr) image.emplace(dev, border_of_dealt(g), g.stride, x);
  if (dx.data != nullptr) gradient.emplace(dev, border_of_dealt(g), g.stride, dx);
  with_kind(g, [&]<class S>(S) {
    winograd::backward<S>(dev, of_tiles(g), image ? image->view() : View<const T>{}, dy, w, dw,
                          gradient ? gradient->view() : View<T>{});
  });
  if (gradient) gradient->take_back(dev);
}

}  // namespace ugatit::conv
