// Averages of the generators' weights.
#include "golden.hpp"
#include "train/small_networks.hpp"

#include <atomic>

using namespace ugatit;
using namespace ugatit::testing;

extern std::atomic<long> heap_allocations;

namespace {

using D = Cpu<float>;
constexpr Extent extent{1, 24, 32};

std::vector<float> weights_of(const Network<D, 3>& network) {
  std::vector<float> all;
  for (const Parameter<D>& p : network.parameters()) all.insert(all.end(), p.w.data(), p.w.data() + p.w.size());
  return all;
}

}  // namespace

TEST_CASE("averages are d times the average and the rest of the weights, d growing to the decay", "[train]") {
  D dev(2);
  Trainer<D> trainer(dev, small_networks(dev, extent), {{}, {1e-2, 100, false}, 1e-4});
  NetworkSet<D> others = small_networks(dev, extent);
  constexpr double decay = 0.3;
  trainer.keep_averages(std::move(others.a2b), std::move(others.b2a), decay);
  trainer.initialise(1);
  Random random(2);
  const auto a = random_value<Map<3>>(dev, extent, random);
  const auto b = random_value<Map<3>>(dev, extent, random);
  const std::vector<float> start = weights_of(trainer.networks().a2b);
  CHECK(weights_of(trainer.translators().a2b) == start);
  std::vector<double> expected(start.begin(), start.end());
  for (const double d : {2.0 / 11, 3.0 / 12, decay, decay}) {
    trainer.step(a, b);
    const std::vector<float> now = weights_of(trainer.networks().a2b);
    for (std::size_t i = 0; i < now.size(); ++i) expected[i] = d * expected[i] + (1 - d) * double{now[i]};
  }
  const std::vector<float> average = weights_of(trainer.translators().a2b);
  CHECK(average != weights_of(trainer.networks().a2b));
  double worst = 0;
  for (std::size_t i = 0; i < average.size(); ++i) worst = std::max(worst, std::abs(average[i] - expected[i]));
  CHECK(worst < 1e-6);
}

TEST_CASE("averages touch neither the heap nor the weights", "[train]") {
  const auto train = [](bool averages) {
    D dev(2);
    Trainer<D> trainer(dev, small_networks(dev, extent), {});
    NetworkSet<D> others = small_networks(dev, extent);
    if (averages) trainer.keep_averages(std::move(others.a2b), std::move(others.b2a), 0.999);
    trainer.initialise(1);
    Random random(2);
    const auto a = random_value<Map<3>>(dev, extent, random);
    const auto b = random_value<Map<3>>(dev, extent, random);
    trainer.step(a, b);
    const long before = heap_allocations;
    for (int i = 0; i < 3; ++i) trainer.step(a, b);
    CHECK(heap_allocations - before == 0);
    return weights_of(trainer.networks().a2b);
  };
  CHECK(train(true) == train(false));
}
