// A GPU computes what the CPU computes, in every precision that convolutions can multiply in. Trainings are a source of
// their own, since a kernel that several sources have must work in all of them.
#include "convolved_gradients.hpp"
#include "every_layer.hpp"
#include "packed_adam.hpp"

#include <ugatit/cuda.hpp>

using namespace ugatit;
using namespace ugatit::testing;

TEST_CASE("operations on the GPU equal the CPU's", "[gpu]") {
  Cuda<float> dev;
  compare_convolutions(dev, 1e-5);
  compare_small_layers(dev, 1e-5);
  compare_norms(dev, 1e-5);
  compare_blocks(dev, 1e-5);
  compare_wide_layers(dev, 1e-5);
}

TEST_CASE("images in TF32 are within a thousandth", "[gpu]") {
  Cuda<tf32> dev;
  compare_wide_layers(dev, 1e-3);
  compare_convolutions(dev, 1e-3);
  compare_small_layers(dev, 1e-5);
  compare_norms(dev, 1e-5);
}

TEST_CASE("images in bfloat16 are within a hundredth", "[gpu]") {
  Cuda<bfloat16> dev;
  compare_wide_layers(dev, 1e-2);
  compare_convolutions(dev, 1e-2);
  compare_small_layers(dev, 1e-5);
  compare_norms(dev, 1e-5);
}

TEST_CASE("so they are by the fastest of cuDNN's ways", "[gpu]") {
  Cuda<bfloat16> dev;
  dev.benchmark = true;
  compare_wide_layers(dev, 1e-2);
  compare_convolutions(dev, 1e-2);
}

TEST_CASE("Adam's step on the GPU writes weights as tensor cores read them, too", "[gpu]") {
  Cuda<bfloat16> half;
  check_adam_packs(half, fresh_seed());
  Cuda<tf32> single;
  check_adam_packs(single, fresh_seed());
}

TEST_CASE("a gradient in parts on the GPU is what it is the sum of", "[gpu]") {
  Cuda<bfloat16> half;
  check_convolved_gradients(half, fresh_seed());
  Cuda<tf32> single;
  check_convolved_gradients(single, fresh_seed());
}

TEST_CASE("cuDNN computes what the plain kernels compute", "[gpu]") {
  const std::uint64_t seed = fresh_seed();
  INFO("seed " << seed);
  using D = Cuda<float>;
  D dev;
  Random random(seed);
  const Conv2dGeometry g{64, 96, 3, 1, {1, Border::reflect}};
  const auto x = make_value<Map<64>>(dev, {2, 33, 31});
  const auto dy = make_value<Map<96>>(dev, g.out(x.extent()));
  const Buffer<D> w(dev.arena(), g.out_channels * g.taps());
  write(dev, normal_numbers(random, x.size()), x.data());
  write(dev, normal_numbers(random, dy.size()), dy.data());
  write(dev, normal_numbers(random, w.size()), w.data());
  const auto distance = [&](const auto& ours, const auto& right) {
    return relative_l2(read(dev, ours.data(), ours.size()), read(dev, right.data(), right.size()));
  };

  const auto y = make_value<Map<96>>(dev, dy.extent());
  const auto plain_y = make_value<Map<96>>(dev, dy.extent());
  conv2d_forward(dev, g, as_input(x), w.data(), static_cast<const float*>(nullptr), y.view());
  direct::forward(dev, g, as_input(x), w.data(), static_cast<const float*>(nullptr), plain_y.view());
  CHECK(distance(y, plain_y) <= 1e-5);

  const auto dx = make_value<Map<64>>(dev, x.extent());
  const auto plain_dx = make_value<Map<64>>(dev, x.extent());
  conv2d_backward_input(dev, g, as_input(dy), w.data(), dx.view());
  direct::backward_input(dev, g, as_input(dy), w.data(), plain_dx.view());
  CHECK(distance(dx, plain_dx) <= 1e-5);

  const Buffer<D> dw(dev.arena(), w.size());
  const Buffer<D> plain_dw(dev.arena(), w.size());
  fill(dev, w.size(), 1.0F, dw.data());
  fill(dev, w.size(), 1.0F, plain_dw.data());
  conv2d_backward_weight(dev, g, as_input(x), as_input(dy), dw.data());
  direct::backward_weight(dev, g, as_input(x), as_input(dy), plain_dw.data());
  CHECK(distance(dw, plain_dw) <= 1e-5);
}
