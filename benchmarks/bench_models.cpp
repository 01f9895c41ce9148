// Whole models: one forward pass, one training iteration. benchmarks/compare_cpu.py and compare_gpu.py run these beside
// PyTorch. Names: forward_light, forward_full, iteration_light, iteration_full, and the same with _bfloat16 at the end;
// on a GPU, where the build has CUDA, cuda_forward_light and so on, with _tf32 too.
//
// UGATIT_THREADS: number of threads (all), UGATIT_SIZE: side of the images (256), UGATIT_CH: channels (64), UGATIT_DIS:
// layers of the discriminators (6), UGATIT_BATCH: images at once (1), UGATIT_LOW_MEMORY: 1 for iterations in low
// memory. Counters: memory, images a second, GFLOP/s as in model_work.hpp, and on a CPU the share of ceilings.hpp.
#include "ceilings.hpp"
#include "model_work.hpp"
#include "networks/networks.hpp"
#include "setting.hpp"

#if defined(UGATIT_WITH_CUDA)
#include <ugatit/cuda.hpp>
#endif

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace ugatit;

ModelDescription model(bool light) {
  ModelDescription m;
  m.light = light;
  m.img_size = setting("UGATIT_SIZE", 256);
  m.ch = setting("UGATIT_CH", 64);
  m.n_dis = setting("UGATIT_DIS", 6);
  return m;
}

Extent batch_of(const ModelDescription& m) {
  return m.image(setting("UGATIT_BATCH", 1));
}

template <class D>
Images<D> random_images(D& dev, const Extent& extent) {
  Random random(1);
  Images<D> x(dev, extent);
  std::vector<typename D::Scalar> numbers(static_cast<std::size_t>(x.size()));
  for (auto& number : numbers) number = static_cast<typename D::Scalar>(random.symmetric(1));
  copy_from_host(dev, x.size(), numbers.data(), x.data());
  return x;
}

// Nothing runs on any more when it returns.
template <class D>
void wait_for(D& dev, const Images<D>& x) {
  typename D::Scalar first{};
  copy_to_host(dev, 1, x.data(), &first);
  benchmark::DoNotOptimize(first);
}

// What multiplying is at most, on a CPU.
template <class D>
Ceilings ceilings_of([[maybe_unused]] D& dev) {
  if constexpr (std::is_same_v<D, Cpu<float>>) {
    static const double flop = most_flop(dev);
    return {flop, 0};
  } else {
    return {};
  }
}

// The counters of passes over a batch, of so many operations for each of its images.
template <class D>
void report(benchmark::State& state, const LoopTime& time, const Ceilings& most, D& dev, double flop_of_image) {
  state.counters["arena_peak_GB"] = static_cast<double>(dev.arena().peak()) / 1e9;
  if constexpr (requires { dev.reserved(); }) state.counters["memory_GB"] = static_cast<double>(dev.reserved()) / 1e9;
  const double images = setting("UGATIT_BATCH", 1);
  state.counters["images_a_second"] = benchmark::Counter(images, benchmark::Counter::kIsIterationInvariantRate);
  time.report(state, most, {images * flop_of_image, 0});
}

template <class D>
void forward(benchmark::State& state, const std::unique_ptr<D>& device, bool light) {
  D& dev = *device;
  const Ceilings most = ceilings_of(dev);
  const InMode<D> inference(dev, Mode::infer());
  const ModelDescription m = model(light);
  const auto generator = examples::make_generator(dev, m, m.image());
  Random random(2);
  generator->initialise(random);
  Unchanged<D> weights(dev);
  weights.hold(generator->parameters());
  const Images<D> x = random_images(dev, batch_of(m));
  // The first one takes the memory, the second what is kept of the weights.
  for (int pass = 0; pass < 2; ++pass) wait_for(dev, generator->forward(x).image());
  const LoopTime time;
  for (auto _ : state) wait_for(dev, generator->forward(x).image());
  report(state, time, most, dev, flop_of_generator(m));
}

template <class D>
void iteration(benchmark::State& state, const std::unique_ptr<D>& device, bool light) {
  D& dev = *device;
  const Ceilings most = ceilings_of(dev);
  const ModelDescription m = model(light);
  TrainingSettings settings;
  if (setting("UGATIT_LOW_MEMORY", 0) == 1) settings.memory = Memory::low;
  Trainer<D> trainer(dev, examples::make_networks(dev, m), settings);
  trainer.initialise(1);
  const Images<D> a = random_images(dev, batch_of(m));
  const Images<D> b = random_images(dev, batch_of(m));
  trainer.step(a, b);  // the first one takes the memory
  trainer.start(a, b);
  const LoopTime time;
  for (auto _ : state) {  // as a training does: the device has the next iteration before this one is looked at
    trainer.start(a, b);
    trainer.finish();
  }
  report(state, time, most, dev, flop_of_iteration(m));
  trainer.finish();
}

// `make()` gives a device.
template <class Make>
void add(const std::string& before, const std::string& after, const Make& make) {
  for (const bool light : {true, false}) {
    const std::string kind = (light ? "_light" : "_full") + after;
    const auto add_one = [&](const std::string& name, auto run) {
      benchmark::RegisterBenchmark((before + name + kind).c_str(),
                                   [=](benchmark::State& state) { run(state, make(), light); })
          ->Unit(benchmark::kMillisecond)
          ->UseRealTime();
    };
    add_one("forward", [](auto& state, const auto& device, bool is_light) { forward(state, device, is_light); });
    add_one("iteration", [](auto& state, const auto& device, bool is_light) { iteration(state, device, is_light); });
  }
}

#if defined(UGATIT_WITH_CUDA)
template <class T>
std::unique_ptr<Cuda<T>> card() {
  auto device = std::make_unique<Cuda<T>>();
  device->benchmark = setting("UGATIT_CUDNN_BENCHMARK", 1) == 1;
  return device;
}
#endif

void register_all() {
  const auto cpu = [](Products products) {
    auto device = std::make_unique<Cpu<float>>(setting("UGATIT_THREADS", 0));
    device->products = products;
    return device;
  };
  add("", "", [=] { return cpu(Products::own); });
  add("", "_bfloat16", [=] { return cpu(Products::bfloat16); });
#if defined(UGATIT_WITH_CUDA)
  if (!gpu::is_present()) return;
  add("cuda_", "", card<float>);
  add("cuda_", "_tf32", card<tf32>);
  add("cuda_", "_bfloat16", card<bfloat16>);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  register_all();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
