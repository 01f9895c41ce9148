// The kernels of cuda/ compute what the CPU computes, run here without a GPU.
#include "every_layer.hpp"
#include "on_host.hpp"

using namespace ugatit;
using namespace ugatit::testing;

static_assert(Device<OnHost<float>> && PadsBorders<OnHost<float>> && Convolves<OnHost<float>> &&
              MultipliesVectors<OnHost<float>> && Normalises<OnHost<float>> && Activates<OnHost<float>> &&
              Pools<OnHost<float>> && Resamples<OnHost<float>> && AddsElements<OnHost<float>> &&
              FoldsAttention<OnHost<float>> && NormalisesSpectra<OnHost<float>> && SmoothsRho<OnHost<float>> &&
              ScalesByClassifier<OnHost<float>> && MeasuresLosses<OnHost<float>> && StepsAdam<OnHost<float>> &&
              StepsOuterAdam<OnHost<float>> && NormalisesSets<OnHost<float>> && SwitchesNorms<OnHost<float>> &&
              SumsSquares<OnHost<float>> && AveragesNumbers<OnHost<float>> && UnfoldsWindows<OnHost<float>>);
static_assert(Device<OnHost<bfloat16>> && Device<OnHost<tf32>>);
static_assert(std::derived_from<On<Then<InstanceNorm, Relu>, Map<8>, OnHost<bfloat16>>,
                                InstanceNorm::On<Map<8>, OnHost<bfloat16>, ThenRelu::yes>>);

// A border is laid by what comes before the convolution, also where they are in different parts of a chain.
using Bordered = combinators::ThenBorder<InstanceNorm, Relu, PadGeometry{1, Border::reflect}>;
template <class Layers, class First, class Second, class D>
inline constexpr bool is_chain_of =
    std::derived_from<On<Layers, Map<8>, D>, combinators::OneAfterTheOther<First, Second, Map<8>, D>>;
static_assert(is_chain_of<Sequential<InstanceNorm, Relu, PadConv<16, 3>>, Bordered, Conv2d<16, 3>, OnHost<tf32>>);
static_assert(is_chain_of<Sequential<ConvBlock<8, 3>, ConvBlock<16, 3, 2>>, Then<PadConv<8, 3>, Bordered>,
                          Sequential<Conv2d<16, 3, 2>, InstanceNorm, Relu>, OnHost<bfloat16>>);
static_assert(
    is_chain_of<Sequential<InstanceNorm, Relu, PadConv<16, 3>>, Then<InstanceNorm, Relu>, PadConv<16, 3>, Cpu<float>>);
using JudgeBordered =
    combinators::ThenBorder<SpectralNorm<PadConv<8, 4, 2, Bias::yes>>, LeakyRelu<20>, PadGeometry{1, Border::reflect}>;
static_assert(
    is_chain_of<Sequential<JudgeBlock<8, 2, preset::pytorch>, JudgeBlock<16, 1, preset::pytorch>>, JudgeBordered,
                Sequential<SpectralNorm<Conv2d<16, 4, 1, Bias::yes>>, LeakyRelu<20>>, OnHost<bfloat16>>);

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

TEST_CASE("kernels on images of which channels are last are near if they round nothing", "[cuda]") {
  OnHost<tf32> dev;
  compare_convolutions(dev, 1e-5);
  compare_wide_layers(dev, 1e-3);  // where a thread is alone, its sums, which are float's, are long
}

TEST_CASE("teams of many threads compute what one does", "[cuda][teams]") {
  OnHost<tf32> last;
  last.team = 64;
  compare_wide_layers(last, 1e-4);
  OnHost<float> single;
  single.team = 64;
  compare_convolutions(single, 1e-5);
  compare_small_layers(single, 1e-5);
  compare_norms(single, 1e-5);
  compare_blocks(single, 1e-5);
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
