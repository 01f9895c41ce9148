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
  // What stays float there is as near as float is.
  compare_convolutions(dev, 1e-2);
  compare_small_layers(dev, 1e-5);
  compare_norms(dev, 1e-5);
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

TEST_CASE("Adam on outer products by kernels is the CPU's", "[cuda]") {
  const std::uint64_t seed = fresh_seed();
  INFO("seed " << seed);
  Random random(seed);
  const OuterGeometry g{4, 77, 3};
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

namespace {

// C channels: few go number by number, many in tiles.
template <Index C>
void check_packing(std::uint64_t seed, const PadGeometry& pad) {
  INFO(C << " channels, border " << static_cast<int>(pad.border) << ", seed " << seed);
  using D = OnHost<float>;
  Random random(seed);
  D dev;
  const Extent extent{2, 5, 7};
  const auto rounded = [](double x) { return to_float(to_bfloat16(static_cast<float>(x))); };
  const auto x = make_value<Map<C>>(dev, extent);
  write(dev, normal_numbers(random, x.size()), x.data());
  const auto padded = make_value<Map<C>>(dev, pad.out(extent));
  pad_forward(dev, pad, as_input(x), padded.view());
  const Index area = padded.extent().area();
  const BufferOf<bfloat16, D> packed(dev.arena(), padded.size());
  halves::pack(dev, pad, as_input(x), packed.data());
  const auto back = make_value<Map<C>>(dev, padded.extent());
  const Buffer<D> bias(dev.arena(), C);
  const std::vector<double> shifts = normal_numbers(random, C);
  write(dev, shifts, bias.data());
  halves::unpack(dev, packed.data(), bias.data(), back.view());
  const std::vector<double> right = read(dev, padded.data(), padded.size());
  const std::vector<double> ours = read(dev, back.data(), back.size());
  for (std::size_t i = 0; i < right.size(); ++i) {
    const std::size_t channel = i / static_cast<std::size_t>(area) % static_cast<std::size_t>(C);
    REQUIRE(ours[i] == static_cast<double>(rounded(right[i]) + static_cast<float>(shifts[channel])));
  }

  // The way back: what was packed, taken for a gradient.
  if (pad.border == Border::replicate) return;
  const auto folded = make_value<Map<C>>(dev, extent);
  halves::unpack_folded(dev, pad, packed.data(), folded.view());
  halves::unpack(dev, packed.data(), nullptr, back.view());
  const auto plain = make_value<Map<C>>(dev, extent);
  pad_backward(dev, pad, as_input(back), plain.view());
  CHECK(relative_l2(read(dev, folded.data(), folded.size()), read(dev, plain.data(), plain.size())) <= 1e-6);
}

}  // namespace

TEST_CASE("what is packed for tensor cores is the padded image, rounded", "[cuda]") {
  for (const Border border : {Border::zero, Border::reflect, Border::replicate}) {
    check_packing<1>(fresh_seed(), {1, border});
    check_packing<3>(fresh_seed(), {2, border, 1});
    check_packing<16>(fresh_seed(), {3, border});
    check_packing<17>(fresh_seed(), {1, border});
    check_packing<70>(fresh_seed(), {1, border, 1});
    check_packing<130>(fresh_seed(), {0, border});
  }
}

TEST_CASE("packed weights come back where they were, added", "[cuda]") {
  const std::uint64_t seed = fresh_seed();
  INFO("seed " << seed);
  Random random(seed);
  using D = OnHost<float>;
  D dev;
  struct Sizes {
    Index outputs, inputs, window;
  };
  for (const auto& [outputs, inputs, window] : {Sizes{5, 3, 16}, {9, 70, 9}, {8, 64, 16}, {10, 130, 1}, {3, 66, 49}}) {
    INFO(outputs << " outputs, " << inputs << " inputs, " << window << " taps");
    const Index size = outputs * inputs * window;
    const Buffer<D> w(dev.arena(), size);
    const Buffer<D> dw(dev.arena(), size);
    const BufferOf<bfloat16, D> packed(dev.arena(), size);
    write(dev, normal_numbers(random, size), w.data());
    write(dev, std::vector<double>(static_cast<std::size_t>(size), 1), dw.data());
    halves::pack_weights(dev, outputs, inputs, window, w.data(), packed.data());
    std::vector<bfloat16> host(static_cast<std::size_t>(packed.size()));
    copy_to_host(dev, packed.size(), static_cast<const bfloat16*>(packed.data()), host.data());
    const std::vector<double> right = read(dev, w.data(), size);
    // [O, K·K, I]
    for (Index o = 0; o < outputs; ++o) {
      for (Index k = 0; k < window; ++k) {
        for (Index i = 0; i < inputs; ++i) {
          const double number = right[static_cast<std::size_t>((o * inputs + i) * window + k)];
          REQUIRE(host[static_cast<std::size_t>((o * window + k) * inputs + i)].bits ==
                  to_bfloat16(static_cast<float>(number)).bits);
        }
      }
    }
    halves::add_weights(dev, outputs, inputs, window, packed.data(), dw.data());
    const std::vector<double> ours = read(dev, dw.data(), size);
    for (std::size_t i = 0; i < right.size(); ++i) {
      REQUIRE(ours[i] == static_cast<double>(1 + to_float(to_bfloat16(static_cast<float>(right[i])))));
    }
  }
}
