// Operations beside convolutions, at the sizes that the models with ch 64 give them at 256×256. Counters are those of
// ceilings.hpp.
//
// UGATIT_THREADS: number of threads (all).
#include "ceilings.hpp"
#include "setting.hpp"

#include <ugatit/ugatit.hpp>

#include <benchmark/benchmark.h>

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace ugatit;
using Device = Cpu<float>;

constexpr const float* none = nullptr;  // no z, no bias

// Random numbers in memory that all copies share.
class Numbers {
 public:
  explicit Numbers(Index size) : numbers_(std::make_shared<std::vector<float>>(static_cast<std::size_t>(size))) {
    Random random(1);
    for (float& number : *numbers_) number = static_cast<float>(random.symmetric(1));
  }

  float* out() const { return numbers_->data(); }
  const float* in() const { return numbers_->data(); }
  Index size() const { return static_cast<Index>(numbers_->size()); }

 private:
  std::shared_ptr<std::vector<float>> numbers_;
};

// One image of so many channels.
class Map : public Numbers {
 public:
  Map(Index channels, Index side) : Numbers(channels * side * side), view_{Numbers::out(), 1, channels, side, side} {}

  View<float> out() const { return view_; }
  View<const float> in() const { return view_; }
  const float* numbers() const { return Numbers::in(); }

 private:
  View<float> view_;
};

// An operation that can be called again and again, and what each call does.
struct Operation {
  std::function<void()> run;
  Work work;
};

template <class... N>
Work moved(const N&... numbers) {
  return {0, 4.0 * static_cast<double>((numbers.size() + ...))};
}

// `make(dev)` gives the operation; nothing is allocated before it is measured.
template <class Make>
void add_one(Device& dev, const Ceilings& most, const std::string& name, const Make& make) {
  benchmark::RegisterBenchmark(name.c_str(),
                               [&dev, &most, make](benchmark::State& state) {
                                 const Operation operation = make(dev);
                                 operation.run();
                                 const LoopTime time;
                                 for (auto _ : state) operation.run();
                                 time.report(state, most, operation.work);
                               })
      ->Unit(benchmark::kMicrosecond)
      ->UseRealTime();
}

// What a norm keeps of its forward pass.
struct Statistics {
  Numbers mean, rstd, layer_mean, layer_rstd;

  explicit Statistics(Index channels) : mean(channels), rstd(channels), layer_mean(channels), layer_rstd(channels) {}
  NormStatistics<float> all() const { return {mean.out(), rstd.out(), layer_mean.out(), layer_rstd.out()}; }
};

void add_norms(Device& dev, const Ceilings& most, const std::string& size, Index channels, Index side) {
  constexpr NormGeometry with_relu{.relu = true};
  add_one(dev, most, "instance_norm_relu_" + size + "/forward", [=](Device& d) {
    const Map x(channels, side), y(channels, side);
    const Numbers gamma(channels), beta(channels);
    const Statistics s(channels);
    return Operation{
        [=, &d] { instance_norm_forward(d, with_relu, x.in(), gamma.in(), beta.in(), none, y.out(), s.all()); },
        moved(x, y)};
  });
  add_one(dev, most, "instance_norm_relu_" + size + "/backward", [=](Device& d) {
    const Map dy(channels, side), x(channels, side), dx(channels, side);
    const Numbers gamma(channels), beta(channels), dgamma(channels), dbeta(channels);
    const Statistics s(channels);
    return Operation{[=, &d] {
                       instance_norm_backward(d, with_relu, dy.in(), x.in(), gamma.in(), beta.in(), s.all(), dx.out(),
                                              dgamma.out(), dbeta.out());
                     },
                     moved(dy, x, dx)};
  });
  constexpr NormGeometry adaptive{.per_sample = true};
  add_one(dev, most, "adalin_" + size + "/forward", [=](Device& d) {
    const Map x(channels, side), y(channels, side);
    const Numbers rho(channels), gamma(channels), beta(channels);
    const Statistics s(channels);
    return Operation{[=, &d] {
                       layer_instance_norm_forward(d, adaptive, x.in(), rho.in(), gamma.in(), beta.in(), none, y.out(),
                                                   s.all());
                     },
                     moved(x, y)};
  });
  add_one(dev, most, "adalin_" + size + "/backward", [=](Device& d) {
    const Map dy(channels, side), x(channels, side), dx(channels, side);
    const Numbers rho(channels), gamma(channels), beta(channels), drho(channels), dgamma(channels), dbeta(channels);
    const Statistics s(channels);
    return Operation{[=, &d] {
                       layer_instance_norm_backward(d, adaptive, dy.in(), x.in(), rho.in(), gamma.in(), beta.in(),
                                                    s.all(), dx.out(), drho.out(), dgamma.out(), dbeta.out());
                     },
                     moved(dy, x, dx)};
  });
}

void add_maps(Device& dev, const Ceilings& most) {
  add_one(dev, most, "leaky_relu_128ch_64px/forward", [](Device& d) {
    const Map x(128, 64), y(128, 64);
    constexpr ActivationGeometry g{Activation::leaky_relu, 0.2};
    return Operation{[=, &d] { activation_forward(d, g, x.size(), x.numbers(), y.Numbers::out()); }, moved(x, y)};
  });
  add_one(dev, most, "leaky_relu_128ch_64px/backward", [](Device& d) {
    const Map dy(128, 64), y(128, 64), dx(128, 64);
    constexpr ActivationGeometry g{Activation::leaky_relu, 0.2};
    return Operation{[=, &d] { activation_backward(d, g, y.size(), dy.numbers(), y.numbers(), dx.Numbers::out()); },
                     moved(dy, y, dx)};
  });
  add_one(dev, most, "tanh_3ch_256px/forward", [](Device& d) {
    const Map x(3, 256), y(3, 256);
    constexpr ActivationGeometry g{Activation::tanh};
    return Operation{[=, &d] { activation_forward(d, g, x.size(), x.numbers(), y.Numbers::out()); }, moved(x, y)};
  });
  add_one(dev, most, "reflect_256ch_64px/forward", [](Device& d) {
    const Map x(256, 64), y(256, 66);
    return Operation{[=, &d] { pad_forward(d, {1, Border::reflect}, x.in(), y.out()); }, moved(x, y)};
  });
  add_one(dev, most, "reflect_256ch_64px/backward", [](Device& d) {
    const Map dy(256, 66), dx(256, 64);
    return Operation{[=, &d] { pad_backward(d, {1, Border::reflect}, dy.in(), dx.out()); }, moved(dy, dx)};
  });
  add_one(dev, most, "enlarge_128ch_64px/forward", [](Device& d) {
    const Map x(128, 64), y(128, 128);
    return Operation{[=, &d] { upsample_forward(d, 2, x.in(), y.out()); }, moved(x, y)};
  });
  add_one(dev, most, "enlarge_128ch_64px/backward", [](Device& d) {
    const Map dy(128, 128), dx(128, 64);
    return Operation{[=, &d] { upsample_backward(d, 2, dy.in(), dx.out()); }, moved(dy, dx)};
  });
  for (const auto& [name, pool] : {std::pair{"average", Pool::average}, std::pair{"maximum", Pool::maximum}}) {
    add_one(dev, most, std::string("global_") + name + "_256ch_64px/forward", [pool = pool](Device& d) {
      const Map x(256, 64);
      const Numbers y(256);
      return Operation{[=, &d] { global_pool_forward(d, pool, x.in(), y.out()); }, moved(x, y)};
    });
  }
}

void add_weights(Device& dev, const Ceilings& most) {
  // From W [channels, 2 channels] and two classifiers to one matrix.
  add_one(dev, most, "cam_fold_256ch/forward", [](Device& d) {
    constexpr Index channels = 256;
    const Numbers w(channels * 2 * channels), average(channels), maximum(channels), folded(channels * channels);
    return Operation{[=, &d] { cam_fold_forward(d, {channels}, w.in(), average.in(), maximum.in(), folded.out()); },
                     moved(w, average, maximum, folded)};
  });
  // The full model's first linear layer, of a whole feature map.
  constexpr LinearGeometry whole{1, Index{256} * 64 * 64, 256};
  constexpr double flop = 2.0 * whole.in * whole.out;
  add_one(dev, most, "linear_whole_map/forward", [=](Device& d) {
    const Numbers x(whole.in), w(whole.in * whole.out), y(whole.out);
    return Operation{[=, &d] { linear_forward(d, whole, x.in(), w.in(), none, y.out()); },
                     {flop, moved(x, w, y).bytes}};
  });
  add_one(dev, most, "linear_whole_map/input", [=](Device& d) {
    const Numbers dy(whole.out), w(whole.in * whole.out), dx(whole.in);
    return Operation{[=, &d] { linear_backward_input(d, whole, dy.in(), w.in(), dx.out()); },
                     {flop, moved(dy, w, dx).bytes}};
  });
  // The global discriminator's largest weight. One power iteration reads it twice.
  add_one(dev, most, "spectral_sigma_2048x16384", [](Device& d) {
    constexpr SpectralGeometry g{2048, 16384};
    const Numbers w(g.rows * g.columns), u(g.rows), v(g.columns), sigma(1);
    return Operation{[=, &d] { spectral_sigma(d, g, true, w.in(), u.out(), v.out(), sigma.out()); },
                     {4.0 * g.rows * g.columns, 2 * moved(w).bytes}};
  });
  // Reads weight, gradient and both means, writes all but the gradient.
  add_one(dev, most, "adam_16M", [](Device& d) {
    constexpr Index size = Index{1} << 24U;
    const Numbers w(size), dw(size), m(size), v(size);
    for (Index i = 0; i < size; ++i) v.out()[i] *= v.out()[i];
    const auto factors = std::make_shared<AdamFactors<float>>(AdamRates{});
    const auto allowed = std::make_shared<double>(1);
    return Operation{[=, &d] {
                       const AdamParameter<float> parameter{w.out(), dw.out(), m.out(), v.out(), size};
                       adam_step(d, AdamStep<float>{factors.get(), allowed.get()}, std::span(&parameter, 1));
                     },
                     moved(w, dw, m, v, w, m, v)};
  });
}

}  // namespace

int main(int argc, char** argv) {
  Cpu<float> dev(setting("UGATIT_THREADS", 0));
  const Ceilings most = Ceilings::of(dev);
  add_norms(dev, most, "256ch_64px", 256, 64);
  add_norms(dev, most, "64ch_256px", 64, 256);
  add_maps(dev, most);
  add_weights(dev, most);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
