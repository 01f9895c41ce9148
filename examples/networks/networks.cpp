#include "networks.hpp"

#if defined(UGATIT_WITH_CUDA)
#include <ugatit/cuda/device.hpp>
#endif

#include <algorithm>
#include <array>

namespace ugatit::examples {

namespace {

// The CMake list UGATIT_CHANNELS.
using Channels = std::integer_sequence<Index, UGATIT_CHANNEL_LIST>;

// The CMake list UGATIT_PRESETS.
constexpr std::array built_presets{UGATIT_PRESET_LIST};

template <class P>
constexpr bool is_built = std::find(built_presets.begin(), built_presets.end(), P::name) != built_presets.end();

// f(Width<Ch, P, D>), or an error where that preset is not built.
template <class Result, class D, Index Ch, class P, class F>
Result of_width(const F& f) {
  if constexpr (is_built<P>) return f(Width<Ch, P, D>{});
  throw Error(std::string("--preset ") + name_of(P::name) + " is not built into this program; configure with " +
              "-DUGATIT_PRESETS=\"...;" + name_of(P::name) + "\" and build again");
}

// The same for the preset that is asked for.
template <class Result, class D, Index Ch, class F>
Result of_preset(Preset preset, const F& f) {
  return with_preset(preset, [&]<class P>(P) { return of_width<Result, D, Ch, P>(f); });
}

// f(type that names width, preset and device) for the model that is asked for.
template <class Result, class D, class F, Index... Chs>
Result with_width(const ModelDescription& model, const F& f, std::integer_sequence<Index, Chs...>) {
  Result result;
  const bool found = ((model.ch == Chs && (result = of_preset<Result, D, Chs>(model.preset, f), true)) || ...);
  if (!found) {
    throw Error("--ch " + std::to_string(model.ch) + " is not built into this program, which has " + built_channels() +
                "; configure with -DUGATIT_CHANNELS=\"...;" + std::to_string(model.ch) + "\" and build again");
  }
  return result;
}

}  // namespace

std::string built_channels() {
  std::string list;
  [&]<Index... Chs>(std::integer_sequence<Index, Chs...>) {
    ((list += (list.empty() ? "" : ", ") + std::to_string(Chs)), ...);
  }
  (Channels{});
  return list;
}

template <class D>
std::unique_ptr<Network<D, 3>> make_generator(D& dev, const ModelDescription& model, const Extent& image) {
  return with_width<std::unique_ptr<Network<D, 3>>, D>(
      model, [&](auto width) { return width.generator(dev, model, image); }, Channels{});
}

template <class D>
std::unique_ptr<Network<D, 1>> make_discriminator(D& dev, const ModelDescription& model, Index layers) {
  try {
    return with_width<std::unique_ptr<Network<D, 1>>, D>(
        model, [&](auto width) { return width.discriminator(dev, layers, model.image()); }, Channels{});
  } catch (const Error& error) {
    throw Error("--n_dis " + std::to_string(model.n_dis) + " with --img_size " + std::to_string(model.img_size) +
                " cannot work: " + error.what());
  }
}

template <class D>
NetworkSet<D> make_networks(D& dev, const ModelDescription& model) {
  const auto generator = [&] { return make_generator(dev, model, model.image()); };
  const auto global = [&] { return make_discriminator(dev, model, model.global_layers()); };
  const auto local = [&] { return make_discriminator(dev, model, model.local_layers()); };
  return {generator(), generator(), global(), local(), global(), local()};
}

// NOLINTBEGIN(bugprone-macro-parentheses): what it is given is a type
#define UGATIT_NETWORKS_ON(D)                                                                         \
  template std::unique_ptr<Network<D, 3>> make_generator(D&, const ModelDescription&, const Extent&); \
  template std::unique_ptr<Network<D, 1>> make_discriminator(D&, const ModelDescription&, Index);     \
  template NetworkSet<D> make_networks(D&, const ModelDescription&);
// NOLINTEND(bugprone-macro-parentheses)

UGATIT_NETWORKS_ON(Cpu<float>)
UGATIT_NETWORKS_ON(Cpu<double>)
#if defined(UGATIT_WITH_CUDA)
UGATIT_NETWORKS_ON(Cuda<float>)
UGATIT_NETWORKS_ON(Cuda<tf32>)
UGATIT_NETWORKS_ON(Cuda<bfloat16>)
#endif

}  // namespace ugatit::examples
