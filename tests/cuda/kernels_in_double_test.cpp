// The kernels of cuda/ compute in double precision what the CPU computes, to the last digits, run here without a GPU.
#include "every_layer.hpp"
#include "on_host.hpp"

using namespace ugatit;
using namespace ugatit::testing;

TEST_CASE("kernels in double precision equal the CPU's operations", "[cuda]") {
  OnHost<double> dev;
  compare_convolutions(dev, 1e-13);
  compare_small_layers(dev, 1e-13);
  compare_norms(dev, 1e-12);
  compare_blocks(dev, 1e-12);
  compare_wide_layers(dev, 1e-12);
  compare_networks(dev, 1e-10);
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
