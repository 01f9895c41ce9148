// The generator with other norms than its own: gradients, names, and state that goes through files.
#include "check_layer.hpp"

#include <ugatit/train/weights.hpp>
#include <ugatit/ugatit.hpp>

#include <algorithm>
#include <unistd.h>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

template <class Norm, Index Ch = 3>
using Ablated = Generator<Ch, 2, StyleFrom::average, DecoderNorm<Norm>>;

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

TEST_CASE("the generator has right gradients with every norm", "[gradient]") {
  const Extent image{2, 12, 16};
  CHECK_SOME_GRADIENTS(2, image, Ablated<InstanceNorm2d<Affine::yes>>, Map<3>);
  CHECK_SOME_GRADIENTS(2, image, Ablated<LayerNorm>, Map<3>);
  CHECK_SOME_GRADIENTS(2, image, Ablated<GroupNorm<3>>, Map<3>);
  CHECK_SOME_GRADIENTS(2, image, Ablated<BatchNorm>, Map<3>);
  CHECK_SOME_GRADIENTS(2, image, Ablated<SwitchableNorm>, Map<3>);
}

TEST_CASE("parameters of a generator's norms have names of their own", "[names]") {
  const std::vector<std::string> names = Ablated<BatchNorm>::names();
  for (const std::string field : {"weight", "bias", "running_mean", "running_var"}) {
    CHECK(has(names, "UpBlock1_2.norm1." + field));
    CHECK(has(names, "UpBlock2.8." + field));
  }
  CHECK_FALSE(has(names, "UpBlock1_2.norm1.rho"));
  CHECK(field_names<ILN, Map<2>>() == std::vector<std::string>{"rho", "gamma", "beta"});
  CHECK(field_names<AdaLIN, Both<Map<2>, Style<2>>>() == std::vector<std::string>{"rho"});
}

TEST_CASE("running statistics go through a file", "[state]") {
  using D = Cpu<float>;
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("ugatit_norms_" + std::to_string(getpid()) + ".safetensors");
  const Extent image{2, 16, 16};
  D dev(1);
  Random random(fresh_seed());
  ModelNetwork<Ablated<BatchNorm>, D> trained(dev, image);
  trained.initialise(random);
  const auto x = random_value<Map<3>>(dev, image, random);
  for (int pass = 0; pass < 3; ++pass) trained.forward(x);
  write_generator(file, {3, 2, 6, 16, true}, "genA2B", trained);

  ModelNetwork<Ablated<BatchNorm>, D> read(dev, image);
  read_network(open_weights(file), "genA2B", read);
  std::filesystem::remove(file);
  dev.mode = Mode::infer();
  const std::vector<double> translation = flatten(trained.forward(x).image());
  CHECK(flatten(read.forward(x).image()) == translation);
  for (const Parameter<D>& p : read.parameters()) {
    if (p.name == "UpBlock2.3.running_mean") CHECK(p.w.data()[0] != 0.0F);
  }
}
