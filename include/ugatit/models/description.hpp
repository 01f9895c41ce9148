// What a set of networks is made of, as values: what flags say, what checkpoints carry, what programs compare.
#pragma once

#include <ugatit/core/error.hpp>
#include <ugatit/core/shape.hpp>

#include <string>

namespace ugatit {

/// What a set of six networks is made of.
struct ModelDescription {
  Index ch = 64;         ///< channels of the first layer
  Index n_res = 4;       ///< residual blocks of the encoder, and of the decoder
  Index n_dis = 6;       ///< the global discriminators have n_dis + 1 layers, the local ones n_dis − 1
  Index img_size = 256;  ///< side of the square images, in pixels
  bool light = false;    ///< the style from averages instead of whole maps

  Index global_layers() const { return n_dis + 1; }                            ///< of the global discriminators
  Index local_layers() const { return n_dis - 1; }                             ///< of the local discriminators
  Extent image(Index batch = 1) const { return {batch, img_size, img_size}; }  ///< of training

  friend bool operator==(const ModelDescription&, const ModelDescription&) = default;
};

/// "a light model with ch 64, n_res 4"
inline std::string describe(const ModelDescription& m) {
  return std::string(m.light ? "a light" : "a full") + " model with ch " + std::to_string(m.ch) + ", n_res " +
         std::to_string(m.n_res) + (m.light ? "" : ", img_size " + std::to_string(m.img_size));
}

}  // namespace ugatit
