// A training on a GPU, of which all iterations but the first are a CUDA graph.
#include "../catch.hpp"
#include "compare_training.hpp"
#include "kept_gradients.hpp"

#include <ugatit/cuda.hpp>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

// Of its first iterations one runs as it is, one is recorded, and the rest are that recording: exactly the same.
template <class T>
void check_training(double bound) {
  const std::uint64_t seed = fresh_seed() >> 1U;
  INFO("seed " << seed);
  Cuda<T> dev;
  CHECK(compare_training(dev, seed) <= bound);
  CHECK(resumes_exactly(dev, seed));
}

}  // namespace

TEST_CASE("a training on the GPU is near the CPU's and resumes exactly", "[gpu]") {
  check_training<float>(1e-3);
}

TEST_CASE("so is one in TF32", "[gpu]") {
  check_training<tf32>(1e-2);
}

TEST_CASE("so is one of images in bfloat16, as far as they reach", "[gpu]") {
  check_training<bfloat16>(3e-2);
}

TEST_CASE("a discriminator on the GPU learns the same of a gradient in parts", "[gpu]") {
  check_kept_gradients<Cuda>(fresh_seed() >> 1U);
}
