// What a set of networks is made of, as values: what flags say, what checkpoints carry, what programs compare.
#pragma once

#include <ugatit/core/error.hpp>
#include <ugatit/core/shape.hpp>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace ugatit {

/// The published code that networks compute the same as (models/presets.hpp).
enum class Preset { pytorch, tensorflow, paddle };

/// Presets and their names on command lines and in files.
inline constexpr std::array<std::pair<Preset, const char*>, 3> presets{
    {{Preset::pytorch, "pytorch"}, {Preset::tensorflow, "tensorflow"}, {Preset::paddle, "paddle"}}};

/// Its name.
inline const char* name_of(Preset preset) {
  return presets[static_cast<std::size_t>(preset)].second;
}

/// Nothing for a name that is none.
inline std::optional<Preset> preset_named(std::string_view name) {
  for (const auto& [preset, its_name] : presets) {
    if (name == its_name) return preset;
  }
  return std::nullopt;
}

/// What a set of six networks is made of.
struct ModelDescription {
  Index ch = 64;                    ///< channels of the first layer
  Index n_res = 4;                  ///< residual blocks of the encoder, and of the decoder
  Index n_dis = 6;                  ///< the global discriminators have n_dis + 1 layers, the local ones n_dis − 1
  Index img_size = 256;             ///< side of the square images, in pixels
  bool light = false;               ///< the style from averages instead of whole maps
  Preset preset = Preset::pytorch;  ///< the published code that they compute the same as

  Index global_layers() const { return n_dis + 1; }                            ///< of the global discriminators
  Index local_layers() const { return n_dis - 1; }                             ///< of the local discriminators
  Extent image(Index batch = 1) const { return {batch, img_size, img_size}; }  ///< of training

  friend bool operator==(const ModelDescription&, const ModelDescription&) = default;
};

/// "a light model with ch 64, n_res 4", "a full model of the preset paddle with …"
inline std::string describe(const ModelDescription& m) {
  const std::string of = m.preset == Preset::pytorch ? "" : std::string(" of the preset ") + name_of(m.preset);
  return std::string(m.light ? "a light" : "a full") + " model" + of + " with ch " + std::to_string(m.ch) + ", n_res " +
         std::to_string(m.n_res) + (m.light ? "" : ", img_size " + std::to_string(m.img_size));
}

}  // namespace ugatit
