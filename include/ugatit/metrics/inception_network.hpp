// Inception v3 (Szegedy et al., 2016) up to its last average pooling, as FID and KID use it, composed of layers.
//
// The network of TensorFlow's inception-2015-12-05 in PyTorch's names, as pytorch-fid and torch-fidelity read it:
// torchvision's Inception v3, but average pooling leaves the border out, and the last block's pool is a maximum. Batch
// norm (eps 1e-3) is an affine map of each channel in inference: it is folded into the convolution before it.
#pragma once

#include <ugatit/nn/nn.hpp>

#include <string>
#include <vector>

namespace ugatit {

namespace inception {

/// Convolution, batch norm (in weight and bias), ReLU: C channels, a square kernel, padded by zeros.
template <Index C, Index K, Index S = 1, Index P = 0>
using Conv = Sequential<Conv2d<C, K, S, Bias::yes, P, Border::zero>, Relu>;

/// The same with a rectangle, which keeps the size.
template <Index C, Index H, Index W>
using Rectangle = Sequential<RectangularConv<C, H, W, Bias::yes>, Relu>;

using KeptAverage = AveragePoolInside<3, 1, 1>;
using KeptMaximum = MaxPool<3, 1, 1>;
using Halved = MaxPool<3, 2>;

using Stem = Sequential<Conv<32, 3, 2>, Conv<32, 3>, Conv<64, 3, 1, 1>, Halved, Conv<80, 1>, Conv<192, 3>, Halved>;

template <Index Pooled>
using BlockA =
    Branches<Conv<64, 1>, Sequential<Conv<48, 1>, Conv<64, 5, 1, 2>>,
             Sequential<Conv<64, 1>, Conv<96, 3, 1, 1>, Conv<96, 3, 1, 1>>, Sequential<KeptAverage, Conv<Pooled, 1>>>;

using BlockB = Branches<Conv<384, 3, 2>, Sequential<Conv<64, 1>, Conv<96, 3, 1, 1>, Conv<96, 3, 2>>, Halved>;

template <Index C>
using BlockC =
    Branches<Conv<192, 1>, Sequential<Conv<C, 1>, Rectangle<C, 1, 7>, Rectangle<192, 7, 1>>,
             Sequential<Conv<C, 1>, Rectangle<C, 7, 1>, Rectangle<C, 1, 7>, Rectangle<C, 7, 1>, Rectangle<192, 1, 7>>,
             Sequential<KeptAverage, Conv<192, 1>>>;

using BlockD = Branches<Sequential<Conv<192, 1>, Conv<320, 3, 2>>,
                        Sequential<Conv<192, 1>, Rectangle<192, 1, 7>, Rectangle<192, 7, 1>, Conv<192, 3, 2>>, Halved>;

template <class Pool>
using BlockE =
    Branches<Conv<320, 1>, Sequential<Conv<384, 1>, Branches<Rectangle<384, 1, 3>, Rectangle<384, 3, 1>>>,
             Sequential<Conv<448, 1>, Conv<384, 3, 1, 1>, Branches<Rectangle<384, 1, 3>, Rectangle<384, 3, 1>>>,
             Sequential<Pool, Conv<192, 1>>>;

/// A convolution's name in the file of weights (NAME.conv.weight, NAME.bn.weight, …) and its kernel.
struct Named {
  std::string name;
  Index height = 1;
  Index width = 1;
};

inline void name_all(std::vector<Named>& list, const std::string& prefix, std::initializer_list<Named> names) {
  for (const Named& one : names) list.push_back({prefix + one.name, one.height, one.width});
}

}  // namespace inception

/// `Map<3>` [N, 3, 299, 299], levels (x − 128) / 128 → `Vector<2048>`.
using InceptionNetwork =
    Sequential<inception::Stem, inception::BlockA<32>, inception::BlockA<64>, inception::BlockA<64>, inception::BlockB,
               inception::BlockC<128>, inception::BlockC<160>, inception::BlockC<160>, inception::BlockC<192>,
               inception::BlockD, inception::BlockE<inception::KeptAverage>, inception::BlockE<inception::KeptMaximum>,
               GlobalAveragePool>;

inline constexpr Index inception_side = 299;       ///< height and width of its images
inline constexpr Index inception_features = 2048;  ///< numbers that describe an image

/// The convolutions in the order in which the parameters are visited, each a weight and a bias.
inline std::vector<inception::Named> inception_convolutions() {
  std::vector<inception::Named> list;
  inception::name_all(list, "",
                      {{"Conv2d_1a_3x3", 3, 3},
                       {"Conv2d_2a_3x3", 3, 3},
                       {"Conv2d_2b_3x3", 3, 3},
                       {"Conv2d_3b_1x1"},
                       {"Conv2d_4a_3x3", 3, 3}});
  for (const std::string block : {"Mixed_5b", "Mixed_5c", "Mixed_5d"}) {
    inception::name_all(
        list, block + ".branch",
        {{"1x1"}, {"5x5_1"}, {"5x5_2", 5, 5}, {"3x3dbl_1"}, {"3x3dbl_2", 3, 3}, {"3x3dbl_3", 3, 3}, {"_pool"}});
  }
  inception::name_all(list, "Mixed_6a.branch", {{"3x3", 3, 3}, {"3x3dbl_1"}, {"3x3dbl_2", 3, 3}, {"3x3dbl_3", 3, 3}});
  for (const std::string block : {"Mixed_6b", "Mixed_6c", "Mixed_6d", "Mixed_6e"}) {
    inception::name_all(list, block + ".branch",
                        {{"1x1"},
                         {"7x7_1"},
                         {"7x7_2", 1, 7},
                         {"7x7_3", 7, 1},
                         {"7x7dbl_1"},
                         {"7x7dbl_2", 7, 1},
                         {"7x7dbl_3", 1, 7},
                         {"7x7dbl_4", 7, 1},
                         {"7x7dbl_5", 1, 7},
                         {"_pool"}});
  }
  inception::name_all(
      list, "Mixed_7a.branch",
      {{"3x3_1"}, {"3x3_2", 3, 3}, {"7x7x3_1"}, {"7x7x3_2", 1, 7}, {"7x7x3_3", 7, 1}, {"7x7x3_4", 3, 3}});
  for (const std::string block : {"Mixed_7b", "Mixed_7c"}) {
    inception::name_all(list, block + ".branch",
                        {{"1x1"},
                         {"3x3_1"},
                         {"3x3_2a", 1, 3},
                         {"3x3_2b", 3, 1},
                         {"3x3dbl_1"},
                         {"3x3dbl_2", 3, 3},
                         {"3x3dbl_3a", 1, 3},
                         {"3x3dbl_3b", 3, 1},
                         {"_pool"}});
  }
  return list;
}

}  // namespace ugatit
