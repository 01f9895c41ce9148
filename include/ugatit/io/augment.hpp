// The training transform: a coin decides on a flip, resize to S + 30, a random crop of S.
#pragma once

#include <ugatit/core/random.hpp>
#include <ugatit/io/resize.hpp>

namespace ugatit {

/// A training image of `size` × `size` pixels from an image of any size. Draws three numbers from `random`.
inline Image augment(const Image& image, int size, Random& random) {
  constexpr int margin = 30;
  const bool mirrored = random.coin();
  const int top = static_cast<int>(random.below(margin + 1));
  const int left = static_cast<int>(random.below(margin + 1));
  const Image large = resize(mirrored ? flip(image) : image, size + margin, size + margin);
  return crop(large, left, top, size, size);
}

}  // namespace ugatit
