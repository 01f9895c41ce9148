// Batch, group, layer and switchable norm: against PyTorch, by the gradient checker, and what they keep.
#include "check_layer.hpp"
#include "golden.hpp"

using namespace ugatit;
using namespace ugatit::testing;

namespace {

/// L in training or in evaluation, whatever the device's mode; tapes record as the device says.
template <class L, bool Training>
struct Within {
  template <class In, class D>
  struct On : ugatit::On<L, In, D> {
    using Inner = ugatit::On<L, In, D>;

    static auto forward(D& dev, const typename Inner::Params& w, Value<In, D> x, typename Inner::Tape& tape) {
      const InMode<D> mode(dev, {dev.mode.recording, Training});
      return Inner::forward(dev, w, std::move(x), tape);
    }
  };
};

template <class Layer, Index C>
void check(const std::string& name, const Extent& extent, const std::vector<std::string>& fields) {
  static const Golden golden("norms.safetensors");
  const GoldenNames names{{"x"}, {"y"}, fields, {"dy"}};
  const std::string number = "_" + std::to_string(extent.batch);
  check_golden<Layer, Map<C>, double>(golden, name + number, extent, names, in_double);
  check_golden<Layer, Map<C>, float>(golden, name + number, extent, names, in_float);
}

template <class Layer>
void check_batches(const std::string& name, const std::vector<std::string>& fields) {
  check<Layer, 4>(name, {1, 5, 7}, fields);
  check<Layer, 6>(name, {2, 7, 9}, fields);
  check<Layer, 4>(name, {3, 3, 5}, fields);
}

}  // namespace

TEST_CASE("group and layer norm equal PyTorch's", "[golden]") {
  check_batches<GroupNorm<2>>("group_norm", {"gamma", "beta"});
  check_batches<LayerNorm>("layer_norm", {"gamma", "beta"});
}

TEST_CASE("batch norm equals PyTorch's, in training and in evaluation", "[golden]") {
  const std::vector<std::string> fields{"gamma", "beta", "running_mean", "running_var"};
  check_batches<BatchNorm>("batch_norm", fields);
  check_batches<Within<BatchNorm, false>>("batch_norm_evaluation", fields);
}

TEST_CASE("switchable norm equals its paper's formula, in training and in evaluation", "[golden]") {
  const std::vector<std::string> fields{"gamma", "beta", "mean_weight", "var_weight", "running_mean", "running_var"};
  check_batches<SwitchableNorm>("switchable_norm", fields);
  check_batches<Within<SwitchableNorm, false>>("switchable_norm_evaluation", fields);
}

TEST_CASE("norms over sets have right gradients", "[gradient]") {
  for (const Extent& extent : {Extent{1, 5, 7}, Extent{2, 7, 9}, Extent{3, 3, 5}}) {
    CHECK_GRADIENTS(extent, GroupNorm<1>, Map<3>);
    CHECK_GRADIENTS(extent, GroupNorm<2>, Map<6>);
    CHECK_GRADIENTS(extent, GroupNorm<3>, Map<3>);
    CHECK_GRADIENTS(extent, Within<BatchNorm, true>, Map<3>);
    CHECK_GRADIENTS(extent, Within<BatchNorm, false>, Map<3>);
    CHECK_GRADIENTS(extent, Within<SwitchableNorm, true>, Map<3>);
    CHECK_GRADIENTS(extent, Within<SwitchableNorm, false>, Map<3>);
  }
  CHECK_GRADIENTS((Extent{3, 1, 1}), Within<BatchNorm, true>, Map<3>);
}

TEST_CASE("group norm with a group a channel is instance norm, layer norm is ILN's layer part", "[laws]") {
  using D = Cpu<double>;
  const Extent extent{2, 5, 7};
  D dev(1);
  Random random(fresh_seed());
  const auto x = random_value<Map<4>>(dev, extent, random);
  const auto run = [&]<class L>(L) {
    using N = On<L, Map<4>, D>;
    auto w = N::parameters(extent);
    allocate(dev, w);
    initialise(dev, w, random);
    typename N::Tape tape;
    return flatten(N::forward(dev, w, x, tape));
  };
  CHECK(relative_l2(run(GroupNorm<4>{}), run(InstanceNorm{})) < 1e-14);
  // ILN's ρ starts at 0; its variance is divided by N − 1.
  const double numbers = 4 * 5 * 7;
  std::vector<double> layer = run(LayerNorm{});
  for (double& y : layer) y *= std::sqrt((numbers - 1) / numbers);
  CHECK(relative_l2(layer, run(ILN{})) < 1e-5);
}

TEST_CASE("batch norm uses what it has learned about all batches once it translates", "[state]") {
  using D = Cpu<double>;
  using N = On<BatchNorm, Map<2>, D>;
  const Extent extent{3, 4, 5};
  D dev(1);
  Random random(fresh_seed());
  auto w = N::parameters(extent);
  allocate(dev, w);
  initialise(dev, w, random);
  for (int pass = 0; pass < 200; ++pass) {
    const auto x = random_value<Map<2>>(dev, extent, random);
    for (Index i = 0; i < x.size(); ++i) x.data()[i] = 5 + 2 * x.data()[i];
    N::Tape tape;
    N::forward(dev, w, x, tape);
  }
  for (Index c = 0; c < 2; ++c) {
    CHECK(w.running_mean.data()[c] == Approx(5).margin(0.5));
    CHECK(w.running_var.data()[c] == Approx(4).margin(1.5));
  }
  dev.mode = Mode::infer();
  const std::vector<double> before(w.running_mean.data(), w.running_mean.data() + 2);
  Value<Map<2>, D> one(dev, {1, 1, 1});
  one.data()[0] = w.running_mean.data()[0];
  one.data()[1] = w.running_mean.data()[1] + std::sqrt(w.running_var.data()[1] + 1e-5);
  N::Tape tape;
  const std::vector<double> y = flatten(N::forward(dev, w, one, tape));
  CHECK(y[0] == Approx(0).margin(1e-12));
  CHECK(y[1] == Approx(1).margin(1e-12));
  CHECK(before == std::vector<double>(w.running_mean.data(), w.running_mean.data() + 2));
}

TEST_CASE("batch statistics of one number are refused", "[errors]") {
  using D = Cpu<float>;
  D dev(1);
  const auto train = [&]<class L>(L) {
    using N = On<L, Map<2>, D>;
    auto w = N::parameters({1, 1, 1});
    allocate(dev, w);
    typename N::Tape tape;
    N::forward(dev, w, Value<Map<2>, D>(dev, {1, 1, 1}), tape);
  };
  CHECK_THROWS_AS(train(BatchNorm{}), Error);
  CHECK_THROWS_AS(train(SwitchableNorm{}), Error);
}
