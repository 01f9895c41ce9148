// The kernels of cuda/ compute what the CPU computes, run here without a GPU.
#include "on_host.hpp"

#include "compare_training.hpp"
#include "every_layer.hpp"

using namespace ugatit;
using namespace ugatit::testing;

static_assert(Device<OnHost<float>> && PadsBorders<OnHost<float>> && Convolves<OnHost<float>> &&
              MultipliesVectors<OnHost<float>> && Normalises<OnHost<float>> && Activates<OnHost<float>> &&
              Pools<OnHost<float>> && Resamples<OnHost<float>> && AddsElements<OnHost<float>> &&
              FoldsAttention<OnHost<float>> && NormalisesSpectra<OnHost<float>> && SmoothsRho<OnHost<float>> &&
              ScalesByClassifier<OnHost<float>> && MeasuresLosses<OnHost<float>> && StepsAdam<OnHost<float>> &&
              StepsOuterAdam<OnHost<float>> && NormalisesSets<OnHost<float>> && SwitchesNorms<OnHost<float>> &&
              SumsSquares<OnHost<float>> && AveragesNumbers<OnHost<float>> && UnfoldsWindows<OnHost<float>>);
static_assert(Device<OnHost<bfloat16>>);
static_assert(std::derived_from<On<Then<InstanceNorm, Relu>, Map<8>, OnHost<bfloat16>>,
                                InstanceNorm::On<Map<8>, OnHost<bfloat16>, ThenRelu::yes>>);

TEST_CASE("kernels in double precision equal the CPU's operations", "[cuda]") {
  OnHost<double> dev;
  compare_convolutions(dev, 1e-13);
  compare_small_layers(dev, 1e-13);
  compare_norms(dev, 1e-12);
  compare_blocks(dev, 1e-12);
  compare_wide_layers(dev, 1e-12);
  compare_networks(dev, 1e-10);
}

TEST_CASE("kernels in single precision are near", "[cuda]") {
  OnHost<float> dev;
  compare_convolutions(dev, 1e-5);
  compare_small_layers(dev, 1e-5);
  compare_norms(dev, 1e-5);
  compare_blocks(dev, 1e-5);
}

TEST_CASE("kernels on images in bfloat16 are within a hundredth", "[cuda]") {
  OnHost<bfloat16> dev;
  compare_wide_layers(dev, 1e-2);
  compare_convolutions(dev, 1e-2);
  // What stays float there is as near as float is.
  compare_small_layers(dev, 1e-5);
  compare_norms(dev, 1e-5);
}

TEST_CASE("teams of many threads compute what one does", "[cuda][teams]") {
  OnHost<bfloat16> half;
  half.team = 64;
  compare_wide_layers(half, 1e-2);
  OnHost<float> single;
  single.team = 64;
  compare_convolutions(single, 1e-5);
  compare_small_layers(single, 1e-5);
  compare_norms(single, 1e-5);
  compare_blocks(single, 1e-5);
}

TEST_CASE("a training by kernels is the CPU's, and no other code touches the device's memory", "[cuda]") {
  const std::uint64_t seed = fresh_seed() >> 1U;
  INFO("seed " << seed);
  OnHost<double> dev;
  for (const GanType type : {GanType::lsgan, GanType::wgan_gp, GanType::dragan, GanType::hinge}) {
    INFO("adversarial loss " << static_cast<int>(type));
    CHECK(compare_training(dev, seed, type) <= 1e-8);
  }
  CHECK(resumes_exactly(dev, seed, GanType::wgan_lp));
}

TEST_CASE("so is one of images in bfloat16, as far as they reach", "[cuda]") {
  const std::uint64_t seed = fresh_seed() >> 1U;
  INFO("seed " << seed);
  OnHost<bfloat16> dev;
  for (const GanType type : {GanType::lsgan, GanType::wgan_gp}) {
    INFO("adversarial loss " << static_cast<int>(type));
    CHECK(compare_training(dev, seed, type) <= 3e-2);
  }
  CHECK(resumes_exactly(dev, seed));
}

template <class T>
LossCurve losses_with_late_streams(std::uint64_t seed, GanType type, bool late) {
  using Streams = typename OnHost<T>::Streams;
  Streams::chance().seed(static_cast<unsigned>(seed));
  const GuardedMemory::Reach all_along;  // many times faster
  OnHost<T> dev;
  SmallTraining<OnHost<T>> training(dev, seed, type);
  Streams::are_late() = late;
  const LossCurve losses = training.train(3);
  Streams::are_late() = false;
  return losses;
}

TEST_CASE("streams wait for all that they need, in whatever order they run", "[cuda]") {
  const std::uint64_t seed = fresh_seed() >> 1U;
  INFO("seed " << seed);
  for (const GanType type : {GanType::lsgan, GanType::wgan_gp}) {
    INFO("adversarial loss " << static_cast<int>(type));
    CHECK(losses_with_late_streams<double>(seed, type, true) == losses_with_late_streams<double>(seed, type, false));
    CHECK(losses_with_late_streams<bfloat16>(seed, type, true) ==
          losses_with_late_streams<bfloat16>(seed, type, false));
  }
}

TEST_CASE("what no graph can be recorded of is found without a GPU", "[cuda]") {
  using Streams = HostStreams<GuardedMemory>;
  Streams::Queue first(0);
  Streams::Queue second(0);
  Streams::Event fork;
  Streams::Event join;
  Streams::Event early;
  early.record(first);
  const Streams::Recording recording(first);
  CHECK_THROWS_WITH(second.put([] {}), "work beside a graph that is recorded");
  CHECK_THROWS_WITH(early.before(first), "a graph that is recorded waits for something before it");
  CHECK_THROWS_WITH(first.finish(), "a graph that is recorded waits for its work");
  fork.record(first);
  fork.before(second);
  CHECK_THROWS_WITH(recording.end(), "a stream of a graph is not joined");
  join.record(second);
  join.before(first);
  CHECK_NOTHROW(recording.end());
  second.put([] {});
  CHECK_THROWS_WITH(recording.end(), "a stream of a graph is not joined");
}

TEST_CASE("Adam on outer products by kernels is the CPU's", "[cuda]") {
  const std::uint64_t seed = fresh_seed();
  INFO("seed " << seed);
  Random random(seed);
  const OuterGeometry g{4, 20011, 6};  // more columns than a stretch, more products than a thread holds
  const std::vector<double> dy = normal_numbers(random, g.count * g.rows);
  const std::vector<double> x = normal_numbers(random, g.count * g.columns);
  const std::vector<double> start = normal_numbers(random, g.rows * g.columns);
  AdamRates rates;
  rates.step = 4;
  const auto run = [&](auto& dev) {
    using Device = std::remove_reference_t<decltype(dev)>;
    const auto put = [&](const std::vector<double>& numbers) {
      Buffer<Device> memory(dev.arena(), static_cast<Index>(numbers.size()));
      write(dev, numbers, memory.data());
      return memory;
    };
    const auto of_dy = put(dy);
    const auto of_x = put(x);
    const auto w = put(start);
    const auto m = put(std::vector<double>(start.size(), 0.5));
    const auto v = put(std::vector<double>(start.size(), 0.25));
    const BufferOf<double, Device> slot(dev.arena(), 1);
    outer_square_sum(dev, g, as_input(of_dy), as_input(of_x), slot.data());
    const BufferOf<AdamFactors<double>, Device> factors(dev.arena(), 1);
    const AdamFactors<double> host_factors(rates);
    copy_from_host(dev, 1, &host_factors, factors.data());
    const BufferOf<double, Device> allowed(dev.arena(), 1);
    allow_if_finite(dev, 1, static_cast<const double*>(slot.data()), nullptr, allowed.data());
    outer_adam_step(dev, {factors.data(), allowed.data()}, g, as_input(of_dy), as_input(of_x),
                    {w.data(), nullptr, m.data(), v.data(), w.size(), true, true});
    std::vector<double> all(1);
    copy_to_host(dev, 1, slot.data(), all.data());
    for (const auto* memory : {&w, &m, &v}) {
      const std::vector<double> numbers = read(dev, memory->data(), memory->size());
      all.insert(all.end(), numbers.begin(), numbers.end());
    }
    return all;
  };
  OnHost<double> dev;
  Cpu<double> reference(1);
  CHECK(relative_l2(run(dev), run(reference)) <= 1e-14);
}

TEST_CASE("a sum of many squares is the same in pieces", "[cuda]") {
  const std::uint64_t seed = fresh_seed();
  INFO("seed " << seed);
  Random random(seed);
  OnHost<float> dev;
  for (const Index size : {Index{1}, Index{8191}, Index{100003}}) {
    const std::vector<double> numbers = normal_numbers(random, size);
    const Buffer<OnHost<float>> x(dev.arena(), size);
    const BufferOf<double, OnHost<float>> slot(dev.arena(), 1);
    write(dev, numbers, x.data());
    square_sum(dev, size, x.data(), slot.data());
    double sum = 0;
    copy_to_host(dev, 1, slot.data(), &sum);
    double right = 0;
    for (const double number : numbers) {
      const auto rounded = static_cast<float>(number);
      right += static_cast<double>(rounded) * static_cast<double>(rounded);
    }
    CHECK(std::abs(sum - right) <= 1e-12 * right);
  }
}
