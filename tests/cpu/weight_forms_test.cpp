// Weights of which a device keeps what it makes of them: the same results, until they may change and after that.
#include "catch.hpp"
#include "values.hpp"

#include <ugatit/ugatit.hpp>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

struct Weights {
  Field<Cpu<float>> w;
};

using Layer = Sequential<PadConv<48, 3>, Upsample<2>, PadConv<33, 3>>;
using Node = On<Layer, Map<40>, Cpu<float>>;

struct Layers {
  Cpu<float> dev{2};
  Node::Params w = Node::parameters({1, 16, 16});
  Value<Map<40>, Cpu<float>> x;

  explicit Layers(Products products) {
    dev.products = products;
    Random random(3);
    allocate(dev, w);
    initialise(dev, w, random);
    x = random_value<Map<40>>(dev, {1, 16, 16}, random);
  }

  std::vector<Weights> parameters() const {
    std::vector<Weights> all;
    Node::Params::each([&](const char*, const auto& field) { all.push_back({field}); }, w);
    return all;
  }

  std::vector<double> forward() {
    Node::Tape tape;
    return flatten(Node::forward(dev, w, x, tape));
  }

  /// The gradient of the image and those of the weights, of half the sum of the squares.
  std::vector<double> both_ways() {
    Node::Tape tape;
    auto y = Node::forward(dev, w, x, tape);
    Node::Params dw = zeros_like(dev, w);
    std::vector<double> all = flatten(Node::backward(dev, w, tape, y, dw));
    Node::Params::each(
        [&](const char*, const auto& field) { all.insert(all.end(), field.data(), field.data() + field.size()); }, dw);
    return all;
  }

  void change() {
    Node::Params::each(
        [](const char*, auto& field) {
          for (Index i = 0; i < field.size(); ++i) field.data()[i] *= 2;
        },
        w);
  }
};

}  // namespace

TEST_CASE("what is made of weights that are held gives the same results", "[conv][held]") {
  for (const Products products : {Products::own, Products::bfloat16}) {
    INFO("products " << static_cast<int>(products));
    Layers net(products);
    const std::vector<double> plain = net.forward();
    const std::size_t before = net.dev.arena().in_use();
    {
      const InMode<Cpu<float>> inference(net.dev, Mode::infer());
      Unchanged<Cpu<float>> unchanged(net.dev);
      unchanged.hold(net.parameters());
      for (int pass = 0; pass < 3; ++pass) {
        INFO("pass " << pass);
        REQUIRE(net.forward() == plain);
        REQUIRE((net.dev.arena().in_use() > before) == (pass > 0));
      }
      unchanged.let_go();
      REQUIRE(net.dev.arena().in_use() == before);
      net.change();
      const std::vector<double> changed = net.forward();
      REQUIRE(relative_l2(changed, plain) > 0.5);
      unchanged.hold(net.parameters());
      net.forward();
      REQUIRE(net.forward() == changed);
    }
    REQUIRE(net.dev.arena().in_use() == before);
  }
}

TEST_CASE("weights that learn keep one form for both directions, where memory is ample", "[conv][held]") {
  for (const Products products : {Products::own, Products::bfloat16}) {
    INFO("products " << static_cast<int>(products));
    Layers net(products);
    const std::vector<double> plain = net.both_ways();
    const std::size_t before = net.dev.arena().in_use();
    for (const bool ample : {false, true}) {
      INFO("memory is " << (ample ? "ample" : "low"));
      Mode mode = net.dev.mode;
      mode.ample = ample;
      const InMode<Cpu<float>> training(net.dev, mode);
      Unchanged<Cpu<float>> unchanged(net.dev);
      Unchanged<Cpu<float>> nothing(net.dev);
      unchanged.hold(net.parameters());
      for (int pass = 0; pass < 3; ++pass) {
        INFO("pass " << pass);
        REQUIRE(net.both_ways() == plain);
        REQUIRE((net.dev.arena().in_use() > before) == ample);
        nothing.let_go();
      }
    }
    REQUIRE(net.dev.arena().in_use() == before);
  }
}
