// Numbers that stop being finite are noticed at once, and the tensor where it began is named.
#include "golden.hpp"
#include "train/small_networks.hpp"

#include <limits>
#include <numeric>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

using D = Cpu<float>;
constexpr Extent extent{1, 24, 32};
constexpr float not_a_number = std::numeric_limits<float>::quiet_NaN();

struct Small {
  D dev{2};
  Trainer<D> trainer{dev, small_networks(dev, extent), {}};
  Random random{2};
  Images<D> a = random_value<Map<3>>(dev, extent, random);
  Images<D> b = random_value<Map<3>>(dev, extent, random);

  Small() { trainer.initialise(1); }

  template <Index C>
  static const Parameter<D>& parameter(Network<D, C>& network, const std::string& name) {
    for (const Parameter<D>& p : network.parameters()) {
      if (p.name == name) return p;
    }
    throw std::logic_error("no parameter " + name);
  }

  std::string error_of_step() {
    try {
      trainer.step(a, b);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  }
};

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a sum of squares is finite exactly where all numbers are", "[train]") {
  for (const int threads : {1, 3}) {
    D dev(threads);
    std::vector<float> x(300000);
    std::iota(x.begin(), x.end(), -150000.0F);
    double sum = 0;
    square_sum(dev, static_cast<Index>(x.size()), x.data(), &sum);
    double expected = 0;
    for (const float value : x) expected += double{value} * double{value};
    CHECK(sum == Approx(expected).epsilon(1e-13));
    std::fill(x.begin(), x.end(), std::numeric_limits<float>::max());
    CHECK(all_finite(dev, static_cast<Index>(x.size()), x.data()));
    x[299999] = -std::numeric_limits<float>::infinity();
    CHECK_FALSE(all_finite(dev, static_cast<Index>(x.size()), x.data()));
    x[299999] = not_a_number;
    CHECK_FALSE(all_finite(dev, static_cast<Index>(x.size()), x.data()));
  }
}

TEST_CASE("the first tensor that is not finite is named", "[train]") {
  const auto named = [](const auto& spoil) {
    Small small;
    small.trainer.step(small.a, small.b);
    spoil(small);
    return small.error_of_step();
  };
  const std::string image = named([](Small& s) { s.b.data()[7] = not_a_number; });
  CHECK(has(image, "iteration 2: the loss d_ga is not finite, first to go wrong was the image of B;"));
  // A network's weights are named whatever they spoil.
  const std::string weight = named(
      [](Small& s) { Small::parameter(s.trainer.networks().local_a, "conv1x1.bias").w.data()[1] = not_a_number; });
  CHECK(has(weight, "the loss d_la is not finite, first to go wrong was disLA.conv1x1.bias;"));
  // Weights that are finite but too large overflow in what comes out.
  const std::string large = named([](Small& s) {
    const Field<D>& last = Small::parameter(s.trainer.networks().b2a, "gmp_fc.weight").w;
    std::fill_n(last.data(), last.size(), 3e38F);
  });
  CHECK(has(large, "first to go wrong was the CAM logits of genB2A(B);"));
}

TEST_CASE("a gradient that is not finite is named before anything learns from it", "[train]") {
  Small small;
  small.trainer.step(small.a, small.b);
  Small::parameter(small.trainer.networks().a2b, "FC.2.weight").dw.data()[3] = not_a_number;
  CHECK(has(small.error_of_step(), "iteration 2: the gradient of genA2B.FC.2.weight is not finite;"));
  CHECK_NOTHROW(small.trainer.require_finite_weights());
}

TEST_CASE("weights that are not finite are named", "[train]") {
  Small small;
  CHECK_NOTHROW(small.trainer.require_finite_weights());
  Small::parameter(small.trainer.networks().global_b, "gap_fc.weight_orig").w.data()[0] = not_a_number;
  CHECK_THROWS_AS(small.trainer.require_finite_weights(), Error);
}

TEST_CASE("gradient norms are those of the last iteration", "[train]") {
  // Without a learning rate every iteration is the same but for u and v, which generators do not have.
  D dev(2);
  Trainer<D> trainer(dev, small_networks(dev, extent), {{}, {0, 10, false}, 0});
  trainer.initialise(1);
  Random random(2);
  const auto a = random_value<Map<3>>(dev, extent, random);
  const auto b = random_value<Map<3>>(dev, extent, random);
  CHECK(trainer.gradient_norms() == std::array<double, 6>{});
  // Adam's first moment is (1 - beta1) = half of the first gradient.
  trainer.step(a, b);
  const std::array<double, 6> norms = trainer.gradient_norms();
  std::size_t at = 0;
  trainer.each_network([&](const char* name, auto& network) {
    INFO(name);
    double squares = 0;
    for (const auto& p : network.parameters()) {
      for (Index i = 0; p.m && i < p.m.size(); ++i) squares += double{p.m.data()[i]} * double{p.m.data()[i]};
    }
    CHECK(norms[at++] == Approx(2 * std::sqrt(squares)).epsilon(1e-6));
  });
}
