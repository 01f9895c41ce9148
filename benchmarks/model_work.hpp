// How much whole models multiply and add, as the published code does it: their convolutions and large linear layers,
// two for each product. What else they compute is little beside it.
#pragma once

#include <ugatit/models/description.hpp>

namespace ugatit {

/// Of a convolution of square kernels, or a linear layer, with so many pixels of result.
inline double flop_of(Index in, Index out, Index kernel, Index pixels) {
  return 2.0 * static_cast<double>(in * kernel * kernel) * static_cast<double>(out * pixels);
}

/// The first convolution of a generator, of one image.
inline double flop_of_first(const ModelDescription& m) {
  return flop_of(3, m.ch, 7, m.image().area());
}

/// A generator's forward pass of one image.
inline double flop_of_generator(const ModelDescription& m) {
  const Index whole = m.image().area();
  const Index half = whole / 4;
  const Index quarter = whole / 16;
  const Index wide = 4 * m.ch;
  const Index blocks = 2 * m.n_res;  // of the encoder and of the decoder, two convolutions each
  const double style = flop_of(m.light ? wide : wide * quarter, wide, 1, 1) + 3 * flop_of(wide, wide, 1, 1);
  return flop_of_first(m) + flop_of(m.ch, 2 * m.ch, 3, half) + flop_of(2 * m.ch, wide, 3, quarter) +
         static_cast<double>(2 * blocks) * flop_of(wide, wide, 3, quarter) + flop_of(2 * wide, wide, 1, quarter) +
         style + flop_of(wide, 2 * m.ch, 3, half) + flop_of(2 * m.ch, m.ch, 3, whole) + flop_of(m.ch, 3, 7, whole);
}

/// The first convolution of a discriminator, of one image.
inline double flop_of_first_judge(const ModelDescription& m) {
  return flop_of(3, m.ch, 4, m.image().area() / 4);
}

/// A forward pass of a discriminator of that many layers, of one image.
inline double flop_of_discriminator(const ModelDescription& m, Index layers) {
  Index side = m.img_size / 2;
  Index channels = m.ch;
  double flop = flop_of_first_judge(m);
  for (Index layer = 1; layer < layers - 2; ++layer, channels *= 2) {
    side /= 2;
    flop += flop_of(channels, 2 * channels, 4, side * side);
  }
  side -= 1;
  flop += flop_of(channels, 2 * channels, 4, side * side);
  channels *= 2;
  flop += flop_of(2 * channels, channels, 1, side * side);
  return flop + flop_of(channels, 1, 4, (side - 1) * (side - 1));
}

/// A training iteration with one image of each domain, without the passes that the published code computes and throws
/// away: six passes of generators, each there and back; four discriminators on a real image and on a translation, there
/// and back, and once more on a translation without learning.
inline double flop_of_iteration(const ModelDescription& m) {
  // A way back is a gradient of the input and one of the weights; images of the data set want no gradient.
  const double generators = 18 * flop_of_generator(m) - 4 * flop_of_first(m);
  const double judges = flop_of_discriminator(m, m.global_layers()) + flop_of_discriminator(m, m.local_layers());
  return generators + 2 * (8 * judges - 2 * 2 * flop_of_first_judge(m));
}

}  // namespace ugatit
