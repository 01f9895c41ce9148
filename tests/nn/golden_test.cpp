// Every layer against PyTorch: forward, gradients of inputs and of parameters.
#include "golden.hpp"

using namespace ugatit;
using namespace ugatit::testing;

namespace {

constexpr Extent maps{2, 7, 9};
constexpr Extent vectors{2, 1, 1};

const Golden& layers() {
  static const Golden golden("layers.safetensors");
  return golden;
}

template <class Layer, class In>
void check(const std::string& name, const ExtentOf<In>& extent, const GoldenNames& names) {
  check_golden<Layer, In, double>(layers(), name, extent, names, in_double);
  check_golden<Layer, In, float>(layers(), name, extent, names, in_float);
}

const GoldenNames plain{};
const GoldenNames weight{{"x"}, {"y"}, {"w"}, {"dy"}};
const GoldenNames weight_bias{{"x"}, {"y"}, {"w", "b"}, {"dy"}};

template <Border B>
void check_convolutions(const std::string& border) {
  check<Conv2d<4, 3, 1, Bias::yes, 1, B>, Map<3>>("conv_" + border + "_3x3", maps, weight_bias);
  check<Conv2d<4, 7, 1, Bias::yes, 3, B>, Map<3>>("conv_" + border + "_7x7", maps, weight_bias);
  check<Conv2d<4, 3, 2, Bias::yes, 1, B>, Map<3>>("conv_" + border + "_3x3_s2", maps, weight_bias);
  check<Conv2d<4, 4, 2, Bias::yes, 1, B>, Map<3>>("conv_" + border + "_4x4_s2", maps, weight_bias);
  check<Conv2d<4, 4, 1, Bias::yes, 1, B>, Map<3>>("conv_" + border + "_4x4", maps, weight_bias);
}

}  // namespace

TEST_CASE("borders equal PyTorch's", "[golden]") {
  check<Pad<1>, Map<3>>("pad_reflect_1", maps, plain);
  check<Pad<3>, Map<3>>("pad_reflect_3", maps, plain);
  check<Pad<1, Border::zero>, Map<3>>("pad_zero_1", maps, plain);
  check<Pad<3, Border::zero>, Map<3>>("pad_zero_3", maps, plain);
  check<Pad<1, Border::replicate>, Map<3>>("pad_replicate_1", maps, plain);
  check<Pad<3, Border::replicate>, Map<3>>("pad_replicate_3", maps, plain);
}

TEST_CASE("convolutions equal PyTorch's", "[golden]") {
  check_convolutions<Border::reflect>("reflect");
  check_convolutions<Border::zero>("zero");
  check_convolutions<Border::replicate>("replicate");
  check<Conv2d<4, 1, 1, Bias::yes>, Map<3>>("conv_1x1", maps, weight_bias);
  check<Conv2d<4, 1>, Map<3>>("conv_1x1_no_bias", maps, weight);
}

TEST_CASE("linear layers equal PyTorch's", "[golden]") {
  check<Linear<4>, Vector<5>>("linear", vectors, weight);
  check<Linear<4, Bias::yes>, Vector<5>>("linear_bias", vectors, weight_bias);
  check<Then<Flatten, Linear<4>>, Map<3>>("flatten_linear", maps, weight);
}

TEST_CASE("norms equal PyTorch's", "[golden]") {
  check<InstanceNorm, Map<4>>("instance_norm", maps, plain);
  check<InstanceNorm2d<Affine::yes>, Map<4>>("instance_norm_affine", maps, {{"x"}, {"y"}, {"gamma", "beta"}, {"dy"}});
  check<ILN, Map<4>>("iln", maps, {{"x"}, {"y"}, {"rho", "gamma", "beta"}, {"dy"}});
  check<AdaLIN, Both<Map<4>, Style<4>>>("adalin", {maps, {vectors, vectors}},
                                        {{"x", "gamma", "beta"}, {"y"}, {"rho"}, {"dy"}});
}

TEST_CASE("attention equals PyTorch's", "[golden]") {
  const std::vector<std::string> outputs{"y", "logits", "heatmap"};
  const std::vector<std::string> upstream{"dy", "dlogits", "dheatmap"};
  check<Cam<TwoClassifiers<Linear<1>>, Relu>, Map<4>>(
      "cam_generator", maps, {{"x"}, outputs, {"gap_w", "gmp_w", "conv_w", "conv_b"}, upstream});
  check<Cam<TwoClassifiers<SpectralNorm<Linear<1>>>, LeakyRelu<20>>, Map<4>>(
      "cam_discriminator", maps,
      {{"x"}, outputs, {"gap_w", "gap_u", "gap_v", "gmp_w", "gmp_u", "gmp_v", "conv_w", "conv_b"}, upstream});
}

TEST_CASE("spectral normalisation equals PyTorch's", "[golden]") {
  const GoldenNames with_bias{{"x"}, {"y"}, {"w", "b", "u", "v"}, {"dy"}};
  const GoldenNames without_bias{{"x"}, {"y"}, {"w", "u", "v"}, {"dy"}};
  check<SpectralNorm<PadConv<4, 4, 2, Bias::yes>>, Map<3>>("spectral_conv_4x4_s2", maps, with_bias);
  check<SpectralNorm<PadConv<4, 4, 1, Bias::yes>>, Map<3>>("spectral_conv_4x4", maps, with_bias);
  check<SpectralNorm<PadConv<1, 4>>, Map<3>>("spectral_conv_4x4_no_bias", maps, without_bias);
  check<SpectralNorm<Linear<4, Bias::yes>>, Vector<5>>("spectral_linear", vectors, with_bias);
  check<SpectralNorm<Linear<1>>, Vector<5>>("spectral_linear_no_bias", vectors, without_bias);
}

TEST_CASE("pooling and enlargement equal PyTorch's", "[golden]") {
  check<Upsample<2>, Map<3>>("upsample_nearest_2", maps, plain);
  check<Then<Upsample<2>, PadConv<4, 3>>, Map<3>>("upsample_pad_conv", maps, weight);
  check<GlobalAveragePool, Map<3>>("avg_pool_global", maps, plain);
  check<GlobalMaxPool, Map<3>>("max_pool_global", maps, plain);
  check<AveragePool<2>, Map<3>>("avg_pool_2x2_s2", maps, plain);
  check<AveragePool<3, 2, 1>, Map<3>>("avg_pool_3x3_s2_p1", maps, plain);
  check<MaxPool<2>, Map<3>>("max_pool_2x2_s2", maps, plain);
  check<MaxPool<3, 2, 1>, Map<3>>("max_pool_3x3_s2_p1", maps, plain);
}

TEST_CASE("activations equal PyTorch's", "[golden]") {
  check<Relu, Map<3>>("relu", maps, plain);
  check<LeakyRelu<20>, Map<3>>("leaky_relu", maps, plain);
  check<Tanh, Map<3>>("tanh", maps, plain);
  check<Sigmoid, Map<3>>("sigmoid", maps, plain);
}

TEST_CASE("blocks equal PyTorch's", "[golden]") {
  check<ResBlock<4>, Map<4>>("residual_block", maps, {{"x"}, {"y"}, {"w1", "w2"}, {"dy"}});
  check<AdaLINBlock<4>, Both<Map<4>, Style<4>>>("adalin_residual_block", {maps, {vectors, vectors}},
                                                {{"x", "gamma", "beta"}, {"y"}, {"w1", "rho1", "w2", "rho2"}, {"dy"}});
}

TEST_CASE("spectral normalisation keeps its state as PyTorch does", "[golden]") {
  using D = Cpu<double>;
  using N = On<SpectralNorm<PadConv<4, 4, 2, Bias::yes>>, Map<3>, D>;
  const std::string name = "spectral_conv_4x4_s2/";
  D dev(1);
  auto w = N::parameters(maps);
  allocate(dev, w);
  layers().read_into(name + "w", w.inner.weight.data(), w.inner.weight.size());
  layers().read_into(name + "b", w.inner.bias.data(), w.inner.bias.size());
  layers().read_into(name + "u", w.u.data(), w.u.size());
  layers().read_into(name + "v", w.v.data(), w.v.size());
  auto x = make_value<Map<3>>(dev, maps);
  layers().read_into(name + "x", x.data(), x.size());
  N::Tape first;
  N::Tape second;
  N::Tape evaluation;
  N::forward(dev, w, x, first);
  CHECK(relative_l2(flatten(N::forward(dev, w, x, second)), layers().read(name + "y_again")) < 1e-11);
  CHECK(relative_l2({w.u.data(), w.u.data() + w.u.size()}, layers().read(name + "u_again")) < 1e-11);
  CHECK(relative_l2({w.v.data(), w.v.data() + w.v.size()}, layers().read(name + "v_again")) < 1e-11);
  dev.mode = Mode::infer();
  CHECK(relative_l2(flatten(N::forward(dev, w, x, evaluation)), layers().read(name + "y_evaluation")) < 1e-11);

  // The first pass goes back with its own σ, u and v, although a second one came between.
  dev.mode = Mode::train();
  auto dw = zeros_like(dev, w);
  auto dy = make_value<Map<4>>(dev, N::out(maps));
  layers().read_into(name + "dy", dy.data(), dy.size());
  N::backward(dev, w, first, dy, dw);
  CHECK(relative_l2({dw.inner.weight.data(), dw.inner.weight.data() + dw.inner.weight.size()},
                    layers().read(name + "dw")) < 1e-10);
}
