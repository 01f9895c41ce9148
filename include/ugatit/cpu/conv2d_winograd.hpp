// Convolution by minimal filtering: which kind of it a geometry takes, and the image as that kind reads it.
#pragma once

#include <ugatit/cpu/dealt_image.hpp>
#include <ugatit/cpu/winograd.hpp>
#include <ugatit/ops/conv2d.hpp>

#include <optional>

namespace ugatit::conv {

// Calls f with the kind for a stride of 1.
template <class F>
void with_plain_kind(const Conv2dGeometry& g, const F& f) {
  g.kernel == 3 ? f(winograd::Plain<3>{}) : f(winograd::Plain<4>{});
}

// The parts of a dealt image have no border.
inline Conv2dGeometry of_parts(Conv2dGeometry g) {
  g.pad = winograd::no_border;
  return g;
}

template <class T>
void forward_by_winograd(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> x, const T* w, const T* b, View<T> y) {
  if (g.stride == 1) {
    return with_plain_kind(g, [&]<class S>(S) { winograd::forward<S>(dev, g, x, w, b, y); });
  }
  const DealtImage<T> image(dev, g.pad, g.stride, x);
  winograd::forward<winograd::Strided>(dev, of_parts(g), image.view(), w, b, y);
}

// Both gradients, where they are wanted: dw and the data of dx may be null, and x and w are read for the other one.
template <class T>
void backward_by_winograd(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> x, View<const T> dy, const T* w, T* dw,
                          View<T> dx) {
  if (g.stride == 1) {
    return with_plain_kind(g, [&]<class S>(S) { winograd::backward<S>(dev, g, x, dy, w, dw, dx); });
  }
  std::optional<DealtImage<T>> image;
  std::optional<DealtGradient<T>> gradient;
  if (dw != nullptr) image.emplace(dev, g.pad, g.stride, x);
  if (dx.data != nullptr) gradient.emplace(dev, g.pad, g.stride, dx);
  winograd::backward<winograd::Strided>(dev, of_parts(g), image ? image->view() : View<const T>{}, dy, w, dw,
                                        gradient ? gradient->view() : View<T>{});
  if (gradient) gradient->take_back(dev);
}

}  // namespace ugatit::conv
