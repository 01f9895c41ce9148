// Values: handles to memory of a device's arena, with their shape in the type and their extent beside it.
//
// A handle is small and cheap to copy; copies share the memory. What a layer has returned is not written again, with
// one exception that nobody can see: a layer may write into a value of which it holds the only handle.
#pragma once

#include <ugatit/core/arena.hpp>
#include <ugatit/core/bfloat16.hpp>
#include <ugatit/core/shape.hpp>
#include <ugatit/core/tf32.hpp>

#include <concepts>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace ugatit {

/// A counted handle to `size` scalars of a device's arena, or to nothing.
template <class D>
class Buffer {
 public:
  using Scalar = typename D::Scalar;        ///< the device's
  using ArenaType = typename D::ArenaType;  ///< the device's

  Buffer() = default;
  /// Memory for `size` numbers, not initialised.
  Buffer(ArenaType& arena, Index size)
      : arena_(&arena), block_(arena.take(static_cast<std::size_t>(size) * sizeof(Scalar))), size_(size) {}

  /// Shares the memory.
  Buffer(const Buffer& other) noexcept
      : arena_(other.arena_), block_(other.block_), first_(other.first_), size_(other.size_) {
    if (block_ != nullptr) arena_->share(block_);
  }
  /// Takes the handle over.
  Buffer(Buffer&& other) noexcept
      : arena_(std::exchange(other.arena_, nullptr)),
        block_(std::exchange(other.block_, nullptr)),
        first_(std::exchange(other.first_, 0)),
        size_(std::exchange(other.size_, 0)) {}
  /// Lets go of its own memory first.
  Buffer& operator=(Buffer other) noexcept {
    std::swap(arena_, other.arena_);
    std::swap(block_, other.block_);
    std::swap(first_, other.first_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Buffer() {
    if (block_ != nullptr) arena_->release(block_);
  }

  explicit operator bool() const { return block_ != nullptr; }  ///< false where it holds nothing
  /// True where no other handle shares the memory.
  bool unique() const { return block_ != nullptr && block_->users == 1; }
  Index size() const { return size_; }  ///< how many numbers
  /// Null where it holds nothing.
  Scalar* data() const { return block_ == nullptr ? nullptr : reinterpret_cast<Scalar*>(block_->begin) + first_; }
  /// A handle to `size` of them from `first` on.
  Buffer part(Index first, Index size) const {
    Buffer part = *this;
    part.first_ += first;
    part.size_ = size;
    return part;
  }

 private:
  ArenaType* arena_ = nullptr;
  Block* block_ = nullptr;
  Index first_ = 0;
  Index size_ = 0;
};

/// Stands for a device where memory of its arena holds numbers of another type.
template <class T, class D>
struct Holding {
  using Scalar = T;                         ///< the other type
  using ArenaType = typename D::ArenaType;  ///< the device's
};

/// A handle to `size` numbers of type `T` of a device's arena.
template <class T, class D>
using BufferOf = Buffer<Holding<T, D>>;

/// Whether values of these numbers are kept as tensor cores read them, [batch, height, width, channels].
template <class Scalar>
inline constexpr bool channels_last =
    std::same_as<std::remove_const_t<Scalar>, bfloat16> || std::same_as<std::remove_const_t<Scalar>, tf32>;

/// Such numbers.
template <class Scalar>
concept ChannelsLast = channels_last<Scalar> && !std::is_const_v<Scalar>;

/// What kernels see of one value: [batch, channels, height, width], contiguous in that order, but for those numbers
/// whose channels are last.
template <class Scalar>
struct View {
  Scalar* data = nullptr;  ///< the first number
  Index batch = 0;         ///< images
  Index channels = 0;      ///< of each image
  Index height = 0;        ///< pixels
  Index width = 0;         ///< pixels

  constexpr Index area() const { return height * width; }              ///< pixels of a channel
  constexpr Index image() const { return channels * height * width; }  ///< numbers of an image
  constexpr Index size() const { return batch * image(); }             ///< all numbers
  Extent extent() const { return {batch, height, width}; }             ///< what the shape's type leaves open
  /// Where the number of that sample, channel, row and column is, counted from `data`.
  constexpr Index at(Index n, Index c, Index i, Index j) const {
    if constexpr (channels_last<Scalar>) return ((n * height + i) * width + j) * channels + c;
    return ((n * channels + c) * height + i) * width + j;
  }
  /// What is written may be read.
  operator View<const Scalar>() const { return {data, batch, channels, height, width}; }  // NOLINT: as T* to const T*
};

namespace elements {

/// Of a device that says nothing of it: its scalar.
template <class Shape, class D>
struct ElementOf {
  using type = typename D::Scalar;  ///< what values of the shape consist of
};

/// Of one that does.
template <class Shape, class D>
requires requires {
  typename D::template Element<Shape>;
}
struct ElementOf<Shape, D> {
  using type = typename D::template Element<Shape>;  ///< what values of the shape consist of
};

}  // namespace elements

/// What values of a shape consist of: the device's scalar, unless the device keeps them in numbers of another type.
template <class Shape, class D>
using Element = typename elements::ElementOf<Shape, D>::type;

/// One value on device `D`. An empty tensor (no memory) stands for "no gradient": nobody asked for it, or it is zero.
template <class Shape, class D>
class Tensor {
 public:
  using Scalar = Element<Shape, D>;                   ///< what it consists of
  static constexpr Index channels = Shape::channels;  ///< of the shape
  /// A handle to the memory alone.
  using BufferType = std::conditional_t<std::same_as<Scalar, typename D::Scalar>, Buffer<D>, BufferOf<Scalar, D>>;

  Tensor() = default;
  /// Memory from the device's arena, not initialised.
  Tensor(D& dev, Extent extent) : extent_(extent), buffer_(dev.arena(), extent.batch * channels * extent.area()) {}

  explicit operator bool() const { return static_cast<bool>(buffer_); }  ///< false where it is empty
  const Extent& extent() const { return extent_; }                       ///< batch, height and width
  Index size() const { return buffer_.size(); }                          ///< how many numbers
  Scalar* data() const { return buffer_.data(); }                        ///< null where it is empty
  bool unique() const { return buffer_.unique(); }      ///< true where no other handle shares the memory
  const BufferType& buffer() const { return buffer_; }  ///< the memory alone
  /// What kernels see.
  View<Scalar> view() const { return {data(), extent_.batch, channels, extent_.height, extent_.width}; }

  /// True where nobody wants the gradient with respect to this value (an image): layers then skip that work.
  bool is_constant() const { return constant_; }
  /// Marks it so, or not; the mark is the handle's, not the memory's.
  void set_constant(bool constant) { constant_ = constant; }

  /// Samples [first, first + count), in the same memory.
  Tensor part(Index first, Index count) const {
    const Index sample = channels * extent_.area();
    Tensor part = *this;
    part.extent_.batch = count;
    part.buffer_ = buffer_.part(first * sample, count * sample);
    return part;
  }

  /// The same memory under another shape of equally many scalars.
  template <class Other>
  Tensor<Other, D> as(Extent extent) const {
    static_assert(std::same_as<Scalar, Element<Other, D>>);
    Tensor<Other, D> other;
    other.extent_ = extent;
    other.buffer_ = buffer_;
    other.constant_ = constant_;
    return other;
  }

 private:
  template <class, class>
  friend class Tensor;

  Extent extent_{0, 0, 0};
  BufferType buffer_;
  bool constant_ = false;
};

namespace shapes {

template <class Shape, class D>
struct ValueOf {
  using type = Tensor<Shape, D>;
};

template <class A, class B, class D>
struct ValueOf<Both<A, B>, D> {
  using type = Pair<typename ValueOf<A, D>::type, typename ValueOf<B, D>::type>;
};

}  // namespace shapes

/// A tensor for a simple shape, nested pairs of tensors for a `Both`.
template <class Shape, class D>
using Value = typename shapes::ValueOf<Shape, D>::type;

/// The extent of a value.
template <class Shape, class D>
Extent extent_of(const Tensor<Shape, D>& x) {
  return x.extent();
}

/// The extents of both.
template <class A, class B>
auto extent_of(const Pair<A, B>& x) {
  return Pair<decltype(extent_of(x.first)), decltype(extent_of(x.second))>{extent_of(x.first), extent_of(x.second)};
}

}  // namespace ugatit
