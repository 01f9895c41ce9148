// Trainings by the kernels of cuda/, run here without a GPU.
#include "../catch.hpp"
#include "compare_training.hpp"
#include "kept_gradients.hpp"
#include "on_host.hpp"

using namespace ugatit;
using namespace ugatit::testing;

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

TEST_CASE("a discriminator learns the same of a gradient in parts", "[cuda]") {
  check_kept_gradients<OnHost>(fresh_seed() >> 1U);
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
