// Inception v3 as FID and KID use it: image → the 2048 numbers behind its last average pooling.
//
// The network of TensorFlow's inception-2015-12-05 in PyTorch's names, as pytorch-fid and torch-fidelity read it
// (pt_inception-2015-12-05-6726825d.pth): torchvision's Inception v3, but average pooling leaves the border out, and
// the last block's pool is a maximum. Batch norm has eps 1e-3. Every image is resized to 299×299 by TensorFlow 1's
// bilinear rule and scaled to (level - 128) / 128, as torch-fidelity does.
#pragma once

#include <ugatit/io/image.hpp>
#include <ugatit/io/weights_file.hpp>
#include <ugatit/metrics/planes.hpp>

#include <cmath>
#include <map>

namespace ugatit {

/// Numbers that describe an image.
inline constexpr int inception_features = 2048;

/// TensorFlow 1's bilinear resizing (align_corners false, no half-pixel centres, no antialiasing): output x reads input
/// x·in/out. Levels are not rounded.
inline Planes resize_like_tensorflow(const Image& image, int width, int height) {
  Planes out(Image::channels, height, width);
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
        out.row(c, y)[x] = mix(mix(level(left, top), level(right, top), share_x),
                               mix(level(left, bottom), level(right, bottom), share_x), at_y - static_cast<float>(top));
      }
    }
  }
  return out;
}

/// One convolution of the network.
struct InceptionConvolution {
  std::string name;  ///< in the file of weights
  int in = 0;        ///< channels
  int out = 0;       ///< channels
  Window window;     ///< of the kernel
};

namespace inception {

using List = std::vector<InceptionConvolution>;

// Windows that keep the size.
inline constexpr Window k1{1, 1, 1, 0, 0}, k3{3, 3, 1, 1, 1}, k5{5, 5, 1, 2, 2}, k1x7{1, 7, 1, 0, 3},
    k7x1{7, 1, 1, 3, 0}, k1x3{1, 3, 1, 0, 1}, k3x1{3, 1, 1, 1, 0};
// Windows that do not.
inline constexpr Window valid3{3, 3, 1, 0, 0}, halve3{3, 3, 2, 0, 0};

inline void block_a(List& list, const std::string& name, int in, int pool) {
  list.insert(list.end(), {{name + ".branch1x1", in, 64, k1},
                           {name + ".branch5x5_1", in, 48, k1},
                           {name + ".branch5x5_2", 48, 64, k5},
                           {name + ".branch3x3dbl_1", in, 64, k1},
                           {name + ".branch3x3dbl_2", 64, 96, k3},
                           {name + ".branch3x3dbl_3", 96, 96, k3},
                           {name + ".branch_pool", in, pool, k1}});
}

inline void block_b(List& list, const std::string& name, int in) {
  list.insert(list.end(), {{name + ".branch3x3", in, 384, halve3},
                           {name + ".branch3x3dbl_1", in, 64, k1},
                           {name + ".branch3x3dbl_2", 64, 96, k3},
                           {name + ".branch3x3dbl_3", 96, 96, halve3}});
}

inline void block_c(List& list, const std::string& name, int in, int inner) {
  list.insert(list.end(), {{name + ".branch1x1", in, 192, k1},
                           {name + ".branch7x7_1", in, inner, k1},
                           {name + ".branch7x7_2", inner, inner, k1x7},
                           {name + ".branch7x7_3", inner, 192, k7x1},
                           {name + ".branch7x7dbl_1", in, inner, k1},
                           {name + ".branch7x7dbl_2", inner, inner, k7x1},
                           {name + ".branch7x7dbl_3", inner, inner, k1x7},
                           {name + ".branch7x7dbl_4", inner, inner, k7x1},
                           {name + ".branch7x7dbl_5", inner, 192, k1x7},
                           {name + ".branch_pool", in, 192, k1}});
}

inline void block_d(List& list, const std::string& name, int in) {
  list.insert(list.end(), {{name + ".branch3x3_1", in, 192, k1},
                           {name + ".branch3x3_2", 192, 320, halve3},
                           {name + ".branch7x7x3_1", in, 192, k1},
                           {name + ".branch7x7x3_2", 192, 192, k1x7},
                           {name + ".branch7x7x3_3", 192, 192, k7x1},
                           {name + ".branch7x7x3_4", 192, 192, halve3}});
}

inline void block_e(List& list, const std::string& name, int in) {
  list.insert(list.end(), {{name + ".branch1x1", in, 320, k1},
                           {name + ".branch3x3_1", in, 384, k1},
                           {name + ".branch3x3_2a", 384, 384, k1x3},
                           {name + ".branch3x3_2b", 384, 384, k3x1},
                           {name + ".branch3x3dbl_1", in, 448, k1},
                           {name + ".branch3x3dbl_2", 448, 384, k3},
                           {name + ".branch3x3dbl_3a", 384, 384, k1x3},
                           {name + ".branch3x3dbl_3b", 384, 384, k3x1},
                           {name + ".branch_pool", in, 192, k1}});
}

}  // namespace inception

/// All convolutions of the network, by their names in the file of weights (NAME.conv.weight, NAME.bn.weight, …).
inline const std::vector<InceptionConvolution>& inception_convolutions() {
  static const std::vector<InceptionConvolution> all = [] {
    using namespace inception;
    List list{{"Conv2d_1a_3x3", 3, 32, halve3},
              {"Conv2d_2a_3x3", 32, 32, valid3},
              {"Conv2d_2b_3x3", 32, 64, k3},
              {"Conv2d_3b_1x1", 64, 80, k1},
              {"Conv2d_4a_3x3", 80, 192, valid3}};
    block_a(list, "Mixed_5b", 192, 32);
    block_a(list, "Mixed_5c", 256, 64);
    block_a(list, "Mixed_5d", 288, 64);
    block_b(list, "Mixed_6a", 288);
    block_c(list, "Mixed_6b", 768, 128);
    block_c(list, "Mixed_6c", 768, 160);
    block_c(list, "Mixed_6d", 768, 160);
    block_c(list, "Mixed_6e", 768, 192);
    block_d(list, "Mixed_7a", 768);
    block_e(list, "Mixed_7b", 1280);
    block_e(list, "Mixed_7c", 2048);
    return list;
  }();
  return all;
}

/// Inception v3 as pytorch-fid has it, up to the last pooling: image → features.
class Inception {
 public:
  /// Reads the weights. Throws `Error` for a tensor that is missing or has another shape.
  explicit Inception(const WeightsFile& file) {
    for (const InceptionConvolution& c : inception_convolutions()) layers_[c.name] = read(file, c);
  }

  /// The features of an image of any size, `inception_features` numbers. May be called by several threads.
  std::vector<float> features(const Image& image) const {
    Planes x = resize_like_tensorflow(image, 299, 299);
    for (float& value : x.values) value = (value - 128) / 128;
    x = max_pool(conv("Conv2d_2b_3x3", conv("Conv2d_2a_3x3", conv("Conv2d_1a_3x3", x))), inception::halve3);
    x = max_pool(conv("Conv2d_4a_3x3", conv("Conv2d_3b_1x1", x)), inception::halve3);
    for (const char* name : {"Mixed_5b", "Mixed_5c", "Mixed_5d"}) x = block_a(name, x);
    x = block_b("Mixed_6a", x);
    for (const char* name : {"Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"}) x = block_c(name, x);
    x = block_d("Mixed_7a", x);
    x = block_e("Mixed_7b", x, average_pool(x, inception::k3));
    x = block_e("Mixed_7c", x, max_pool(x, inception::k3));
    return average_pool(x, {x.height, x.width, 1, 0, 0}).values;
  }

 private:
  static FoldedConvolution read(const WeightsFile& file, const InceptionConvolution& c) {
    const auto tensor = [&](const std::string& part, const TensorShape& shape) {
      const std::string name = c.name + "." + part;
      const TensorInfo* const info = file.find(name);
      if (info == nullptr || info->shape != shape) {
        throw Error(one_line(file.path()) +
                    (info == nullptr ? " has no tensor " + name : ": " + name + " has another shape") +
                    "; --inception wants pytorch-fid's pt_inception-2015-12-05-6726825d.pth");
      }
      std::vector<float> numbers(static_cast<std::size_t>(info->elements()));
      file.read_as(name, std::span(numbers));
      return numbers;
    };
    const Window& w = c.window;
    const std::vector<float> weight = tensor("conv.weight", {c.out, c.in, w.height, w.width});
    const std::vector<float> gamma = tensor("bn.weight", {c.out});
    const std::vector<float> beta = tensor("bn.bias", {c.out});
    const std::vector<float> mean = tensor("bn.running_mean", {c.out});
    const std::vector<float> variance = tensor("bn.running_var", {c.out});
    FoldedConvolution layer{
        w, Eigen::Map<const FoldedConvolution::Matrix>(weight.data(), c.out, std::ptrdiff_t{c.in} * w.height * w.width),
        Eigen::VectorXf(c.out)};
    for (int i = 0; i < c.out; ++i) {
      const auto at = static_cast<std::size_t>(i);
      const double scale = gamma[at] / std::sqrt(double{variance[at]} + 1e-3);
      layer.weight.row(i) *= static_cast<float>(scale);
      layer.bias[i] = static_cast<float>(beta[at] - mean[at] * scale);
    }
    return layer;
  }

  Planes conv(const std::string& name, const Planes& x) const { return convolve(x, layers_.at(name)); }

  /// The convolutions NAME1, NAME2, … one after another.
  Planes chain(const std::string& name, std::initializer_list<const char*> ends, Planes x) const {
    for (const char* end : ends) x = conv(name + end, x);
    return x;
  }

  Planes block_a(const std::string& name, const Planes& x) const {
    return concatenate({conv(name + ".branch1x1", x), chain(name + ".branch5x5_", {"1", "2"}, x),
                        chain(name + ".branch3x3dbl_", {"1", "2", "3"}, x),
                        conv(name + ".branch_pool", average_pool(x, inception::k3))});
  }

  Planes block_b(const std::string& name, const Planes& x) const {
    return concatenate({conv(name + ".branch3x3", x), chain(name + ".branch3x3dbl_", {"1", "2", "3"}, x),
                        max_pool(x, inception::halve3)});
  }

  Planes block_c(const std::string& name, const Planes& x) const {
    return concatenate({conv(name + ".branch1x1", x), chain(name + ".branch7x7_", {"1", "2", "3"}, x),
                        chain(name + ".branch7x7dbl_", {"1", "2", "3", "4", "5"}, x),
                        conv(name + ".branch_pool", average_pool(x, inception::k3))});
  }

  Planes block_d(const std::string& name, const Planes& x) const {
    return concatenate({chain(name + ".branch3x3_", {"1", "2"}, x),
                        chain(name + ".branch7x7x3_", {"1", "2", "3", "4"}, x), max_pool(x, inception::halve3)});
  }

  Planes block_e(const std::string& name, const Planes& x, const Planes& pooled) const {
    const Planes single = conv(name + ".branch3x3_1", x);
    const Planes twice = chain(name + ".branch3x3dbl_", {"1", "2"}, x);
    return concatenate({conv(name + ".branch1x1", x), conv(name + ".branch3x3_2a", single),
                        conv(name + ".branch3x3_2b", single), conv(name + ".branch3x3dbl_3a", twice),
                        conv(name + ".branch3x3dbl_3b", twice), conv(name + ".branch_pool", pooled)});
  }

  std::map<std::string, FoldedConvolution> layers_;
};

}  // namespace ugatit
