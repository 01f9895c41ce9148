// An image with its border laid on and the columns of each row dealt out by stride, as products read it: first those
// that tap 0 of a kernel meets, then those of tap 1, and so on. What a tap meets in a row of pixels of the result is
// then a run of neighbours, whatever the stride.
#pragma once

#include <ugatit/cpu/pad.hpp>

#include <algorithm>

namespace ugatit::conv {

/// How an image lies when it is dealt: rows of `stride` parts, `part` columns each, of which the last may not be used.
struct Dealt {
  PadGeometry pad;
  Index stride;
  Index height, width;  ///< with the border
  Index part = (width + stride - 1) / stride;

  Dealt(const PadGeometry& border, Index by, Index image_height, Index image_width)
      : pad(border), stride(by), height(image_height + border.both()), width(image_width + border.both()) {}

  Index row() const { return stride * part; }     ///< numbers of a row
  Index plane() const { return height * row(); }  ///< numbers of a channel
  bool is_as_given() const { return stride == 1 && pad.both() == 0; }
};

/// Calls f(number, column) for each number of a row; column is where it stands in the image with its border. Two parts
/// are gone through side by side, which compilers turn into shuffles.
template <class T, class F>
void for_each_column(const Dealt& dealt, T* row, const F& f) {
  if (dealt.stride == 2) {
    T* const odd = row + dealt.part;
    for (Index j = 0; j < dealt.part; ++j) {
      f(row[j], 2 * j);
      f(odd[j], 2 * j + 1);
    }
    return;
  }
  for (Index a = 0; a < dealt.stride; ++a) {
    for (Index j = 0; j < dealt.part; ++j) f(row[a * dealt.part + j], j * dealt.stride + a);
  }
}

/// A dealt image, in memory of the arena unless it lies as it was given.
template <class T>
class DealtImage {
 public:
  DealtImage(Cpu<T>& dev, const PadGeometry& border, Index stride, View<const T> x)
      : dealt_(border, stride, x.height, x.width), data_(x.data) {
    if (dealt_.is_as_given()) return;
    memory_ = Buffer<Cpu<T>>(dev.arena(), x.batch * x.channels * dealt_.plane());
    data_ = memory_.data();
    dev.reserve_scratch(dealt_.row());
    dev.pool().run(x.batch * x.channels, [&](Index plane, int thread) {
      const T* const from = x.data + plane * x.area();
      T* const line = dev.scratch(thread);
      for (Index i = 0; i < dealt_.height; ++i) {
        T* const to = memory_.data() + plane * dealt_.plane() + i * dealt_.row();
        const Index source = border_source(border.border, i - border.before(), x.height);
        if (source < 0) {
          std::fill_n(to, dealt_.row(), T(0));
          continue;
        }
        T* const row = stride == 1 ? to : line;
        pad::lay_out_row(dealt_.pad, from + source * x.width, x.width, row);
        std::fill(row + dealt_.width, row + dealt_.row(), T(0));  // what only fills the last part
        if (stride > 1) for_each_column(dealt_, to, [&](T& number, Index column) { number = line[column]; });
      }
    });
  }

  const Dealt& dealt() const { return dealt_; }
  const T* data() const { return data_; }  ///< [batch, channels, height, stride, part]

 private:
  Dealt dealt_;
  Buffer<Cpu<T>> memory_;
  const T* data_;
};

/// The adjoint: the image's gradient from that of the dealt one, what lies in the border with its source.
template <class T>
void take_back(Cpu<T>& dev, const Dealt& dealt, const T* d_dealt, View<T> dx) {
  const PadGeometry& border = dealt.pad;
  dev.reserve_scratch(dealt.row());
  dev.pool().run(dx.batch * dx.channels, [&](Index plane, int thread) {
    T* const to = dx.data + plane * dx.area();
    T* const line = dev.scratch(thread);
    std::fill_n(to, dx.area(), T(0));
    for (Index i = 0; i < dealt.height; ++i) {
      const Index source = border_source(border.border, i - border.before(), dx.height);
      if (source < 0) continue;
      const T* row = d_dealt + plane * dealt.plane() + i * dealt.row();
      if (dealt.stride > 1) {
        for_each_column(dealt, row, [&](const T& number, Index column) { line[column] = number; });
        row = line;
      }
      T* const target = to + source * dx.width;
      for (Index j = 0; j < dx.width; ++j) target[j] += row[border.before() + j];
      pad::fold_row_ends(border, row, dx.width, target);
    }
  });
}

}  // namespace ugatit::conv
