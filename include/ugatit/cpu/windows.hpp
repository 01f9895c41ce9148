// Where the taps of a convolution's kernel read in a dealt image, and how those numbers are packed for the products.
#pragma once

#include <ugatit/cpu/dealt_image.hpp>
#include <ugatit/cpu/gemm.hpp>

#include <algorithm>
#include <cstring>

namespace ugatit::conv {

/// A dealt image and where the taps of a kernel and the pixels of a result lie in it: tap (c,k,l) of pixel (i,j) is at
/// data[tap[t] + pixel(p)], with t = (c·K + k)·K + l and p = i·out_width + j.
template <class T>
struct Windows {
  const T* data;
  const Index* tap;
  Index down;  // from one row of the result to the next
  Index out_width;

  Index pixel(Index p) const { return p / out_width * down + p % out_width; }
};

/// Where each tap lies in such an image, in memory of the arena.
template <class T>
class Taps {
 public:
  Taps(Cpu<T>& dev, Index channels, Index kernel, const Dealt& dealt)
      : memory_(dev.arena(), channels * kernel * kernel) {
    Index* tap = data();
    for (Index c = 0; c < channels; ++c) {
      for (Index k = 0; k < kernel; ++k) {
        for (Index l = 0; l < kernel; ++l) {
          *tap++ = c * dealt.plane() + dealt.place(k, l);
        }
      }
    }
  }
  Index* data() { return reinterpret_cast<Index*>(memory_.data()); }

 private:
  static_assert(sizeof(Index) == sizeof(double));
  Buffer<Cpu<double>> memory_;
};

// Whether `count` offsets fall into runs of `run` neighbours.
inline bool runs_of(Index run, const Index* offset, Index count) {
  if (count % run != 0) return false;
  for (Index j = 0; j < count; j += run) {
    if (offset[j + run - 1] - offset[j] != run - 1) return false;
  }
  return true;
}

template <class T, Index Run>
void copy_runs(const T* from, const Index* offset, T* out) {
  for (Index j = 0; j < gemm::Tile<T>::columns; j += Run) std::memcpy(out + j, from + offset[j], sizeof(T) * Run);
}

// Packs taps × pixels, the columns of im2col. Pixels of a row are neighbours: they are copied in runs.
template <class T>
void pack_pixels(const Windows<T>& in, Index first, Index pixels, Index tap, Index depth, T* out) {
  constexpr Index wide = gemm::Tile<T>::columns;
  Index offset[wide];
  for (Index j = 0; j < pixels; ++j) offset[j] = in.pixel(first + j);
  const auto for_each_tap = [&](const auto& f) {
    for (Index k = 0; k < depth; ++k, out += wide) f(in.data + in.tap[tap + k], out);
  };
  if (pixels == wide) {
    if (runs_of(wide, offset, wide))
      return for_each_tap([&](const T* from, T* to) { copy_runs<T, wide>(from, offset, to); });
    if (runs_of(wide / 2, offset, wide)) {
      return for_each_tap([&](const T* from, T* to) { copy_runs<T, wide / 2>(from, offset, to); });
    }
    if (runs_of(wide / 4, offset, wide)) {
      return for_each_tap([&](const T* from, T* to) { copy_runs<T, wide / 4>(from, offset, to); });
    }
  }
  for_each_tap([&](const T* from, T* to) {
    for (Index j = 0; j < pixels; ++j) to[j] = from[offset[j]];
    for (Index j = pixels; j < wide; ++j) to[j] = T(0);
  });
}

// A packet as a template argument loses its alignment attribute, which a block of them does not need.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-attributes"

// Packs pixels × taps, the transpose of it, for the gradient of the weights: squares of neighbouring pixels are
// transposed in registers.
template <class T>
void pack_taps(const Windows<T>& in, Index first, Index taps, Index pixel, Index depth, T* out) {
  using namespace Eigen::internal;
  using Packet = typename gemm::Tile<T>::Packet;
  constexpr Index wide = gemm::Tile<T>::columns;
  constexpr Index lanes = gemm::Tile<T>::lanes;
  Index offset[gemm::Tile<T>::depth];
  for (Index k = 0; k < depth; ++k) offset[k] = in.pixel(pixel + k);
  for (Index k = 0; k < depth;) {
    const bool square = depth - k >= lanes && runs_of(lanes, offset + k, lanes);
    const Index rows = square ? lanes : 1;
    for (Index j = 0; j < wide; j += lanes) {
      if (square && j + lanes <= taps) {
        PacketBlock<Packet, lanes> block;
        for (Index l = 0; l < lanes; ++l) block.packet[l] = ploadu<Packet>(in.data + in.tap[first + j + l] + offset[k]);
        ptranspose(block);
        for (Index l = 0; l < lanes; ++l) pstoreu(out + (k + l) * wide + j, block.packet[l]);
        continue;
      }
      for (Index l = j; l < j + lanes; ++l) {
        for (Index r = k; r < k + rows; ++r)
          out[r * wide + l] = l < taps ? in.data[in.tap[first + l] + offset[r]] : T(0);
      }
    }
    k += rows;
  }
}

#pragma GCC diagnostic pop

}  // namespace ugatit::conv
