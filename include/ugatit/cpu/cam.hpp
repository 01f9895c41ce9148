// ops/cam.hpp on the CPU.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/ops/cam.hpp>

#include <Eigen/Core>

namespace ugatit {

template <class T>
void cam_fold_forward(Cpu<T>& dev, CamGeometry g, const T* w, const T* gap, const T* gmp, T* folded) {
  parallel_pieces(dev, g.channels, 64, [&](Index begin, Index end) {
    for (Index o = begin; o < end; ++o) {
      const T* const first = w + o * 2 * g.channels;
      const T* const second = first + g.channels;
      for (Index c = 0; c < g.channels; ++c) folded[o * g.channels + c] = first[c] * gap[c] + second[c] * gmp[c];
    }
  });
}

template <class T>
void cam_fold_backward(Cpu<T>& dev, CamGeometry g, const T* dfolded, const T* w, const T* gap, const T* gmp, T* dw,
                       T* dgap, T* dgmp) {
  parallel_pieces(dev, g.channels, 64, [&](Index begin, Index end) {  // of the input channels, all rows
    for (Index o = 0; o < g.channels; ++o) {
      const Index first = o * 2 * g.channels;
      const Index second = first + g.channels;
      for (Index c = begin; c < end; ++c) {
        const T d = dfolded[o * g.channels + c];
        if (dw != nullptr) {
          dw[first + c] += d * gap[c];
          dw[second + c] += d * gmp[c];
        }
        if (dgap != nullptr) dgap[c] += d * w[first + c];
        if (dgmp != nullptr) dgmp[c] += d * w[second + c];
      }
    }
  });
}

template <class T>
void classifier_map_forward(Cpu<T>&, ClassifierMapGeometry g, const T* w, const T* b, T* map) {
  const Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>> weight(w, g.channels);
  const T scale = g.normalised ? T(1) / weight.matrix().norm() : T(1);
  Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>(map, g.channels) = weight * scale + *b;
}

template <class T>
void classifier_map_backward(Cpu<T>&, ClassifierMapGeometry g, const T* dmap, const T* w, T* dw, T* db) {
  const Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>> weight(w, g.channels);
  const Eigen::Map<const Eigen::Array<T, Eigen::Dynamic, 1>> gradient(dmap, g.channels);
  const T scale = g.normalised ? T(1) / weight.matrix().norm() : T(1);
  const T along = g.normalised ? (gradient * weight).sum() * scale * scale : T(0);
  Eigen::Map<Eigen::Array<T, Eigen::Dynamic, 1>>(dw, g.channels) += (gradient - along * weight) * scale;
  *db += gradient.sum();
}

}  // namespace ugatit
