// Whole networks against PyTorch with the same weights: images, CAM logits, heat maps, every gradient.
#include "check_network.hpp"

using namespace ugatit;
using namespace ugatit::testing;

namespace {

// The gradients in the files are stored as float32.
constexpr Tolerance double_to_float{1e-11, 1e-7};

template <class Model>
void check_both(const std::string& file, const Extent& extent, const std::string& image) {
  check_network<Model, double>(file, extent, image, double_to_float);
  check_network<Model, float>(file, extent, image, in_float);
}

}  // namespace

TEST_CASE("the light generator equals PyTorch's", "[golden]") {
  check_both<Generator<8, 4, StyleFrom::average>>("generator_light.safetensors", {2, 32, 32}, "image");
}

TEST_CASE("the full generator equals PyTorch's", "[golden]") {
  check_both<Generator<8, 4, StyleFrom::whole_map>>("generator_full.safetensors", {2, 32, 32}, "image");
}

TEST_CASE("the global discriminator equals PyTorch's", "[golden]") {
  check_both<Discriminator<4, 7>>("discriminator_7.safetensors", {1, 128, 128}, "logits");
}

TEST_CASE("the local discriminator equals PyTorch's", "[golden]") {
  check_both<Discriminator<8, 5>>("discriminator_5.safetensors", {2, 64, 64}, "logits");
}
