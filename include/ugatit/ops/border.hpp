// Padding by a border: y[i] = x[source(i - padding)].
//
// reflect mirrors without repeating the edge (… 2 1 | 0 1 2 …), replicate repeats the edge, zero puts zeros.
// Backward is the adjoint: dx[s] = sum of dy[i] over all i whose source is s.
#pragma once

#include <ugatit/core/error.hpp>
#include <ugatit/core/tensor.hpp>

namespace ugatit {

/// What stands outside of an image: zeros, the image mirrored without its edge pixel, or the edge pixel.
enum class Border { zero, reflect, replicate };

/// Where padded position `i` (may lie outside) reads in a row of `size`; -1 reads zero.
constexpr Index border_source(Border border, Index i, Index size) {
  if (i >= 0 && i < size) return i;
  if (border == Border::zero) return -1;
  if (border == Border::replicate) return i < 0 ? 0 : size - 1;
  return i < 0 ? -i : 2 * (size - 1) - i;
}

/// How far, and with what.
struct PadGeometry {
  Index padding = 1;                ///< on each of the four sides
  Border border = Border::reflect;  ///< what stands outside
  Index more = 0;                   ///< rows at the bottom and columns on the right beyond those

  constexpr Index before() const { return padding; }           ///< rows at the top, columns on the left
  constexpr Index after() const { return padding + more; }     ///< rows at the bottom, columns on the right
  constexpr Index both() const { return before() + after(); }  ///< rows, or columns, of both sides together

  /// Whether nothing stands outside but copies of pixels.
  constexpr bool copies_pixels() const { return both() == 0 || border != Border::zero; }

  /// What is inside of it.
  Extent within(const Extent& outer) const { return {outer.batch, outer.height - both(), outer.width - both()}; }

  /// Throws where a reflection would need more rows or columns than there are.
  Extent out(const Extent& in) const {
    if (border == Border::reflect && (in.height <= after() || in.width <= after())) {
      throw Error("a reflection by " + std::to_string(after()) + " needs sides of at least " +
                  std::to_string(after() + 1) + ", given " + describe(in) + "; use larger images or fewer layers");
    }
    return {in.batch, in.height + both(), in.width + both()};
  }
};

/// None.
inline constexpr PadGeometry no_border{0, Border::zero};

/// A device that puts a border around images, and takes gradients back from there.
template <class D>
concept PadsBorders = requires(D& dev, PadGeometry g, View<const typename D::Scalar> in, View<typename D::Scalar> out) {
  pad_forward(dev, g, in, out);   // y
  pad_backward(dev, g, in, out);  // dy -> dx
};

/// A device whose convolutions read borders from memory where channels are last. There the layer before a convolution
/// lays its border, if it can: norms, and what is normalised spectrally, with the activation after them.
template <class D>
concept LaysBorders = requires {
  requires D::lays_borders;
};

}  // namespace ugatit
