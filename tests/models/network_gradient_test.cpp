// Both generators and both discriminators, whole, pass the gradient checker.
#include "check_layer.hpp"

#include <ugatit/ugatit.hpp>

using namespace ugatit;

namespace {

constexpr Index looks = 3;  // at each field: every look costs six passes

}  // namespace

TEST_CASE("the light generator has right gradients", "[gradient]") {
  CHECK_SOME_GRADIENTS(looks, (Extent{2, 16, 12}), Generator<3, 2, StyleFrom::average>, Map<3>);
}

TEST_CASE("the full generator has right gradients", "[gradient]") {
  CHECK_SOME_GRADIENTS(looks, (Extent{2, 16, 16}), Generator<3, 2, StyleFrom::whole_map>, Map<3>);
}

TEST_CASE("the global discriminator has right gradients", "[gradient]") {
  CHECK_SOME_GRADIENTS(looks, (Extent{1, 128, 128}), Discriminator<1, 7>, Map<3>);
}

TEST_CASE("the local discriminator has right gradients", "[gradient]") {
  CHECK_SOME_GRADIENTS(looks, (Extent{2, 32, 40}), Discriminator<2, 5>, Map<3>);
}

TEST_CASE("generators of the other presets have right gradients", "[gradient]") {
  CHECK_SOME_GRADIENTS(looks, (Extent{2, 16, 12}), Generator<3, 2, StyleFrom::average, preset::tensorflow>, Map<3>);
  CHECK_SOME_GRADIENTS(looks, (Extent{2, 16, 16}), Generator<3, 2, StyleFrom::whole_map, preset::tensorflow>, Map<3>);
  CHECK_SOME_GRADIENTS(looks, (Extent{2, 16, 12}), Generator<3, 2, StyleFrom::average, preset::paddle>, Map<3>);
}
