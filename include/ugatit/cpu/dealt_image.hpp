// An image with its border laid on, dealt out by stride: part (a, b) of a channel has the pixels that tap (a, b) of a
// kernel meets, and so does tap (a + stride, b), one row further on. What a tap meets in a row of pixels of the result
// is then a run of neighbours, whatever the stride.
#pragma once

#include <ugatit/cpu/pad.hpp>

#include <algorithm>
#include <type_traits>

namespace ugatit::conv {

/// How an image lies when it is dealt: each channel in stride² parts.
struct Dealt {
  PadGeometry pad;
  Index stride;
  Index height, width;  ///< of the image with its border
  Index part_height = (height + stride - 1) / stride;
  Index part_width = (width + stride - 1) / stride;

  Dealt(const PadGeometry& border, Index by, Index image_height, Index image_width)
      : pad(border), stride(by), height(image_height + border.both()), width(image_width + border.both()) {}

  Index line() const { return stride * part_width; }  ///< numbers that a row is dealt out to
  Index parts() const { return stride * stride; }
  Index part() const { return part_height * part_width; }  ///< numbers of one
  Index plane() const { return parts() * part(); }         ///< numbers of a channel
  bool is_as_given() const { return stride == 1 && pad.both() == 0; }
  /// Memory for an image like x, or for its gradient; none where it is as given.
  template <class T>
  Buffer<Cpu<T>> memory(Cpu<T>& dev, std::type_identity_t<View<const T>> x) const {
    if (is_as_given()) return {};
    return {dev.arena(), x.batch * x.channels * plane()};
  }
  /// Each part of x in that memory as a channel; x itself where it is as given.
  template <class T>
  View<T> parts_in(T* memory, const View<T>& x) const {
    if (is_as_given()) return x;
    return {memory, x.batch, x.channels * parts(), part_height, part_width};
  }
  /// Where pixel (i, j) of the image with its border lies in its channel.
  Index place(Index i, Index j) const {
    return (i % stride * stride + j % stride) * part() + i / stride * part_width + j / stride;
  }
};

/// Calls f(number, column) for each number that a row of the image with its border lies in, from `row` on; column is
/// where it stands there. Two parts are gone through side by side, which compilers turn into shuffles.
template <class T, class F>
void for_each_column(const Dealt& dealt, T* row, const F& f) {
  if (dealt.stride == 2) {
    T* const odd = row + dealt.part();
    for (Index j = 0; j < dealt.part_width; ++j) {
      f(row[j], 2 * j);
      f(odd[j], 2 * j + 1);
    }
    return;
  }
  for (Index a = 0; a < dealt.stride; ++a) {
    for (Index j = 0; j < dealt.part_width; ++j) f(row[a * dealt.part() + j], j * dealt.stride + a);
  }
}

/// A dealt image, in memory of the arena unless it lies as it was given. What only fills the last parts is zero.
template <class T>
class DealtImage {
 public:
  DealtImage(Cpu<T>& dev, const PadGeometry& border, Index stride, View<const T> x)
      : dealt_(border, stride, x.height, x.width),
        memory_(dealt_.memory(dev, x)),
        view_(dealt_.parts_in<const T>(memory_.data(), x)) {
    if (dealt_.is_as_given()) return;
    dev.reserve_scratch(dealt_.line());
    dev.pool().run(x.batch * x.channels, [&](Index plane, int thread) {
      const T* const from = x.data + plane * x.area();
      T* const line = dev.scratch(thread);
      for (Index i = 0; i < stride * dealt_.part_height; ++i) {
        T* const to = memory_.data() + plane * dealt_.plane() + dealt_.place(i, 0);
        const Index source = i < dealt_.height ? border_source(border.border, i - border.before(), x.height) : -1;
        if (source < 0) {
          for_each_column(dealt_, to, [](T& number, Index) { number = T(0); });
          continue;
        }
        T* const row = stride == 1 ? to : line;
        pad::lay_out_row(dealt_.pad, from + source * x.width, x.width, row);
        std::fill(row + dealt_.width, row + dealt_.line(), T(0));
        if (stride > 1) for_each_column(dealt_, to, [&](T& number, Index column) { number = line[column]; });
      }
    });
  }

  const Dealt& dealt() const { return dealt_; }
  const View<const T>& view() const { return view_; }  ///< each part as a channel

 private:
  Dealt dealt_;
  Buffer<Cpu<T>> memory_;
  View<const T> view_;
};

/// The adjoint: the gradient of a dealt image, for who computes it, in memory of the arena unless it is the image's
/// own; then that of the image, what lies in the border with its source.
template <class T>
class DealtGradient {
 public:
  DealtGradient(Cpu<T>& dev, const PadGeometry& border, Index stride, View<T> dx)
      : dealt_(border, stride, dx.height, dx.width),
        dx_(dx),
        memory_(dealt_.memory(dev, dx)),
        view_(dealt_.parts_in(memory_.data(), dx)) {}

  const Dealt& dealt() const { return dealt_; }
  const View<T>& view() const { return view_; }  ///< each part as a channel

  /// Gives it to the image, whose gradient is overwritten.
  void take_back(Cpu<T>& dev) const {
    if (dealt_.is_as_given()) return;
    const PadGeometry& border = dealt_.pad;
    dev.reserve_scratch(dealt_.line());
    dev.pool().run(dx_.batch * dx_.channels, [&](Index plane, int thread) {
      T* const to = dx_.data + plane * dx_.area();
      T* const line = dev.scratch(thread);
      std::fill_n(to, dx_.area(), T(0));
      for (Index i = 0; i < dealt_.height; ++i) {
        const Index source = border_source(border.border, i - border.before(), dx_.height);
        if (source < 0) continue;
        const T* row = view_.data + plane * dealt_.plane() + dealt_.place(i, 0);
        if (dealt_.stride > 1) {
          for_each_column(dealt_, row, [&](const T& number, Index column) { line[column] = number; });
          row = line;
        }
        T* const target = to + source * dx_.width;
        for (Index j = 0; j < dx_.width; ++j) target[j] += row[border.before() + j];
        pad::fold_row_ends(border, row, dx_.width, target);
      }
    });
  }

 private:
  Dealt dealt_;
  View<T> dx_;
  Buffer<Cpu<T>> memory_;
  View<T> view_;
};

}  // namespace ugatit::conv
