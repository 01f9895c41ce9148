// Convolutions as the models use them, each in every way that takes it: forward, gradient of the input, gradient of the
// weights. Counters are those of ceilings.hpp.
//
// UGATIT_THREADS: number of threads (all).
#include "ceilings.hpp"
#include "setting.hpp"

#include <ugatit/ugatit.hpp>

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace {

using namespace ugatit;
using Device = Cpu<float>;

struct Layer {
  const char* name;
  Conv2dGeometry geometry;
  Index side;  // of the padded image
};

constexpr PadGeometry none{0, Border::zero};

const std::vector<Layer> layers{
    {"res_64ch", {256, 256, 3, 1, none}, 66},    {"up1_64ch", {256, 128, 3, 1, none}, 130},
    {"up2_64ch", {128, 64, 3, 1, none}, 258},    {"first_64ch", {3, 64, 7, 1, none}, 262},
    {"last_64ch", {64, 3, 7, 1, none}, 262},     {"down1_64ch", {64, 128, 3, 2, none}, 258},
    {"down2_64ch", {128, 256, 3, 2, none}, 130}, {"judge_2", {64, 128, 4, 2, none}, 130},
    {"judge_3", {128, 256, 4, 2, none}, 66},     {"judge_4", {256, 512, 4, 2, none}, 34},
    {"judge_local", {256, 512, 4, 1, none}, 34}, {"judge_global", {1024, 2048, 4, 1, none}, 10},
    {"res_16ch_64px", {64, 64, 3, 1, none}, 18}, {"up1_16ch_64px", {64, 32, 3, 1, none}, 34},
    {"up2_16ch_64px", {32, 16, 3, 1, none}, 66}, {"res_8ch_64px", {32, 32, 3, 1, none}, 18},
};

struct Arrays {
  std::vector<float> x, w, y;
  View<float> image, result;

  explicit Arrays(const Layer& layer) {
    const Conv2dGeometry& g = layer.geometry;
    const Extent out = g.out({1, layer.side, layer.side});
    Random random(1);
    const auto fill = [&](std::vector<float>& values, Index size) {
      values.resize(static_cast<std::size_t>(size));
      for (float& value : values) value = static_cast<float>(random.symmetric(1));
    };
    fill(x, g.in_channels * layer.side * layer.side);
    fill(w, g.out_channels * g.taps());
    fill(y, g.out_channels * out.area());
    image = {x.data(), 1, g.in_channels, layer.side, layer.side};
    result = {y.data(), 1, g.out_channels, out.height, out.width};
  }
};

enum class Pass { forward, input, weight };

void measure(benchmark::State& state, Device& dev, const Ceilings& most, const Layer& layer, Pass pass, conv::Way way) {
  Arrays a(layer);
  const Conv2dGeometry& g = layer.geometry;
  const float* const w = a.w.data();
  const float* const no_bias = nullptr;
  const LoopTime time;
  for (auto _ : state) {
    if (pass == Pass::forward) conv::forward_padded(dev, way, g, View<const float>(a.image), w, no_bias, a.result);
    if (pass == Pass::input) conv::backward_padded(dev, way, g, View<const float>(a.result), w, a.image);
    if (pass == Pass::weight) {
      conv::backward_weight(dev, way, g, View<const float>(a.image), View<const float>(a.result), a.w.data());
    }
  }
  const double flop = 2.0 * static_cast<double>(g.out_channels * g.taps()) * static_cast<double>(a.result.area());
  time.report(state, most, {flop, static_cast<double>((a.x.size() + a.w.size() + a.y.size()) * sizeof(float))});
}

void register_all(Device& dev, const Ceilings& most) {
  for (const Layer& layer : layers) {
    for (const auto& [way_name, way] :
         {std::pair{"/products", conv::Way::products}, std::pair{"/shifts", conv::Way::shifts},
          std::pair{"/winograd", conv::Way::winograd}, std::pair{"/bfloat16", conv::Way::tiles}}) {
      if (!conv::allows(way, layer.geometry)) continue;
      for (const auto& [name, pass] :
           {std::pair{"forward", Pass::forward}, std::pair{"input", Pass::input}, std::pair{"weight", Pass::weight}}) {
        const std::string full = std::string(layer.name) + "/" + name + way_name;
        benchmark::RegisterBenchmark(
            full.c_str(), [&, pass = pass, way = way](auto& state) { measure(state, dev, most, layer, pass, way); })
            ->Unit(benchmark::kMicrosecond)
            ->UseRealTime();
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  Cpu<float> dev(setting("UGATIT_THREADS", 0));
  const Ceilings most = Ceilings::of(dev);
  register_all(dev, most);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
