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

void forward(benchmark::State& state, bool light, Products products) {
  Device dev(setting("UGATIT_THREADS", 0));
  dev.mode = Mode::infer();
  dev.products = products;
  const ModelDescription m = model(light);
  const auto generator = examples::make_generator(dev, m, m.image());
  Random random(2);
  generator->initialise(random);
  const Images<Device> x = random_images(dev, m.image());
  benchmark::DoNotOptimize(generator->forward(x).image().data());  // the first one takes the memory
  for (auto _ : state) benchmark::DoNotOptimize(generator->forward(x).image().data());
  report_memory(state, dev);
}

void iteration(benchmark::State& state, bool light, Products products) {
  Device dev(setting("UGATIT_THREADS", 0));
  dev.products = products;
  const ModelDescription m = model(light);
  Trainer<Device> trainer(dev, examples::make_networks(dev, m), {});
  trainer.initialise(1);
  const Images<Device> a = random_images(dev, m.image());
  const Images<Device> b = random_images(dev, m.image());
  trainer.step(a, b);  // the first one takes the memory
  for (auto _ : state) trainer.step(a, b);
  report_memory(state, dev);
}

void register_all() {
  for (const bool light : {true, false}) {
    for (const auto& [end, products] : {std::pair{"", Products::own}, std::pair{"_bfloat16", Products::bfloat16}}) {
      const std::string kind = (light ? "_light" : "_full") + std::string(end);
      const auto add = [&, products = products](const std::string& name, auto* run) {
        benchmark::RegisterBenchmark((name + kind).c_str(), run, light, products)
            ->Unit(benchmark::kMillisecond)
            ->UseRealTime();
      };
      add("forward", forward);
      add("iteration", iteration);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  register_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
