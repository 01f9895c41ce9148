// The networks of the other presets against their transcriptions (tests/reference/ugatit_presets.py).
#include "check_network.hpp"

using namespace ugatit;
using namespace ugatit::testing;

namespace {

constexpr Tolerance tolerance{1e-10, 1e-9};

template <class P>
void check_preset() {
  const std::string prefix = std::string("preset_") + name_of(P::name) + "_";
  check_network<Generator<4, 2, StyleFrom::average, P>, double>(prefix + "generator_light.safetensors", {2, 32, 32},
                                                                "image", tolerance);
  check_network<Generator<4, 2, StyleFrom::whole_map, P>, double>(prefix + "generator_full.safetensors", {2, 32, 32},
                                                                  "image", tolerance);
  check_network<Discriminator<4, 5, P>, double>(prefix + "discriminator.safetensors", {2, 48, 48}, "logits", tolerance);
}

}  // namespace

TEST_CASE("networks of the preset tensorflow equal their transcription", "[golden]") {
  check_preset<preset::tensorflow>();
}

TEST_CASE("networks of the preset paddle equal their transcription", "[golden]") {
  check_preset<preset::paddle>();
}

TEST_CASE("kernels and biases start as their preset's code has them start", "[preset]") {
  using D = Cpu<float>;
  D dev(1);
  const auto start_of = [&]<class P>(P, const std::string& name) {
    const ModelNetwork<Generator<4, 2, StyleFrom::average, P>, D> network(dev, {1, 32, 32});
    for (const Parameter<D>& p : network.parameters()) {
      if (p.name == name) return p.w.start;
    }
    throw Error("no " + name);
  };
  const auto is = [](const Start& start, Start::Kind kind, double value) {
    return start.kind == kind && std::abs(start.value - value) < 1e-12;
  };
  using Kind = Start::Kind;
  CHECK(is(start_of(preset::pytorch{}, "DownBlock.1.weight"), Kind::uniform, 1 / std::sqrt(3.0 * 49)));
  CHECK(is(start_of(preset::tensorflow{}, "DownBlock.1.weight"), Kind::normal, 0.02));
  CHECK(is(start_of(preset::tensorflow{}, "DownBlock.1.bias"), Kind::constant, 0));
  CHECK(is(start_of(preset::tensorflow{}, "DownBlock.2.weight"), Kind::constant, 1));
  CHECK(is(start_of(preset::tensorflow{}, "UpBlock1_1.norm1.rho"), Kind::constant, 1));
  CHECK(is(start_of(preset::tensorflow{}, "UpBlock2.3.rho"), Kind::constant, 0));
  CHECK(is(start_of(preset::paddle{}, "DownBlock.1.weight"), Kind::normal, std::sqrt(2 / (3.0 * 49))));
  CHECK(is(start_of(preset::paddle{}, "gap_fc.weight"), Kind::uniform, std::sqrt(6 / 17.0)));
  CHECK(is(start_of(preset::paddle{}, "conv1x1.bias"), Kind::constant, 0));
  CHECK(is(start_of(preset::paddle{}, "UpBlock1_1.norm1.rho"), Kind::constant, 0.9));
}
