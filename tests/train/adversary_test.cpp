// The adversarial losses of each --gan_type, and the gradient of the gradient that penalties need.
#include "golden.hpp"
#include "train/small_networks.hpp"

#include <cmath>
#include <functional>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

using D = Cpu<double>;

constexpr std::array all_types{GanType::lsgan,   GanType::gan,    GanType::wgan_gp,
                               GanType::wgan_lp, GanType::dragan, GanType::hinge};

// The formulas of train/adversary.hpp for one logit, written out.
double expected(GanType type, Verdict verdict, double x) {
  const bool fake = verdict == Verdict::fake;
  switch (type) {
    case GanType::lsgan:
      return fake ? x * x : (x - 1) * (x - 1);
    case GanType::gan:
    case GanType::dragan:
      return fake ? std::log(1 + std::exp(x)) : std::log(1 + std::exp(-x));
    case GanType::wgan_gp:
    case GanType::wgan_lp:
      return fake ? x : -x;
    case GanType::hinge:
      if (verdict == Verdict::fooled) return -x;
      return std::max(0.0, fake ? 1 + x : 1 - x);
  }
  return NAN;
}

/// A discriminator and an image at which its gradient is penalised.
template <class P>
struct Penalised {
  /// After so many passes u and v stand still: the gradient holds them constant.
  Penalised(std::uint64_t seed, GanType type, int settling = 20) : dev(1), network(dev, extent) {
    weights.gan = type;
    weights.adversarial = 0.7;
    weights.penalty = 3;
    Random random(seed);
    network.initialise(random);
    network.prepare_training();
    for (const Parameter<D>& p : network.parameters()) {
      if (p.w.role == Role::state) continue;
      // Gradients on both sides of length 1.
      const double scale = p.name == "conv1x1.weight" ? 20 : 1;
      for (Index i = 0; i < p.w.size(); ++i) p.w.data()[i] = scale * (p.w.data()[i] + random.symmetric(0.2));
    }
    x = random_value<Map<3>>(dev, extent, random);
    for (int pass = 0; pass < settling; ++pass) network.forward(x);
  }

  /// What the optimizer sees of it; gradients are added to.
  double value() {
    JudgeTerms terms;
    learn_penalty<D>(dev, network, x, weights, terms);
    return weights.adversarial * (terms.penalty + terms.penalty_cam);
  }

  static constexpr Extent extent{2, 24, 28};
  D dev;
  ModelNetwork<Discriminator<3, 4, P>, D> network;
  Images<D> x;
  LossWeights weights;
};

/// The penalty's gradient against central differences.
template <class P>
void check_penalty(GanType type, std::uint64_t seed, int settling) {
  Penalised<P> penalised(seed, type, settling);
  penalised.value();
  std::vector<std::vector<double>> gradients;
  double largest = 0;
  for (const Parameter<D>& p : penalised.network.parameters()) {
    gradients.emplace_back();
    if (p.w.role == Role::state) continue;
    gradients.back().assign(p.dw.data(), p.dw.data() + p.dw.size());
    for (const double g : gradients.back()) largest = std::max(largest, std::abs(g));
  }
  REQUIRE(largest > 0);
  Random random(seed + 1);
  for (std::size_t k = 0; k < gradients.size(); ++k) {
    const Parameter<D>& p = penalised.network.parameters()[k];
    if (p.w.role == Role::state) continue;
    for (int look = 0; look < 4; ++look) {
      const Index i = random.below(p.w.size());
      const double before = p.w.data()[i];
      const double ours = gradients[k][static_cast<std::size_t>(i)];
      double best = INFINITY;
      // A step that crosses the kink of a ReLU is wrong at one size and right at another; where it is very near, one
      // side is right.
      for (const double step : {1e-4, 1e-5, 1e-6}) {
        const auto at = [&](double distance) {
          p.w.data()[i] = before + distance;
          return penalised.value();
        };
        const double up = at(step);
        const double down = at(-step);
        const double here = at(0);
        for (const double numerical : {(up - down) / (2 * step), (4 * up - at(2 * step) - 3 * here) / (2 * step),
                                       (3 * here - 4 * down + at(-2 * step)) / (2 * step)}) {
          best = std::min(best, std::abs(numerical - ours) / std::max(std::abs(numerical), 1e-2 * largest));
        }
      }
      p.w.data()[i] = before;
      INFO(p.name << "[" << i << "]");
      CHECK(best <= 1e-6);
    }
  }
}

std::vector<double> train(GanType type, int iterations) {
  using F = Cpu<float>;
  const Extent extent{2, 24, 32};
  F dev(2);
  LossWeights weights;
  weights.gan = type;
  Trainer<F> trainer(dev, small_networks(dev, extent), {weights, {1e-3, 1000, false}, 1e-4, {}, 5});
  trainer.initialise(3);
  Random random(4);
  const auto a = random_value<Map<3>>(dev, extent, random);
  const auto b = random_value<Map<3>>(dev, extent, random);
  std::vector<double> losses;
  for (int i = 0; i < iterations; ++i) losses.push_back(trainer.step(a, b).discriminators(weights));
  return losses;
}

}  // namespace

TEST_CASE("adversarial losses and their gradients are the formulas", "[train]") {
  const std::uint64_t seed = fresh_seed();
  INFO("seed " << seed);
  Random random(seed);
  D dev(1);
  for (const GanType type : all_types) {
    for (const Verdict verdict : {Verdict::real, Verdict::fake, Verdict::fooled}) {
      const auto x = random_value<Map<1>>(dev, {2, 3, 5}, random);
      const double count = 30;
      double loss = 0;
      const auto dx = adversarial_loss(dev, type, verdict, x, 0.7, loss);
      double sum = 0;
      for (Index i = 0; i < x.size(); ++i) {
        const double at = x.data()[i];
        sum += expected(type, verdict, at);
        const double step = 1e-6;
        const double slope = (expected(type, verdict, at + step) - expected(type, verdict, at - step)) / (2 * step);
        CHECK(dx.data()[i] == Approx(0.7 * slope / count).margin(1e-8));
      }
      CHECK(loss == Approx(sum / count));
    }
  }
}

TEST_CASE("a penalty is the mean of squared distances of lengths from one", "[train]") {
  const std::vector<double> g{3, 4, 0.3, 0.4};  // of two images: lengths 5 and 0.5
  std::vector<double> v(4);
  double loss = 0;
  D dev(1);
  gradient_penalty(dev, {2, 2, 10, 0.7, false}, g.data(), &loss, v.data());
  CHECK(loss == Approx(10 * (16 + 0.25) / 2));
  CHECK(v[0] == Approx(0.7 * 10 * 2 * 4 * 3 / 5 / 2));
  CHECK(v[3] == Approx(0.7 * 10 * 2 * -0.5 * 0.4 / 0.5 / 2));
  gradient_penalty(dev, {2, 2, 10, 0.7, true}, g.data(), &loss, v.data());
  CHECK(loss == Approx(10 * 16 / 2));
  CHECK(v[2] == 0);
  const std::vector<double> none(4);
  gradient_penalty(dev, {2, 2, 10, 0.7, false}, none.data(), &loss, v.data());
  CHECK(loss == 10);
  CHECK(v == none);
}

TEST_CASE("a penalty's gradient of a gradient is right", "[gradient]") {
  const std::uint64_t seed = fresh_seed() >> 1U;
  INFO("seed " << seed);
  for (const GanType type : {GanType::wgan_gp, GanType::wgan_lp}) {
    INFO((type == GanType::wgan_gp ? "two-sided" : "one-sided"));
    check_penalty<preset::pytorch>(type, seed, 20);
    // Its passes iterate, each from the u of the one before. (The Paddle port's u never moves, so that there
    // differences and the gradient, which holds u and v constant, are not the same; all else of it is of these two.)
    check_penalty<preset::tensorflow>(type, seed, 4000);
  }
}

TEST_CASE("a penalty and its gradient equal PyTorch's", "[golden]") {
  const Golden golden("penalty.safetensors");
  const Extent extent{3, 28, 32};
  D dev(1);
  ModelNetwork<Discriminator<4, 4>, D> network(dev, extent);
  network.prepare_training();
  for (Parameter<D>& p : network.parameters()) golden.read_into("weight/" + p.name, p.w.data(), p.w.size());
  auto x = make_value<Map<3>>(dev, extent);
  golden.read_into("input/x", x.data(), x.size());
  LossWeights weights;
  weights.gan = GanType::wgan_gp;
  JudgeTerms terms;
  learn_penalty<D>(dev, network, x, weights, terms);
  CHECK(terms.penalty == Approx(golden.read("output/penalty")[0]).epsilon(1e-11));
  CHECK(terms.penalty_cam == Approx(golden.read("output/penalty_cam")[0]).epsilon(1e-11));
  for (const Parameter<D>& p : network.parameters()) {
    if (p.w.role == Role::state) continue;
    INFO(p.name);
    const std::vector<double> gradient(p.dw.data(), p.dw.data() + p.dw.size());
    CHECK(relative_l2(gradient, golden.read("gradient/" + p.name)) <= 1e-10);
  }
}

TEST_CASE("a penalty leaves state and other passes alone", "[train]") {
  const std::uint64_t seed = fresh_seed() >> 1U;
  INFO("seed " << seed);
  Penalised<preset::pytorch> penalised(seed, GanType::wgan_gp);
  const auto state = [&] {
    std::vector<double> all;
    for (const Parameter<D>& p : penalised.network.parameters()) {
      if (p.w.role == Role::state) all.insert(all.end(), p.w.data(), p.w.data() + p.w.size());
    }
    return all;
  };
  const std::vector<double> before = state();
  const double once = penalised.value();
  CHECK(penalised.value() == once);
  CHECK(state() == before);
}

TEST_CASE("what is not linear piece by piece is refused", "[train]") {
  D dev(1);
  dev.mode = Mode::derive();
  using Layer = Then<PadConv<2, 3>, InstanceNorm>;
  using N = On<Layer, Map<3>, D>;
  Random random(1);
  auto w = N::parameters({1, 8, 8});
  allocate(dev, w);
  initialise(dev, w, random);
  N::Tape tape;
  CHECK_THROWS_AS(N::forward(dev, w, random_value<Map<3>>(dev, {1, 8, 8}, random), tape), Error);
}

TEST_CASE("discriminators learn by every adversarial loss, the same each time", "[train]") {
  for (const GanType type : all_types) {
    INFO("type " << static_cast<int>(type));
    const std::vector<double> losses = train(type, 12);
    for (const double loss : losses) REQUIRE(std::isfinite(loss));
    CHECK(losses.back() < losses.front());
    CHECK(train(type, 3) == std::vector<double>(losses.begin(), losses.begin() + 3));
  }
}

TEST_CASE("images between a real one and a translation are between them", "[train]") {
  const std::uint64_t seed = fresh_seed();
  INFO("seed " << seed);
  Random random(seed);
  D dev(1);
  const auto real = random_value<Map<3>>(dev, {2, 4, 5}, random);
  const auto fake = random_value<Map<3>>(dev, {2, 4, 5}, random);
  const auto x = images_between<D>(dev, GanType::wgan_gp, real, fake, random);
  for (Index n = 0; n < 2; ++n) {
    const auto share = [&](Index i) { return (x.data()[i] - real.data()[i]) / (fake.data()[i] - real.data()[i]); };
    const double first = share(n * 60);
    CHECK((first >= 0 && first < 1));
    for (Index i = n * 60; i < (n + 1) * 60; ++i) CHECK(share(i) == Approx(first));
  }
  // The noise around a real image is never below it, and at most half a deviation above.
  const auto noisy = images_between<D>(dev, GanType::dragan, real, fake, random);
  for (Index i = 0; i < real.size(); ++i) {
    CHECK(noisy.data()[i] >= real.data()[i]);
    CHECK(noisy.data()[i] <= real.data()[i] + 1);
  }
}
