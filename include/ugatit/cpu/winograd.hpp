// Convolutions by minimal filtering: a quarter of the multiplications for 3×3 taps, less than a fifth for 4×4, forward
// and back. winograd_matrices.hpp has the kinds S of them.
//
// With V = Bᵀ d B of every tile d of the padded image, U = G w Gᵀ of every pair of channels and M = A dy Aᵀ of every
// tile of the gradient, point by point:
//
//   y  = Aᵀ (Σ_c U V) A          dx += B (Σ_o U M) Bᵀ          dw += Gᵀ (Σ_tiles M V) G
//
// The two on the right are the exact adjoints of the first. Each sum is a matrix product for each point. Tiles are
// worked on in stretches, so that what is between the transforms stays in the cache. The border is laid on while tiles
// are read, and folded back while they are added.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/cpu/winograd_pixels.hpp>
#include <ugatit/cpu/winograd_products.hpp>
#include <ugatit/cpu/winograd_tiling.hpp>
#include <ugatit/cpu/winograd_transforms.hpp>
#include <ugatit/cpu/winograd_weights.hpp>
#include <ugatit/ops/conv2d.hpp>

#include <algorithm>
#include <type_traits>

namespace ugatit::winograd {

constexpr PadGeometry no_border{0, Border::zero};
constexpr Index channels_of_task = 16;
constexpr Index soon = 2;  // channels from one that is read to one that is fetched

/// A stretch of tiles.
struct Stretch {
  Tiling tiling;
  Index first, count;

  template <class T>
  Index panels() const {
    return round_up(count, wide<T>) / wide<T>;
  }
};

/// Calls f(stretch) for one stretch of the tiles of a result after the other, with `tiles` the most that one has.
template <class F>
void for_each_stretch(const Tiling& tiling, Index batch, Index tiles, const F& f) {
  const Index total = tiling.count(batch);
  for (Index first = 0; first < total; first += tiles) f(Stretch{tiling, first, std::min(tiles, total - first)});
}

/// Points of the tiles of an image as right operands: `M` is pixels for an image, results_back for a gradient.
template <const auto& M, Index Step, class T>
void tiles_to_points(Cpu<T>& dev, const Stretch& s, const PadGeometry& pad, View<const T> image, T* out) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  constexpr Index side = std::remove_cvref_t<decltype(M)>::columns;
  const Index pieces = (image.channels + channels_of_task - 1) / channels_of_task;
  const Index apart = right_size<T>(s.count, image.channels);
  dev.pool().run(s.panels<T>() * pieces, [&](Index task, int) {
    const Index panel = task / pieces * wide<T>;
    const Index begin = task % pieces * channels_of_task;
    const Index end = std::min(begin + channels_of_task, image.channels);
    Square<T, side> square;
    for (Index t = panel; t < std::min(panel + wide<T>, s.count); t += lanes) {
      const TilePacket<T> packet(s.tiling, s.first + t, s.first + s.count);
      const TilePixels<Step, side, T> pixels(s.tiling, packet, pad);
      for (Index c = begin; c < end; ++c) {
        if (c + soon < end) pixels.fetch(image, c + soon);
        pixels.read(image, c, square);
        transform<M>(square.data, lanes, out + panel * image.channels + c * wide<T> + t - panel, apart);
      }
    }
  });
}

/// Points of the tiles of the image as right operands of a sum over tiles, whose columns are the channels.
template <class S, class T>
void tiles_to_inner_points(Cpu<T>& dev, const Stretch& s, const PadGeometry& pad, View<const T> image, T* out) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  const Index groups = (image.channels + lanes - 1) / lanes;
  const Index apart = right_size<T>(image.channels, s.count);
  dev.reserve_scratch(S::points * lanes * lanes);
  dev.pool().run((s.count + lanes - 1) / lanes * groups, [&](Index task, int thread) {
    const Index t = task / groups * lanes;
    const Index first = task % groups * lanes;
    T* const block = dev.scratch(thread);  // [point, channel, tile], and turned [point, tile, channel]
    const TilePacket<T> packet(s.tiling, s.first + t, s.first + s.count);
    const TilePixels<S::step, S::field, T> pixels(s.tiling, packet, pad);
    Square<T, S::field> square;
    const Index channels = std::min(lanes, image.channels - first);
    for (Index c = 0; c < channels; ++c) {
      if (c + soon < channels) pixels.fetch(image, first + c + soon);
      pixels.read(image, first + c, square);
      transform<S::pixels>(square.data, lanes, block + c * lanes, lanes * lanes);
    }
    T* const to = out + first / wide<T> * wide<T> * s.count + t * wide<T> + first % wide<T>;
    for (Index p = 0; p < S::points; ++p) {
      T* const square_of_point = block + p * lanes * lanes;
      turn(square_of_point);
      for (Index l = 0; l < packet.count(); ++l) {
        std::copy_n(square_of_point + l * lanes, lanes, to + p * apart + l * wide<T>);
      }
    }
  });
}

/// Points of all weights as a left operand: the out channels are its rows, the parts of in channels its inner
/// dimension. For the gradient of the input its transpose is what multiplies.
template <class S, class T>
void weights_to_points(Cpu<T>& dev, const Conv2dGeometry& g, const T* w, T* out) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  constexpr Index parts = S::phases * S::phases;
  constexpr Index taps = parts * S::kernel * S::kernel;
  using All = Packets<T, taps * lanes>;
  const Index pieces = (g.in_channels + lanes - 1) / lanes;
  dev.pool().run((g.out_channels + lanes - 1) / lanes * pieces, [&](Index task, int) {
    const Index o = task / pieces * lanes;
    const Index first = task % pieces * lanes;
    const Index outputs = std::min(lanes, g.out_channels - o);
    const Index inputs = std::min(lanes, g.in_channels - first);
    const LeftRows<T> left(o, g.out_channels, parts * g.in_channels);
    All all{};  // [in, tap, out]
    Packets<T, S::points> points;
    lay_out_taps(w + (o * g.in_channels + first) * taps, g.in_channels * taps, outputs, inputs * taps, all.data);
    for (Index k = 0; k < inputs * parts; ++k) {
      const Index tap = k / parts * taps + tap_of_part<S::kernel, S::phases>(k % parts, 0);
      transform<S::weights>(all.data + tap * lanes, {S::kernel * parts * lanes, S::phases * lanes}, points.data, lanes);
      for (Index p = 0; p < S::points; ++p) left.put(points.data + p * lanes, p, first * parts + k, out);
    }
  });
}

/// The weights in that form, made anew or kept.
template <class S, class T>
Buffer<Cpu<T>> form_of_weights(Cpu<T>& dev, const Conv2dGeometry& g, const T* w) {
  return dev.held_weights().form(w, S::form, 0, [&] {
    Buffer<Cpu<T>> made(dev.arena(), S::points * left_size<T>(g.out_channels, S::phases * S::phases * g.in_channels));
    weights_to_points<S>(dev, g, w, made.data());
    return made;
  });
}

// The three passes. The geometry's channels and kernel are those of the weights; an image has the parts of each channel
// as channels, and the border is around those.

/// y = conv(pad(x), w) + b; y overwrites.
template <class S, class T>
void forward(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> x, const T* w, const T* b, View<T> y) {
  using namespace Eigen::internal;
  using Packet = typename gemm::Tile<T>::Packet;
  constexpr Index lanes = gemm::Tile<T>::lanes;
  const Tiling tiling{y.height, y.width};
  const Index most = std::min(tiling.count(y.batch), Tiling::stretch);
  const Buffer<Cpu<T>> u = form_of_weights<S>(dev, g, w);
  const Buffer<Cpu<T>> v(dev.arena(), S::points * right_size<T>(most, x.channels));
  const Buffer<Cpu<T>> m(dev.arena(), S::points * result_size<T>(g.out_channels, most));
  for_each_stretch(tiling, y.batch, most, [&](const Stretch& s) {
    tiles_to_points<S::pixels, S::step>(dev, s, g.pad, x, v.data());
    multiply_points<Left::as_it_is>(dev, S::points, g.out_channels, s.count, x.channels, u.data(), v.data(), m.data(),
                                    false);
    const Index pieces = (y.channels + channels_of_task - 1) / channels_of_task;
    const Index rows = rows_of_result<T>(y.channels);
    dev.pool().run(s.panels<T>() * pieces, [&](Index task, int) {
      const Index panel = task / pieces * wide<T>;
      const Index begin = task % pieces * channels_of_task;
      Square<T, tile> square;
      for (Index t = panel; t < std::min(panel + wide<T>, s.count); t += lanes) {
        const TilePacket<T> packet(tiling, s.first + t, s.first + s.count);
        const TilePixels<tile, tile, T> pixels(tiling, packet, no_border);
        for (Index o = begin; o < std::min(begin + channels_of_task, y.channels); ++o) {
          transform<S::results>(m.data() + panel * rows + o * wide<T> + t - panel, result_size<T>(y.channels, s.count),
                                square.data, lanes);
          if (b != nullptr) {
            const Packet bias = pset1<Packet>(b[o]);
            for (Index i = 0; i < tile * tile * lanes; i += lanes) {
              pstore(square.data + i, padd(pload<Packet>(square.data + i), bias));
            }
          }
          pixels.write(square, y, o);
        }
      }
    });
  });
}

/// dx += what a stretch of tiles gives to the gradient of the image: its first tiles overwrite. m has the points of dy,
/// v is memory.
template <class S, class T>
void add_to_image(Cpu<T>& dev, const Stretch& s, const Conv2dGeometry& g, const T* u, const T* m, T* v, View<T> dx) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  multiply_points<Left::transposed>(dev, S::points, dx.channels, s.count, g.out_channels, u, m, v, false);
  const Index rows = rows_of_result<T>(dx.channels);
  // A task takes all tiles; points lie far apart, so it should find several channels where it looks.
  const Index channels = std::clamp<Index>(dx.channels / (4 * dev.pool().size()), 1, channels_of_task);
  dev.pool().run((dx.channels + channels - 1) / channels, [&](Index task, int) {
    Square<T, S::field> square;
    for (Index t = 0; t < s.count; t += lanes) {
      const Index panel = t / wide<T> * wide<T>;
      const TilePacket<T> packet(s.tiling, s.first + t, s.first + s.count);
      const TilePixels<S::step, S::field, T> pixels(s.tiling, packet, g.pad);
      for (Index c = task * channels; c < std::min((task + 1) * channels, dx.channels); ++c) {
        transform<S::pixels_back>(v + panel * rows + c * wide<T> + t - panel, result_size<T>(dx.channels, s.count),
                                  square.data, lanes);
        pixels.clear(dx, c);
        pixels.add(square, dx, c);
      }
    }
  });
}

/// sums = or += what it gives to the points of the gradient of the weights.
template <class S, class T>
void add_to_weights(Cpu<T>& dev, const Stretch& s, const Conv2dGeometry& g, View<const T> x, const T* m, T* v,
                    T* sums) {
  tiles_to_inner_points<S>(dev, s, g.pad, x, v);
  multiply_points<Left::transposed_right>(dev, S::points, g.out_channels, x.channels, s.count, m, v, sums, s.first > 0);
}

/// dw += the weights whose points those are, of so many channels of the image.
template <class S, class T>
void weights_from_points(Cpu<T>& dev, const Conv2dGeometry& g, Index channels, const T* sums, T* dw) {
  constexpr Index lanes = gemm::Tile<T>::lanes;
  const Index rows = rows_of_result<T>(g.out_channels);
  const Index panels = round_up(channels, wide<T>) / wide<T>;
  dev.pool().run((g.out_channels + channels_of_task - 1) / channels_of_task * panels, [&](Index task, int) {
    const Index panel = task % panels * wide<T>;
    const Index begin = task / panels * channels_of_task;
    Packets<T, S::kernel * S::kernel> of_part;
    for (Index o = begin; o < std::min(begin + channels_of_task, g.out_channels); ++o) {
      for (Index c = panel; c < std::min(panel + wide<T>, channels); c += lanes) {
        transform<S::weights_back>(sums + panel * rows + o * wide<T> + c - panel,
                                   result_size<T>(g.out_channels, channels), of_part.data, lanes);
        add_taps<S::kernel, S::phases>(of_part.data, std::min(lanes, channels - c), c, dw + o * g.taps());
      }
    }
  });
}

/// Both gradients, where they are wanted: dw, which is added to, and the data of dx, which is overwritten, may be null.
/// x and w are read for the other one.
template <class S, class T>
void backward(Cpu<T>& dev, const Conv2dGeometry& g, View<const T> x, View<const T> dy, const T* w, T* dw, View<T> dx) {
  const Tiling tiling{dy.height, dy.width};
  const Index most = std::min(tiling.count(dy.batch), Tiling::stretch);
  const Index channels = S::phases * S::phases * g.in_channels;  // of the image
  const bool of_image = dx.data != nullptr;
  const bool of_weights = dw != nullptr;
  const Buffer<Cpu<T>> u = of_image ? form_of_weights<S>(dev, g, w) : Buffer<Cpu<T>>();
  const Buffer<Cpu<T>> m(dev.arena(), S::points * right_size<T>(most, g.out_channels));
  const Buffer<Cpu<T>> v(dev.arena(), S::points * std::max(of_image ? result_size<T>(channels, most) : 0,
                                                           of_weights ? right_size<T>(channels, most) : 0));
  const Buffer<Cpu<T>> sums(dev.arena(), of_weights ? S::points * result_size<T>(g.out_channels, channels) : 0);
  for_each_stretch(tiling, dy.batch, most, [&](const Stretch& s) {
    tiles_to_points<S::results_back, tile>(dev, s, no_border, dy, m.data());
    if (of_weights) add_to_weights<S>(dev, s, g, x, m.data(), v.data(), sums.data());
    if (of_image) add_to_image<S>(dev, s, g, u.data(), m.data(), v.data(), dx);
  });
  if (of_weights) weights_from_points<S>(dev, g, channels, sums.data(), dw);
}

}  // namespace ugatit::winograd
