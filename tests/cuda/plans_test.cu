// cuDNN has plans on tensor cores for all convolutions of the models, found by our own code for its graph API, for GPUs
// that are not here: it takes descriptions of them.
#include "../catch.hpp"
#include "described_gpus.hpp"

#include <ugatit/cuda.hpp>

using namespace ugatit;
using namespace ugatit::testing;

#if CUDNN_VERSION >= 90800

namespace {

// A convolution of images of side `size`, whose numbers are X, to some whose are Y.
template <class X, class Y>
void check_convolution(const cudnn::PlanTarget& target, Products products, const Conv2dGeometry& g, Index size) {
  for (const Index batch : {1, 2}) {
    const Extent in{batch, size, size};
    const Extent out = g.out(in);
    INFO(g.in_channels << " to " << g.out_channels << " channels, window " << g.kernel << ", stride " << g.stride
                       << ", side " << size << ", batch " << batch);
    const ConvolutionSizes sizes =
        cudnn::sizes_on_tensor_cores(g, View<const X>{nullptr, batch, g.in_channels, in.height, in.width},
                                     View<const Y>{nullptr, batch, g.out_channels, out.height, out.width}, products);
    using cudnn::Direction;
    for (const Direction direction : {Direction::forward, Direction::backward_input, Direction::backward_weight}) {
      INFO("direction " << static_cast<int>(direction));
      CHECK(!cudnn::execution_plans(target, sizes, direction, 1).empty());
    }
  }
}

// Those of the models for images of 256×256 and 64 channels.
template <class E>
void check_models(const cudnn::PlanTarget& target) {
  constexpr Products products = gpu::products<E>;
  const auto reflect = [](Index border) { return PadGeometry{border, Border::reflect}; };
  const auto wide = [&](Index in, Index out, Index kernel, Index stride, Index size) {
    check_convolution<E, E>(target, products, {in, out, kernel, stride, reflect(kernel > 1 ? 1 : 0)}, size);
  };
  // generator
  check_convolution<float, E>(target, products, {3, 64, 7, 1, reflect(3)}, 256);
  wide(64, 128, 3, 2, 256);
  wide(128, 256, 3, 2, 128);
  wide(256, 256, 3, 1, 64);
  wide(256, 256, 1, 1, 64);
  wide(256, 128, 3, 1, 128);
  wide(128, 64, 3, 1, 256);
  check_convolution<E, float>(target, products, {64, 3, 7, 1, reflect(3)}, 256);
  // discriminators
  check_convolution<float, E>(target, products, {3, 64, 4, 2, reflect(1)}, 256);
  wide(64, 128, 4, 2, 128);
  wide(128, 256, 4, 2, 64);
  wide(256, 512, 4, 1, 32);
  wide(512, 512, 1, 1, 31);
  check_convolution<E, float>(target, products, {512, 1, 4, 1, reflect(1)}, 31);
  wide(256, 512, 4, 2, 32);
  wide(512, 1024, 4, 2, 16);
  wide(1024, 2048, 4, 1, 8);
  wide(2048, 2048, 1, 1, 7);
  check_convolution<E, float>(target, products, {2048, 1, 4, 1, reflect(1)}, 7);
}

}  // namespace

TEST_CASE("cuDNN has plans on tensor cores for all convolutions of the models") {
  for (const DescribedGpu& gpu : described_gpus) {
    INFO(gpu.name);
    const cudnn::PlanTarget target(description_of(gpu));
    check_models<bfloat16>(target);
    check_models<tf32>(target);
  }
}

TEST_CASE("what describes no GPU is refused") {
  CHECK_THROWS_AS(cudnn::PlanTarget(std::string_view("{}")), Error);
}

#else

TEST_CASE("only cuDNN 9.8 and later can be told of a GPU that is not here") {
  SUCCEED("this is an older one");
}

#endif
