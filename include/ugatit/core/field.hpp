// One parameter of a layer: its dimensions, its role, how it starts, and, once allocated, its memory.
//
// Layers hold their fields in a plain `Params` struct with one visitor, `each(f, params...)`, which zips any number of
// structs of the same type: f("weight", w.weight, dw.weight, ...). Initialisation, Adam, checkpoints, gradient checks
// and printing all go through it.
#pragma once

#include <ugatit/core/random.hpp>
#include <ugatit/core/tensor.hpp>

#include <array>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ugatit {

/// What becomes of a field in training.
enum class Role {
  learned,  ///< follows its gradient
  clamped,  ///< learned, and kept inside [0, 1] after each optimizer step (ρ of AdaLIN and ILN)
  state     ///< not learned: u and v of spectral normalisation, running statistics
};

/// What a field is to its layer: where codes differ in what starts how and what decays, they differ by this.
enum class Part {
  other,
  kernel,  ///< the weight of a convolution or linear layer, [outputs, …]
  bias     ///< what such a layer adds, [outputs]
};

/// How a field starts.
struct Start {
  /// The ways to start.
  enum class Kind { constant, uniform, normal, unit_normal };

  Kind kind = Kind::constant;  ///< the way
  double value = 0;            ///< the constant, the bound of the uniform distribution, or the normal one's deviation

  static Start constant(double value) { return {Kind::constant, value}; }  ///< all numbers `value`
  /// Uniform in ±1/√fan_in, PyTorch's default for convolutions and linear layers.
  static Start fan_in(Index fan_in) { return {Kind::uniform, 1 / std::sqrt(static_cast<double>(fan_in))}; }
  static Start uniform(double bound) { return {Kind::uniform, bound}; }        ///< in ±`bound`
  static Start normal(double deviation) { return {Kind::normal, deviation}; }  ///< around 0
  /// Normal numbers scaled to length 1, as spectral normalisation's u and v start.
  static Start unit_normal() { return {Kind::unit_normal, 0}; }
};

/// In which parts the gradient of a field may be kept, where they are less to read and write than their sum.
enum class GradientIn {
  one,       ///< none: it is numbers like the field's
  products,  ///< outer products: of a large matrix that few vectors pass
  convolved  ///< what a convolution makes of one pass, as the device packs weights, and outer products
};

/// The gradient of a matrix [rows, columns] as what it is the sum of, over the iteration so far.
template <class D>
struct GradientParts {
  /// Outer products dy xᵀ.
  struct Products {
    Index batch;   ///< vectors
    Buffer<D> dy;  ///< [batch, rows]
    Buffer<D> x;   ///< [batch, columns]
  };
  std::vector<Products> products;             ///< of each pass
  BufferOf<Element<Map<8>, D>, D> convolved;  ///< what a convolution makes of its one pass, [rows, window, inputs]

  /// How many products there are.
  Index count() const {
    Index all = 0;
    for (const Products& pass : products) all += pass.batch;
    return all;
  }
};

/// A parameter of a layer, or its gradient, or one of Adam's moments: `dims` numbers on a device.
template <class D>
struct Field {
  using Scalar = typename D::Scalar;  ///< the device's

  std::array<Index, 4> dims{0, 1, 1, 1};    ///< trailing dimensions of 1 are padding: `rank` says how many count
  int rank = 0;                             ///< how many of `dims` count
  Role role = Role::learned;                ///< what becomes of it in training
  Part part = Part::other;                  ///< what it is to its layer
  Start start;                              ///< how it starts
  GradientIn gradient = GradientIn::one;    ///< how its gradient may be kept
  Buffer<D> buffer;                         ///< its memory, once allocated
  std::shared_ptr<GradientParts<D>> parts;  ///< of a gradient that is kept so, in place of memory

  /// Described, not yet allocated.
  static Field of(std::initializer_list<Index> dims, Start start, Role role = Role::learned) {
    Field field;
    field.rank = static_cast<int>(dims.size());
    std::size_t i = 0;
    for (const Index d : dims) field.dims[i++] = d;
    field.start = start;
    field.role = role;
    return field;
  }
  /// The same as that part of its layer.
  Field as(Part of_layer) && {
    part = of_layer;
    return std::move(*this);
  }

  Index size() const { return dims[0] * dims[1] * dims[2] * dims[3]; }  ///< how many numbers
  /// False for a field without memory.
  explicit operator bool() const { return static_cast<bool>(buffer); }
  bool is_wanted() const { return buffer || parts; }                  ///< as a gradient: it is kept in some way
  Scalar* data() const { return buffer.data(); }                      ///< null without memory
  void allocate(D& dev) { buffer = Buffer<D>(dev.arena(), size()); }  ///< gives it memory, not initialised
};

/// Writes the starting values that `field.start` asks for.
template <class Scalar>
void fill_start(const Start& start, Scalar* data, Index size, Random& random) {
  switch (start.kind) {
    case Start::Kind::constant:
      for (Index i = 0; i < size; ++i) data[i] = static_cast<Scalar>(start.value);
      return;
    case Start::Kind::uniform:
      for (Index i = 0; i < size; ++i) data[i] = static_cast<Scalar>(random.symmetric(start.value));
      return;
    case Start::Kind::normal:
      for (Index i = 0; i < size; ++i) data[i] = static_cast<Scalar>(start.value * random.normal());
      return;
    case Start::Kind::unit_normal: {
      double square = 0;
      for (Index i = 0; i < size; ++i) {
        const double x = random.normal();
        data[i] = static_cast<Scalar>(x);
        square += x * x;
      }
      const double scale = 1 / std::sqrt(square);
      for (Index i = 0; i < size; ++i) data[i] = static_cast<Scalar>(static_cast<double>(data[i]) * scale);
      return;
    }
  }
}

}  // namespace ugatit
