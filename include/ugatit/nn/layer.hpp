// The contract of layers, and what every layer's parameters can do.
//
// A layer is a type, never an object. `L::On<In, D>` is that layer for an input shape and a device, a *node*:
//
//   Out            the shape that comes out
//   Params         what is learned (and state), a plain struct with one visitor, each(f, params...)
//   Tape           what backward needs of its forward pass, a plain struct
//   out(extent)    the extent that comes out; throws `Error` where the layer cannot work on this one
//   parameters(extent)  the fields, described but without memory, as they must be for this input extent
//   forward(dev, w, x, tape)       -> y
//   backward(dev, w, tape, dy, dw) -> dx     activations are overwritten, parameters are added to; the tape is consumed
//
// In the mode `tangent` the same two functions compute with derivatives: forward takes the tape of a pass on x and a
// direction v in place of x, gives the derivative of y along v, and leaves on the tape what backward then needs to give
// the derivative of dw along v, for a dy that stays as it is. Layers that are linear, or linear piece by piece, do that
// by leaving out what is constant and by keeping to the pieces of x; others refuse. That is all that a gradient of a
// gradient takes (train/penalty.hpp).
//
// Values are handles (core/tensor.hpp) passed by value: who passes one on with std::move lets go of its memory early.
// Empty stands for nothing at all: an empty dy is a zero gradient, an empty dx was not wanted (or is zero), a field
// without memory in dw is not wanted (a frozen layer), unless it is kept in parts (core/field.hpp).
#pragma once

#include <ugatit/core/device.hpp>
#include <ugatit/core/error.hpp>
#include <ugatit/core/field.hpp>
#include <ugatit/ops/elementwise.hpp>

#include <algorithm>
#include <concepts>
#include <string>
#include <utility>
#include <vector>

namespace ugatit {

/// What every node has; the file says what each part is.
template <class N, class In, class D>
concept Node = requires(D& dev, const typename N::Params& w, typename N::Params& dw, typename N::Tape& tape,
                        const Value<In, D>& x, const Value<typename N::Out, D>& dy, const ExtentOf<In>& extent) {
  { N::out(extent) } -> std::same_as<ExtentOf<typename N::Out>>;
  { N::parameters(extent) } -> std::same_as<typename N::Params>;
  { N::forward(dev, w, x, tape) } -> std::same_as<Value<typename N::Out, D>>;
  { N::backward(dev, w, tape, dy, dw) } -> std::same_as<Value<In, D>>;
};

/// The node of a layer for an input shape and a device.
template <class L, class In, class D>
using On = typename L::template On<In, D>;

/// Params of layers that learn nothing.
struct NoParams {
  template <class F, class... P>
  static void each(const F&, P&...) {}  ///< visits nothing
};

/// Tape of layers whose backward pass needs nothing.
struct NoTape {};

/// A bias where a pass is of values; nothing where it is of derivatives, in which constants have no part.
template <class D>
Field<D> bias_of_pass(const D& dev, const Field<D>& bias) {
  return dev.mode.tangent ? Field<D>{} : bias;
}

/// Throws `Error` in the mode `tangent`: for layers that are not linear piece by piece.
template <class D>
void require_values(const D& dev, const char* layer) {
  if (!dev.mode.tangent) return;
  throw Error(std::string("a gradient penalty cannot go through ") + layer +
              ", which is not linear piece by piece; use a discriminator without it, or another --gan_type");
}

/// Gives every field memory.
template <class D, class Params>
void allocate(D& dev, Params& params) {
  Params::each([&](const char*, auto& field) { field.allocate(dev); }, params);
}

/// Fields like those of `params`, allocated and zero: gradients, or moments of Adam.
template <class D, class Params>
Params zeros_like(D& dev, const Params& params) {
  Params zeros = params;
  Params::each(
      [&](const char*, auto& field) {
        field.allocate(dev);
        fill(dev, field.size(), typename D::Scalar{}, field.data());
      },
      zeros);
  return zeros;
}

/// Draws the starting values that a field asks for, and puts them on the device.
template <class D>
void initialise_field(D& dev, const Field<D>& field, Random& random) {
  // Drawn in pieces, beside the device's memory. A vector of length 1 is drawn as a whole; those are short.
  constexpr Index piece = Index{1} << 20U;
  const bool whole = field.start.kind == Start::Kind::unit_normal;
  std::vector<typename D::Scalar> host(static_cast<std::size_t>(whole ? field.size() : std::min(piece, field.size())));
  for (Index at = 0; at < field.size(); at += static_cast<Index>(host.size())) {
    const Index size = std::min(static_cast<Index>(host.size()), field.size() - at);
    fill_start(field.start, host.data(), size, random);
    copy_from_host(dev, size, static_cast<const typename D::Scalar*>(host.data()), field.data() + at);
  }
}

/// The starting values that the layers ask for, drawn in the order of `each`.
template <class D, class Params>
void initialise(D& dev, Params& params, Random& random) {
  Params::each([&](const char*, auto& field) { initialise_field(dev, field, random); }, params);
}

/// Number of learned values.
template <class Params>
Index count_parameters(const Params& params) {
  Index count = 0;
  Params::each([&](const char*, auto& field) { count += field.role == Role::state ? 0 : field.size(); }, params);
  return count;
}

/// What an operation reads: the memory of a tensor, field or buffer, not to be written.
template <class Shape, class D>
View<const Element<Shape, D>> as_input(const Tensor<Shape, D>& x) {
  return x.view();
}

/// The memory of a field, not to be written.
template <class D>
const typename D::Scalar* as_input(const Field<D>& field) {
  return field.data();
}

/// The memory of a buffer, not to be written.
template <class D>
const typename D::Scalar* as_input(const Buffer<D>& buffer) {
  return buffer.data();
}

/// a + b where either may be empty; reuses memory that nobody else holds.
template <class Shape, class D>
Tensor<Shape, D> sum(D& dev, Tensor<Shape, D> a, Tensor<Shape, D> b) {
  if (!a) return b;
  if (!b) return a;
  Tensor<Shape, D> y = a.unique() ? a : (b.unique() ? b : Tensor<Shape, D>(dev, a.extent()));
  add(dev, a.size(), a.data(), b.data(), y.data());
  return y;
}

/// The same for pairs.
template <class A, class B, class D>
Pair<A, B> sum(D& dev, Pair<A, B> a, Pair<A, B> b) {
  return {sum(dev, std::move(a.first), std::move(b.first)), sum(dev, std::move(a.second), std::move(b.second))};
}

}  // namespace ugatit
