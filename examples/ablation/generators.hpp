// The generators of the ablation: light ones of width 8, which differ in the norms of their decoder. Each is compiled
// by itself (generator.cpp.in), as it takes the compiler long.
#pragma once

#include <ugatit/cpu/device.hpp>
#include <ugatit/models/network.hpp>
#include <ugatit/models/norm_policies.hpp>

#include <array>
#include <memory>

namespace ugatit::examples {

/// Makes a generator for images of an extent.
template <class Norms>
std::unique_ptr<Network<Cpu<float>, 3>> make_ablated(Cpu<float>& dev, const Extent& image);

/// A norm by the name that --norm takes, and its generator.
struct AblatedGenerator {
  const char* norm;
  std::unique_ptr<Network<Cpu<float>, 3>> (*make)(Cpu<float>& dev, const Extent& image);
};

/// CMakeLists.txt lists the same types.
inline constexpr std::array<AblatedGenerator, 6> ablated_generators{{
    {"adalin", make_ablated<preset::pytorch>},
    {"instance", make_ablated<DecoderNorm<InstanceNorm2d<Affine::yes>>>},
    {"layer", make_ablated<DecoderNorm<LayerNorm>>},
    {"group", make_ablated<DecoderNorm<GroupNorm<4>>>},
    {"batch", make_ablated<DecoderNorm<BatchNorm>>},
    {"switchable", make_ablated<DecoderNorm<SwitchableNorm>>},
}};

}  // namespace ugatit::examples
