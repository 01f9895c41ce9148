// Gradients that are kept as outer products are the gradients, and Adam's steps on them the same.
#include "golden.hpp"

using namespace ugatit;
using namespace ugatit::testing;

namespace {

using D = Cpu<double>;

struct Moments {
  std::vector<double> w, m, v;
};

}  // namespace

TEST_CASE("Adam on outer products is Adam on their sum", "[train]") {
  const std::uint64_t seed = fresh_seed();
  INFO("seed " << seed);
  Random random(seed);
  for (const OuterGeometry g : {OuterGeometry{3, 5, 1}, OuterGeometry{4, 9001, 3}, OuterGeometry{2, 7, 0}}) {
    D dev(2);
    const std::vector<double> dy = normal_numbers(random, g.count * g.rows);
    const std::vector<double> x = normal_numbers(random, g.count * g.columns);
    std::vector<double> dw(static_cast<std::size_t>(g.rows * g.columns));
    linear_backward_weight(dev, {g.count, g.columns, g.rows}, x.data(), dy.data(), dw.data());
    double ours = -1;
    double right = -1;
    outer_square_sum(dev, g, dy.data(), x.data(), &ours);
    square_sum(dev, g.rows * g.columns, dw.data(), &right);
    CHECK(ours == Approx(right).margin(1e-300));

    Moments stored{normal_numbers(random, g.rows * g.columns), normal_numbers(random, g.rows * g.columns), {}};
    stored.v = stored.m;
    for (double& number : stored.v) number = std::abs(number);
    Moments factored = stored;
    AdamRates rates;
    rates.step = 3;
    const AdamFactors<double> factors(rates);
    const double allowed = 1;
    const AdamStep<double> step{&factors, &allowed};
    const Index size = g.rows * g.columns;
    outer_adam_step(dev, step, g, dy.data(), x.data(),
                    {factored.w.data(), nullptr, factored.m.data(), factored.v.data(), size});
    const AdamParameter<double> parameter{stored.w.data(), dw.data(), stored.m.data(), stored.v.data(), size};
    adam_step(dev, step, std::span(&parameter, 1));
    CHECK(relative_l2(factored.w, stored.w) <= 1e-14);
    CHECK(relative_l2(factored.m, stored.m) <= 1e-14);
    CHECK(relative_l2(factored.v, stored.v) <= 1e-14);
  }
}

TEST_CASE("a full generator's factored gradient is its stored one", "[train]") {
  const std::uint64_t seed = fresh_seed();
  INFO("seed " << seed);
  using Model = Generator<3, 2, StyleFrom::whole_map>;
  const Extent extent{2, 16, 16};
  D dev(2);
  const auto gradients = [&](Gradients kept) {
    ModelNetwork<Model, D> network(dev, extent);
    Random random(seed);
    network.initialise(random);
    network.prepare_training(kept);
    for (int pass = 0; pass < 2; ++pass) {
      auto x = random_value<Map<3>>(dev, extent, random);
      auto dy = random_value<Map<3>>(dev, extent, random);
      network.backward(network.forward(std::move(x)), {std::move(dy), {}}, Learn::yes);
    }
    std::vector<double> all;
    int factored = 0;
    for (const Parameter<D>& p : network.parameters()) {
      if (!p.dw.parts) {
        all.insert(all.end(), p.dw.data(), p.dw.data() + p.dw.size());
        continue;
      }
      ++factored;
      CHECK(p.name == "FC.0.weight");
      CHECK(p.dw.data() == nullptr);
      std::vector<double> dw(static_cast<std::size_t>(p.w.size()));
      for (const auto& pass : p.dw.parts->products) {
        linear_backward_weight(dev, {pass.batch, p.w.dims[1], p.w.dims[0]}, as_input(pass.x), as_input(pass.dy),
                               dw.data());
      }
      all.insert(all.end(), dw.begin(), dw.end());
    }
    CHECK(factored == (kept == Gradients::factored ? 1 : 0));
    return all;
  };
  CHECK(relative_l2(gradients(Gradients::factored), gradients(Gradients::stored)) <= 1e-14);
}
