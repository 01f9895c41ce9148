// Presets: what differs between the published codes, as types that the models are made with. There is one generator and
// one discriminator; where the codes disagree they ask their preset. docs/presets.md has the table and the sources.
//
//   bias                       of the generator's convolutions and linear layers, and of a discriminator's last one
//   EncoderNorm                norms of the encoder
//   AdaptiveNorm, AfterUpConv  in the decoder's blocks, and after the convolutions of its enlargements
//   GeneratorCam, JudgeCam     the attention's classifiers
//   JudgeConv                  a discriminator's 4×4 convolutions, to be normalised spectrally
//   power_iteration            of that
//   StartingValues             of kernels and biases
//   adam                       what Adam does differently
#pragma once

#include <ugatit/models/description.hpp>
#include <ugatit/nn/nn.hpp>

#include <stdexcept>

namespace ugatit {

/// What differs in Adam's step.
struct AdamRules {
  bool decays_kernels_only = false;  ///< weight decay for kernels alone, instead of all that is learned
  bool plain_epsilon = false;        ///< epsilon is added to √v as it is, before the correction for the first steps

  friend bool operator==(const AdamRules&, const AdamRules&) = default;
};

namespace preset {

/// The official PyTorch code, https://github.com/znxlwm/UGATIT-pytorch: the default.
struct pytorch {
  static constexpr Preset name = Preset::pytorch;                              ///< its name
  static constexpr Bias bias = Bias::no;                                       ///< of convolutions and linear layers
  static constexpr PowerIteration power_iteration = PowerIteration::training;  ///< of spectral normalisation
  static constexpr AdamRules adam{};                                           ///< what its Adam does differently
  using EncoderNorm = InstanceNorm;                                            ///< after convolutions of the encoder
  using AdaptiveNorm = AdaLIN;                                                 ///< in the decoder's blocks
  using AfterUpConv = Then<ILN, Relu>;                                         ///< after convolutions of enlargements
  using GeneratorCam = TwoClassifiers<Linear<1>>;                              ///< the generator's classifiers
  using JudgeCam = TwoClassifiers<SpectralNorm<Linear<1>>>;                    ///< a discriminator's classifiers
  /// A 4×4 convolution of a discriminator.
  template <Index C, Index S, Bias B>
  using JudgeConv = PadConv<C, 4, S, B>;
  using StartingValues = PyTorchStart;  ///< of kernels and biases
};

/// The official TensorFlow code, https://github.com/taki0112/UGATIT: the paper's results.
struct tensorflow {
  static constexpr Preset name = Preset::tensorflow;                         ///< its name
  static constexpr Bias bias = Bias::yes;                                    ///< of convolutions and linear layers
  static constexpr PowerIteration power_iteration = PowerIteration::from_u;  ///< of spectral normalisation
  static constexpr AdamRules adam{true, true};                               ///< what its Adam does differently
  using EncoderNorm = InstanceNorm2d<Affine::yes>;                           ///< after convolutions of the encoder
  using AdaptiveNorm = AdaLINWith<Variance::biased, SmoothedRho>;            ///< in the decoder's blocks
  using AfterUpConv = Then<ILNWith<Variance::biased>, Relu>;                 ///< after convolutions of enlargements
  using GeneratorCam = OneClassifier<Linear<1, Bias::yes>>;                  ///< the generator's classifiers
  using JudgeCam =
      OneClassifier<SpectralNorm<Linear<1, Bias::yes>, power_iteration>>;  ///< a discriminator's classifiers
  /// A 4×4 convolution of a discriminator. The kernel's 4 − S surplus pixels: one before, the rest after.
  template <Index C, Index S, Bias B>
  using JudgeConv = Conv2d<C, 4, S, B, 1, Border::reflect, 2 - S>;
  using StartingValues = TensorFlowStart;  ///< of kernels and biases
};

/// The PaddlePaddle port, https://github.com/GuoQuanhao/UGATIT-Paddle.
struct paddle {
  static constexpr Preset name = Preset::paddle;                                 ///< its name
  static constexpr Bias bias = Bias::no;                                         ///< of convolutions and linear layers
  static constexpr PowerIteration power_iteration = PowerIteration::from_start;  ///< of spectral normalisation
  static constexpr AdamRules adam{false, true};                                  ///< what its Adam does differently
  using EncoderNorm = InstanceNorm2d<Affine::yes>;                               ///< after convolutions of the encoder
  using AdaptiveNorm = AdaLINWith<Variance::biased, LearnedRho>;                 ///< in the decoder's blocks
  using AfterUpConv = Then<Relu, ILNWith<Variance::biased>>;                     ///< after convolutions of enlargements
  using GeneratorCam = TwoClassifiers<Linear<1>, MaximumMap::average>;           ///< the generator's classifiers
  using JudgeCam = TwoClassifiers<SpectralNorm<Linear<1>, power_iteration>>;     ///< a discriminator's classifiers
  /// A 4×4 convolution of a discriminator.
  template <Index C, Index S, Bias B>
  using JudgeConv = PadConv<C, 4, S, B>;
  using StartingValues = PaddleStart;  ///< of kernels and biases
};

}  // namespace preset

/// Calls f with the type of that name: from values on a command line to types.
template <class F>
auto with_preset(Preset name, const F& f) {
  switch (name) {
    case Preset::pytorch:
      return f(preset::pytorch{});
    case Preset::tensorflow:
      return f(preset::tensorflow{});
    case Preset::paddle:
      return f(preset::paddle{});
  }
  throw std::logic_error("a preset of no name");
}

}  // namespace ugatit
