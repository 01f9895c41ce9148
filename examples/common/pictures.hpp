// Between pictures and what networks see, on a device.
#pragma once

#include <ugatit/io.hpp>
#include <ugatit/ugatit.hpp>

#include <span>
#include <vector>

namespace ugatit::examples {

/// A picture as a batch of one.
template <class Scalar>
std::vector<Scalar> to_numbers(const Image& image) {
  std::vector<Scalar> numbers(image.pixels.size());
  to_chw(image, std::span(numbers));
  return numbers;
}

/// The numbers of a picture on the device.
template <class D>
Images<D> to_device(D& dev, const Image& image, const std::vector<typename D::Scalar>& numbers) {
  Images<D> x(dev, {1, image.height, image.width});
  copy_from_host(dev, x.size(), numbers.data(), x.data());
  return x;
}

/// A picture as a batch of one, on the device.
template <class D>
Images<D> to_device(D& dev, const Image& image) {
  return to_device(dev, image, to_numbers<typename D::Scalar>(image));
}

template <class Shape, class D>
std::vector<typename D::Scalar> to_host(D& dev, const Tensor<Shape, D>& x) {
  std::vector<typename D::Scalar> values(static_cast<std::size_t>(x.size()));
  copy_to_host(dev, x.size(), as_input(x).data, values.data());
  return values;
}

/// A batch of one as a picture.
template <class D>
Image to_picture(D& dev, const Images<D>& x) {
  const std::vector<typename D::Scalar> values = to_host(dev, x);
  return from_chw(std::span(values), static_cast<int>(x.extent().height), static_cast<int>(x.extent().width));
}

/// A heat map as a coloured picture of that size.
template <class D>
Image to_heat_picture(D& dev, const Value<Map<1>, D>& heat, int height, int width) {
  const std::vector<typename D::Scalar> values = to_host(dev, heat);
  return heat_map(std::span(values), static_cast<int>(heat.extent().height), static_cast<int>(heat.extent().width),
                  height, width);
}

}  // namespace ugatit::examples
