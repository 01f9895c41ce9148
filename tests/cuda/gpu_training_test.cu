// A training on a GPU, of which all iterations but the first are a CUDA graph.
#include "compare_training.hpp"

#include <ugatit/cuda.hpp>

using namespace ugatit;
using namespace ugatit::testing;

TEST_CASE("a training on the GPU is near the CPU's and resumes exactly", "[gpu]") {
  // Of its first iterations one runs as it is, one is recorded, and the rest are that recording: exactly the same.
  const std::uint64_t seed = fresh_seed() >> 1U;
  INFO("seed " << seed);
  Cuda<float> dev;
  CHECK(compare_training(dev, seed) <= 1e-3);
  CHECK(resumes_exactly(dev, seed));
}

TEST_CASE("so is one in TF32", "[gpu]") {
  const std::uint64_t seed = fresh_seed() >> 1U;
  INFO("seed " << seed);
  Cuda<tf32> dev;
  CHECK(compare_training(dev, seed) <= 1e-2);
  CHECK(resumes_exactly(dev, seed));
}

TEST_CASE("so is one of images in bfloat16, as far as they reach", "[gpu]") {
  const std::uint64_t seed = fresh_seed() >> 1U;
  INFO("seed " << seed);
  Cuda<bfloat16> dev;
  CHECK(compare_training(dev, seed) <= 3e-2);
  CHECK(resumes_exactly(dev, seed));
}
