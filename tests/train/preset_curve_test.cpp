// Ten iterations of each of the other presets against their transcriptions (tests/reference/ugatit_presets.py).
#include "golden.hpp"

using namespace ugatit;
using namespace ugatit::testing;

namespace {

constexpr Extent image{1, 32, 32};
constexpr Index iterations = 10;

template <class P, StyleFrom From>
NetworkSet<Cpu<double>> networks(Cpu<double>& dev) {
  using D = Cpu<double>;
  using Translator = ModelNetwork<Generator<4, 2, From, P>, D>;
  using Global = ModelNetwork<Discriminator<4, 5, P>, D>;
  using Local = ModelNetwork<Discriminator<4, 3, P>, D>;
  return {std::make_unique<Translator>(dev, image), std::make_unique<Translator>(dev, image),
          std::make_unique<Global>(dev, image),     std::make_unique<Local>(dev, image),
          std::make_unique<Global>(dev, image),     std::make_unique<Local>(dev, image)};
}

Images<Cpu<double>> image_of(Cpu<double>& dev, const std::vector<double>& batch, Index number) {
  const Images<Cpu<double>> x(dev, image);
  std::copy_n(batch.begin() + number * x.size(), x.size(), x.data());
  return x;
}

/// The largest relative difference of any loss in any iteration.
template <class P, StyleFrom From>
double deviation(const std::string& kind) {
  const Golden golden(std::string("preset_") + name_of(P::name) + "_curve_" + kind + ".safetensors");
  Cpu<double> dev(2);
  Trainer<Cpu<double>> trainer(dev, networks<P, From>(dev), {{}, {1e-4, iterations, true}, 1e-4, P::adam});
  trainer.each_network([&](const std::string& name, auto& network) {
    for (const auto& p : network.parameters()) golden.read_into(name + "." + p.name, p.w.data(), p.w.size());
  });
  const std::vector<double> a = golden.read("images/a"), b = golden.read("images/b"), exact = golden.read("losses");
  double worst = 0;
  std::size_t at = 0;
  for (Index iteration = 1; iteration <= iterations; ++iteration) {
    const LossTerms& terms = trainer.step(image_of(dev, a, iteration % 2), image_of(dev, b, iteration % 2));
    std::vector<double> row{terms.discriminators({}), terms.generators({})};
    for (const double value : terms.values()) row.push_back(value);
    for (const double value : row) {
      worst = std::max(worst, std::abs(value - exact.at(at)) / std::abs(exact.at(at)));
      ++at;
    }
  }
  REQUIRE(at == exact.size());
  return worst;
}

}  // namespace

TEMPLATE_TEST_CASE("a preset's loss curve is its transcription's", "[golden]", preset::tensorflow, preset::paddle) {
  CHECK(deviation<TestType, StyleFrom::average>("light") <= 1e-8);
  CHECK(deviation<TestType, StyleFrom::whole_map>("full") <= 1e-8);
}
