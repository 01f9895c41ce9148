// The blocks that the models are composed of, at their sizes with ch 64 and images of 256×256: a forward pass of
// inference, and a forward and a backward pass of training. Counters are those of ceilings.hpp, for the convolutions of
// the block alone, and the arena's peak.
//
// UGATIT_THREADS: number of threads (all), UGATIT_BFLOAT16: 1 for convolutions in bfloat16.
#include "ceilings.hpp"
#include "setting.hpp"
#include "values.hpp"

#include <ugatit/ugatit.hpp>

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace ugatit;
using Device = Cpu<float>;

// Of one image: every weight of a convolution meets every pixel of the result, which all of a block's have in common.
template <class Params>
double flop_of(Params& params, Index pixels) {
  Index weights = 0;
  Params::each([&](const char*, auto& field) { weights += field.rank == 4 ? field.size() : 0; }, params);
  return 2.0 * static_cast<double>(weights) * static_cast<double>(pixels);
}

template <class Layer, class In>
void measure(benchmark::State& state, const Ceilings& most, const ExtentOf<In>& extent, Index pixels, bool training) {
  using N = On<Layer, In, Device>;
  Device dev(setting("UGATIT_THREADS", 0));
  if (setting("UGATIT_BFLOAT16", 0) == 1) dev.products = Products::bfloat16;
  dev.mode = training ? Mode::train() : Mode::infer();
  Random random(2);
  typename N::Params w = N::parameters(extent);
  allocate(dev, w);
  initialise(dev, w, random);
  typename N::Params dw = training ? zeros_like(dev, w) : w;
  const auto x = testing::random_value<In>(dev, extent, random);
  Value<typename N::Out, Device> dy;
  if (training) dy = testing::random_value<typename N::Out>(dev, N::out(extent), random);
  const LoopTime time;
  for (auto _ : state) {
    typename N::Tape tape;
    auto y = N::forward(dev, w, x, tape);
    if (training) {
      y = {};
      const auto dx = N::backward(dev, w, tape, dy, dw);
      benchmark::DoNotOptimize(dx);
    }
    benchmark::DoNotOptimize(y);
  }
  time.report(state, most, {(training ? 3 : 1) * flop_of(w, pixels), 0});
  state.counters["arena_peak_MB"] = static_cast<double>(dev.arena().peak()) / 1e6;
}

// `side` is that of the block's result.
template <class Layer, class In>
void add(const Ceilings& most, const std::string& name, const ExtentOf<In>& extent, Index side) {
  for (const bool training : {false, true}) {
    benchmark::RegisterBenchmark(
        (name + (training ? "/training" : "/forward")).c_str(),
        [=, &most](benchmark::State& state) { measure<Layer, In>(state, most, extent, side * side, training); })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
}

}  // namespace

int main(int argc, char** argv) {
  const Ceilings most = [] {
    Cpu<float> dev(setting("UGATIT_THREADS", 0));
    return Ceilings::of(dev);
  }();
  add<ConvBlock<64, 7>, Map<3>>(most, "first", {1, 256, 256}, 256);
  add<ConvBlock<128, 3, 2>, Map<64>>(most, "down_1", {1, 256, 256}, 128);
  add<ConvBlock<256, 3, 2>, Map<128>>(most, "down_2", {1, 128, 128}, 64);
  add<ResBlock<256>, Map<256>>(most, "residual", {1, 64, 64}, 64);
  add<Cam<preset::pytorch::GeneratorCam, Relu>, Map<256>>(most, "attention", {1, 64, 64}, 64);
  add<AdaLINBlock<256>, Both<Map<256>, Style<256>>>(most, "adalin", {{1, 64, 64}, {{1, 1, 1}, {1, 1, 1}}}, 64);
  add<UpBlock<128>, Map<256>>(most, "up_1", {1, 64, 64}, 128);
  add<UpBlock<64>, Map<128>>(most, "up_2", {1, 128, 128}, 256);
  add<JudgeBlock<64, 2>, Map<3>>(most, "judge_1", {1, 256, 256}, 128);
  add<JudgeBlock<128, 2>, Map<64>>(most, "judge_2", {1, 128, 128}, 64);
  add<JudgeBlock<256, 2>, Map<128>>(most, "judge_3", {1, 64, 64}, 32);
  add<JudgeBlock<512, 1>, Map<256>>(most, "judge_last_local", {1, 32, 32}, 31);
  add<JudgeBlock<2048, 1>, Map<1024>>(most, "judge_last_global", {1, 8, 8}, 7);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
