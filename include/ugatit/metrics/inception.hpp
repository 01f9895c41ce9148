// Features of images for FID and KID: the 2048 numbers behind the last average pooling of Inception v3.
//
// Weights are those of pytorch-fid's pt_inception-2015-12-05-6726825d.pth (torch-fidelity's file of the same number is
// the same). Every image is resized to 299×299 by TensorFlow 1's bilinear rule and scaled to (level - 128) / 128, as
// torch-fidelity does.
#pragma once

#include <ugatit/cpu/cpu.hpp>
#include <ugatit/io/image.hpp>
#include <ugatit/io/weights_file.hpp>
#include <ugatit/metrics/features.hpp>
#include <ugatit/metrics/inception_network.hpp>

#include <cmath>
#include <functional>
#include <span>

namespace ugatit {

/// TensorFlow 1's bilinear resizing (align_corners false, no half-pixel centres, no antialiasing): output x reads input
/// x·in/out. Levels are not rounded. Writes [3, height, width].
inline void resize_like_tensorflow(const Image& image, int width, int height, float* out) {
  const float scale_x = static_cast<float>(image.width) / static_cast<float>(width);
  const float scale_y = static_cast<float>(image.height) / static_cast<float>(height);
  for (int y = 0; y < height; ++y) {
    const float at_y = static_cast<float>(y) * scale_y;
    const int top = static_cast<int>(at_y);
    const int bottom = std::min(top + 1, image.height - 1);
    for (int x = 0; x < width; ++x) {
      const float at_x = static_cast<float>(x) * scale_x;
      const int left = static_cast<int>(at_x);
      const int right = std::min(left + 1, image.width - 1);
      for (int c = 0; c < Image::channels; ++c) {
        const auto level = [&](int column, int row) { return static_cast<float>(image.at(column, row)[c]); };
        const auto mix = [](float a, float b, float share) { return a + (b - a) * share; };
        const float share_x = at_x - static_cast<float>(left);
        out[(std::ptrdiff_t{c} * height + y) * width + x] =
            mix(mix(level(left, top), level(right, top), share_x),
                mix(level(left, bottom), level(right, bottom), share_x), at_y - static_cast<float>(top));
      }
    }
  }
}

/// The network with its weights, on the CPU.
class Inception {
 public:
  /// Gives a tensor of the file of weights, by its name and shape.
  using Read = std::function<std::vector<float>(const std::string& name, const TensorShape& shape)>;

  /// Reads the weights. `threads` = 0 takes one for each processor. Throws `Error` for a tensor that is missing or has
  /// another shape.
  explicit Inception(const WeightsFile& file, int threads = 0)
      : Inception([&file](const std::string& name, const TensorShape& shape) { return read(file, name, shape); },
                  threads) {}

  /// The same with weights from anywhere.
  explicit Inception(const Read& read, int threads = 0) : dev_(threads), w_(Net::parameters(extent(1))) {
    dev_.mode = Mode::infer();
    allocate(dev_, w_);
    const std::vector<inception::Named> names = inception_convolutions();
    std::size_t at = 0;
    Field<D> weight;
    Net::Params::each(
        [&](const char*, auto& field) {
          if (field.rank == 4) {
            weight = field;
          } else {
            fold(read, names.at(at++), weight, field);
          }
        },
        w_);
    if (at != names.size()) throw std::logic_error("the names do not fit the network's convolutions");
  }

  /// The features of images of any size, a row each.
  FeatureMatrix features(std::span<const Image> images) {
    FeatureMatrix all(static_cast<Eigen::Index>(images.size()), inception_features);
    for (std::size_t from = 0; from < images.size(); from += most_at_once) {
      const std::span<const Image> some = images.subspan(from, std::min(most_at_once, images.size() - from));
      const auto count = static_cast<Index>(some.size());
      const Value<Map<3>, D> x(dev_, extent(count));
      dev_.pool().run(count, [&](Index i, int) {
        const Index numbers = 3 * inception_side * inception_side;
        float* const to = x.data() + i * numbers;
        resize_like_tensorflow(some[static_cast<std::size_t>(i)], inception_side, inception_side, to);
        for (Index k = 0; k < numbers; ++k) to[k] = (to[k] - 128) / 128;
      });
      Net::Tape nothing;
      const auto y = Net::forward(dev_, w_, x, nothing);
      all.middleRows(static_cast<Eigen::Index>(from), count) =
          Eigen::Map<const Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(y.data(), count,
                                                                                                  inception_features)
              .cast<double>();
    }
    return all;
  }

 private:
  using D = Cpu<float>;
  using Net = On<InceptionNetwork, Map<3>, D>;

  static constexpr std::size_t most_at_once = 8;

  static Extent extent(Index batch) { return {batch, inception_side, inception_side}; }

  static std::vector<float> read(const WeightsFile& file, const std::string& name, const TensorShape& shape) {
    const TensorInfo* const info = file.find(name);
    if (info == nullptr || info->shape != shape) {
      throw Error(one_line(file.path()) +
                  (info == nullptr ? " has no tensor " + name : ": " + name + " has another shape") +
                  "; --inception wants pytorch-fid's pt_inception-2015-12-05-6726825d.pth");
    }
    std::vector<float> numbers(static_cast<std::size_t>(info->elements()));
    file.read_as(name, std::span(numbers));
    return numbers;
  }

  // y = gamma (w * x - mean) / √(variance + eps) + beta as one convolution.
  static void fold(const Read& read, const inception::Named& named, const Field<D>& weight, const Field<D>& bias) {
    const Index out = weight.dims[0];
    const Index taps = weight.size() / out;
    const auto statistic = [&](const char* part) { return read(named.name + ".bn." + part, {out}); };
    const std::vector<float> w =
        read(named.name + ".conv.weight", {out, taps / (named.height * named.width), named.height, named.width});
    const std::vector<float> gamma = statistic("weight");
    const std::vector<float> beta = statistic("bias");
    const std::vector<float> mean = statistic("running_mean");
    const std::vector<float> variance = statistic("running_var");
    for (Index i = 0; i < out; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const double scale = gamma[at] / std::sqrt(double{variance[at]} + 1e-3);
      for (Index k = i * taps; k < (i + 1) * taps; ++k) {
        weight.data()[k] = static_cast<float>(scale) * w[static_cast<std::size_t>(k)];
      }
      bias.data()[i] = static_cast<float>(beta[at] - mean[at] * scale);
    }
  }

  D dev_;
  Net::Params w_;
};

}  // namespace ugatit
