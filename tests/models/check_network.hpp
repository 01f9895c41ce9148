// Whole networks held against golden files.
#pragma once

#include "golden.hpp"

namespace ugatit::testing {

template <class D, Index C>
void load(const Golden& golden, Network<D, C>& network) {
  for (Parameter<D>& p : network.parameters()) {
    golden.read_into("weight/" + p.name, p.w.data(), p.w.size());
    REQUIRE(std::vector<Index>(p.w.dims.begin(), p.w.dims.begin() + p.w.rank) == golden.shape("weight/" + p.name));
  }
}

template <class V>
void compare(const Golden& golden, const V& value, const std::string& name, double tolerance) {
  INFO(name);
  CHECK(relative_l2(flatten(value), golden.read(name)) <= tolerance);
}

/// Loads a network, runs it forward, back and, where the file has that, in evaluation, and compares everything as
/// relative L2. `image` is what the file calls the first output.
template <class Model, class T>
void check_network(const std::string& file, const Extent& extent, const std::string& image, Tolerance tolerance) {
  using D = Cpu<T>;
  constexpr Index channels = Model::out_channels;
  INFO(file << ", " << (sizeof(T) == 8 ? "double" : "float"));
  const Golden golden(file);
  D dev(2);
  ModelNetwork<Model, D> network(dev, extent);
  load(golden, network);
  network.prepare_training();
  auto x = make_value<Map<3>>(dev, extent);
  golden.read_into("input/x", x.data(), x.size());

  auto pass = network.forward(x);
  compare(golden, pass.image(), "output/" + image, tolerance.forward);
  compare(golden, pass.logits(), "output/cam", tolerance.forward);
  compare(golden, pass.heat_map(), "output/heatmap", tolerance.forward);

  Value<Both<Map<channels>, Attention>, D> dy{
      make_value<Map<channels>>(dev, pass.image().extent()),
      {make_value<Vector<2>>(dev, pass.logits().extent()), make_value<Map<1>>(dev, pass.heat_map().extent())}};
  golden.read_into("upstream/" + image, dy.first.data(), dy.first.size());
  golden.read_into("upstream/cam", dy.second.first.data(), dy.second.first.size());
  golden.read_into("upstream/heatmap", dy.second.second.data(), dy.second.second.size());
  const auto dx = network.backward(std::move(pass), dy, Learn::yes);
  compare(golden, dx, "gradient/x", tolerance.gradient);
  for (const Parameter<D>& p : network.parameters()) {
    INFO(p.name);
    if (p.w.role == Role::state) {
      const std::vector<double> state(p.w.data(), p.w.data() + p.w.size());
      CHECK(relative_l2(state, golden.read("after/" + p.name)) <= tolerance.gradient);
    } else {
      const std::vector<double> gradient(p.dw.data(), p.dw.data() + p.dw.size());
      CHECK(relative_l2(gradient, golden.read("gradient/" + p.name)) <= tolerance.gradient);
    }
  }
  if (!golden.has("evaluation/cam")) return;
  dev.mode = Mode::infer();
  const auto evaluation = network.forward(x);
  compare(golden, evaluation.image(), "evaluation/" + image, tolerance.forward);
  compare(golden, evaluation.logits(), "evaluation/cam", tolerance.forward);
  compare(golden, evaluation.heat_map(), "evaluation/heatmap", tolerance.forward);
}

}  // namespace ugatit::testing
