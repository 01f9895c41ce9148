// The parts of the Inception network. The whole is compared with PyTorch by tests/reference/compare_inception.py.
#include "catch.hpp"
#include "io/support.hpp"

#include <ugatit/io/safetensors_writer.hpp>
#include <ugatit/metrics/inception.hpp>

#include <random>

using namespace ugatit;

namespace {

Planes noise(int channels, int height, int width, std::mt19937& random) {
  Planes x(channels, height, width);
  for (float& value : x.values) value = std::uniform_real_distribution<float>(-1, 1)(random);
  return x;
}

// Windows of all kinds that the network has.
const std::vector<Window> windows{{1, 1, 1, 0, 0}, {3, 3, 1, 1, 1}, {3, 3, 2, 0, 0}, {1, 7, 1, 0, 3},
                                  {7, 1, 1, 3, 0}, {5, 5, 1, 2, 2}, {3, 3, 1, 0, 0}};

}  // namespace

TEST_CASE("Convolutions of any rectangle are sums over windows, with a border of zeros", "[metrics]") {
  const std::uint32_t seed = fresh_seed();
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (const Window& w : windows) {
    CAPTURE(w.height, w.width, w.stride);
    const Planes x = noise(3, 9, 700, random);  // wide enough for several strips
    FoldedConvolution layer{w, FoldedConvolution::Matrix::Random(4, 3 * w.height * w.width),
                            Eigen::VectorXf::Random(4)};
    const Planes y = convolve(x, layer);
    REQUIRE(y.height == w.out_height(9));
    REQUIRE(y.width == w.out_width(700));
    double worst = 0;
    for (int o = 0; o < y.channels; ++o) {
      for (int row = 0; row < y.height; ++row) {
        for (int column = 0; column < y.width; ++column) {
          double sum = layer.bias[o];
          for (int k = 0; k < 3 * w.height * w.width; ++k) {
            const int at_y = row * w.stride + k / w.width % w.height - w.pad_y;
            const int at_x = column * w.stride + k % w.width - w.pad_x;
            const bool is_inside = at_y >= 0 && at_y < x.height && at_x >= 0 && at_x < x.width;
            if (is_inside) sum += double{layer.weight(o, k)} * x.row(k / (w.width * w.height), at_y)[at_x];
          }
          worst = std::max(worst, std::abs(std::max(sum, 0.0) - y.row(o, row)[column]));
        }
      }
    }
    CHECK(worst < 1e-4);
  }
}

TEST_CASE("Average pooling leaves the border out, and so does max pooling", "[metrics]") {
  Planes x(1, 3, 3);
  x.values = {-1, -2, -3, -4, -5, -6, -7, -8, -9};
  const Window same{3, 3, 1, 1, 1};
  CHECK(average_pool(x, same).values == std::vector<float>{-3, -3.5, -4, -4.5, -5, -5.5, -6, -6.5, -7});
  CHECK(max_pool(x, same).values == std::vector<float>{-1, -1, -2, -1, -1, -2, -4, -4, -5});
  CHECK(max_pool(x, {3, 3, 2, 0, 0}).values == std::vector<float>{-1});
  CHECK(concatenate({x, x}).channels == 2);
}

TEST_CASE("Images are resized as TensorFlow 1 does, corner on corner", "[metrics]") {
  Image image(2, 1);
  image.pixels = {0, 100, 200, 100, 50, 201};
  const Planes y = resize_like_tensorflow(image, 4, 2);
  CHECK(y.values == std::vector<float>{0,   50, 100, 100, 0,   50,    100, 100, 100, 75,    50,  50,
                                       100, 75, 50,  50,  200, 200.5, 201, 201, 200, 200.5, 201, 201});
  const Planes same = resize_like_tensorflow(image, 2, 1);
  CHECK(same.values == std::vector<float>{0, 100, 100, 50, 200, 201});
}

TEST_CASE("Weights of another network are refused", "[metrics]") {
  CHECK(inception_convolutions().size() == 94);
  const TemporaryFolder folder;
  const std::vector<float> numbers(32);
  const std::vector<TensorSource> tensors{
      {"Conv2d_1a_3x3.conv.weight", DType::f32, {32, 1, 1, 1}, std::as_bytes(std::span(numbers))}};
  write_safetensors(folder / "w.safetensors", {}, tensors);
  const auto open = [&] { Inception(WeightsFile(folder / "w.safetensors")); };
  CHECK(contains(error_of(open), "Conv2d_1a_3x3.conv.weight has another shape"));
}
