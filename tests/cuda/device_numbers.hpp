// Numbers on the host and in double precision, from and to a device's memory.
#pragma once

#include <ugatit/ugatit.hpp>

#include <algorithm>
#include <concepts>
#include <limits>
#include <vector>

namespace ugatit::testing {

/// Numbers of a device, on the host and in double precision.
template <class D>
std::vector<double> read(D& dev, const typename D::Scalar* data, Index size) {
  std::vector<typename D::Scalar> host(static_cast<std::size_t>(size));
  copy_to_host(dev, size, data, host.data());
  return {host.begin(), host.end()};
}

template <class D>
void write(D& dev, const std::vector<double>& numbers, typename D::Scalar* data) {
  std::vector<typename D::Scalar> host(numbers.size());
  std::transform(numbers.begin(), numbers.end(), host.begin(),
                 [](double x) { return static_cast<typename D::Scalar>(x); });
  copy_from_host(dev, static_cast<Index>(host.size()), host.data(), data);
}

/// Numbers in the order [N, C, H, W], whatever the device keeps them in.
template <class D, class E>
std::vector<double> read(D& dev, View<E> from) {
  if constexpr (std::same_as<E, typename D::Scalar>) {
    return read(dev, from.data, from.size());
  } else {
    const Buffer<D> memory(dev.arena(), from.size());
    convert(dev, View<const E>(from),
            View<typename D::Scalar>{memory.data(), from.batch, from.channels, from.height, from.width});
    return read(dev, memory.data(), memory.size());
  }
}

template <class D, class E>
void write(D& dev, const std::vector<double>& numbers, View<E> to) {
  if constexpr (std::same_as<E, typename D::Scalar>) {
    write(dev, numbers, to.data);
  } else {
    const Buffer<D> memory(dev.arena(), to.size());
    write(dev, numbers, memory.data());
    convert(dev, View<const typename D::Scalar>{memory.data(), to.batch, to.channels, to.height, to.width}, to);
  }
}

template <class Shape, class D>
std::vector<double> read(D& dev, const Tensor<Shape, D>& x) {
  return read(dev, x.view());
}

template <class Shape, class D>
void write(D& dev, const std::vector<double>& numbers, const Tensor<Shape, D>& x) {
  write(dev, numbers, x.view());
}

/// NaN in all memory that the arena will hand out next, up to that many numbers at once.
template <class D>
void poison(D& dev, Index size) {
  const Buffer<D> memory(dev.arena(), size);
  fill(dev, size, std::numeric_limits<typename D::Scalar>::quiet_NaN(), memory.data());
}

}  // namespace ugatit::testing
