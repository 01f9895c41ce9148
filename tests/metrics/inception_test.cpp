// The Inception network against PyTorch, with weights that both make from the same formula
// (tests/reference/make_inception.py). With a whole file of weights, and KID and FID, it is compared by
// tests/reference/compare_inception.py.
#include "catch.hpp"
#include "io/support.hpp"

#include <ugatit/io/image_file.hpp>
#include <ugatit/io/safetensors.hpp>
#include <ugatit/io/safetensors_writer.hpp>
#include <ugatit/metrics/inception.hpp>

#include <array>
#include <string_view>

using namespace ugatit;

namespace {

/// MurmurHash3's finalizer of place + salt · 0x9e3779b9, over 2^32.
double unit(std::uint32_t place, std::uint32_t salt) {
  std::uint32_t h = place + salt * 0x9e3779b9U;
  h ^= h >> 16U;
  h *= 0x85ebca6bU;
  h ^= h >> 13U;
  h *= 0xc2b2ae35U;
  h ^= h >> 16U;
  return h / 4294967296.0;
}

/// The weights by formula: each convolution has five tensors, each its own salt.
std::vector<float> formula_weights(const std::string& name, const TensorShape& shape) {
  constexpr std::array<std::string_view, 5> parts{"conv.weight", "bn.weight", "bn.bias", "bn.running_mean",
                                                  "bn.running_var"};
  const std::vector<inception::Named> list = inception_convolutions();
  const std::string convolution = name.substr(0, name.size() - (name.size() - name.rfind('.', name.rfind('.') - 1)));
  const auto number = std::ranges::find(list, convolution, &inception::Named::name) - list.begin();
  const auto part = std::ranges::find(parts, std::string_view(name).substr(convolution.size() + 1)) - parts.begin();
  const double fan_in = shape.size() == 4 ? static_cast<double>(shape[1] * shape[2] * shape[3]) : 1;
  const double bound = std::sqrt(6 / fan_in);
  const std::array<std::array<double, 2>, 5> ranges{{{-bound, bound}, {.5, 1.5}, {-.3, .3}, {-.3, .3}, {.5, 2}}};
  const auto [low, high] = ranges.at(static_cast<std::size_t>(part));
  std::size_t size = 1;
  for (const auto side : shape) size *= static_cast<std::size_t>(side);
  std::vector<float> numbers(size);
  for (std::size_t i = 0; i < size; ++i) {
    const double u = unit(static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(5 * number + part));
    numbers[i] = static_cast<float>(low + (high - low) * u);
  }
  return numbers;
}

}  // namespace

TEST_CASE("Features are PyTorch's", "[metrics][golden]") {
  const SafetensorsReader reader(std::filesystem::path(UGATIT_GOLDEN_FOLDER) / "inception.safetensors");
  const SafetensorsEntry* const entry = reader.find("features");
  REQUIRE(entry != nullptr);
  std::vector<float> expected(2 * inception_features);
  reader.read(*entry, std::as_writable_bytes(std::span(expected)));
  Inception network(formula_weights, 2);
  // More than go through the network at once.
  std::vector<Image> images;
  for (int i = 0; i < 5; ++i) {
    images.push_back(read_image(golden("noise_80x45.png")));
    images.push_back(read_image(golden("rgb.png")));
  }
  const FeatureMatrix features = network.features(images);
  REQUIRE(features.rows() == 10);
  double worst = 0;
  double largest = 0;
  for (Eigen::Index row = 0; row < features.rows(); ++row) {
    for (Eigen::Index i = 0; i < features.cols(); ++i) {
      const double wanted = expected[static_cast<std::size_t>(row % 2 * inception_features + i)];
      worst = std::max(worst, std::abs(features(row, i) - wanted));
      largest = std::max(largest, std::abs(wanted));
    }
  }
  INFO("largest difference " << worst / largest << " of the largest feature");
  CHECK(worst <= 1e-4 * largest);
}

TEST_CASE("Images are resized as TensorFlow 1 does, corner on corner", "[metrics]") {
  Image image(2, 1);
  image.pixels = {0, 100, 200, 100, 50, 201};
  std::vector<float> y(24);
  resize_like_tensorflow(image, 4, 2, y.data());
  CHECK(y == std::vector<float>{0,   50, 100, 100, 0,   50,    100, 100, 100, 75,    50,  50,
                                100, 75, 50,  50,  200, 200.5, 201, 201, 200, 200.5, 201, 201});
  std::vector<float> same(6);
  resize_like_tensorflow(image, 2, 1, same.data());
  CHECK(same == std::vector<float>{0, 100, 100, 50, 200, 201});
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
