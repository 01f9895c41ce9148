// Whole models: one forward pass, one training iteration. benchmarks/compare_cpu.py runs these beside PyTorch.
//
// UGATIT_THREADS: number of threads (all), UGATIT_SIZE: side of the images (256), UGATIT_CH: channels (64), UGATIT_DIS:
// layers of the discriminators (6).
#include "networks/networks.hpp"
#include "setting.hpp"

#include <benchmark/benchmark.h>

#include <string>

namespace {

using namespace ugatit;
using Device = Cpu<float>;

ModelDescription model(bool light) {
  ModelDescription m;
  m.light = light;
  m.img_size = setting("UGATIT_SIZE", 256);
  m.ch = setting("UGATIT_CH", 64);
  m.n_dis = setting("UGATIT_DIS", 6);
  return m;
}

Images<Device> random_images(Device& dev, const Extent& extent) {
  Random random(1);
  Images<Device> x(dev, extent);
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(random.symmetric(1));
  return x;
}

void report_memory(benchmark::State& state, Device& dev) {
  state.counters["arena_peak_GB"] = static_cast<double>(dev.arena().peak()) / 1e9;
}

void forward(benchmark::State& state, bool light) {
  Device dev(setting("UGATIT_THREADS", 0));
  dev.mode = Mode::infer();
  const ModelDescription m = model(light);
  const auto generator = examples::make_generator(dev, m, m.image());
  Random random(2);
  generator->initialise(random);
  const Images<Device> x = random_images(dev, m.image());
  benchmark::DoNotOptimize(generator->forward(x).image().data());  // the first one takes the memory
  for (auto _ : state) benchmark::DoNotOptimize(generator->forward(x).image().data());
  report_memory(state, dev);
}

void iteration(benchmark::State& state, bool light) {
  Device dev(setting("UGATIT_THREADS", 0));
  const ModelDescription m = model(light);
  Trainer<Device> trainer(dev, examples::make_networks(dev, m), {});
  trainer.initialise(1);
  const Images<Device> a = random_images(dev, m.image());
  const Images<Device> b = random_images(dev, m.image());
  trainer.step(a, b);  // the first one takes the memory
  for (auto _ : state) trainer.step(a, b);
  report_memory(state, dev);
}

BENCHMARK_CAPTURE(forward, light, true)->Name("forward_light")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(forward, full, false)->Name("forward_full")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(iteration, light, true)->Name("iteration_light")->Unit(benchmark::kMillisecond)->UseRealTime();
BENCHMARK_CAPTURE(iteration, full, false)->Name("iteration_full")->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace

BENCHMARK_MAIN();
