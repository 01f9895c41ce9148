// Losses, Adam and the schedule against PyTorch; the trainer's memory and its independence of threads.
#include "golden.hpp"
#include "train/small_networks.hpp"

#include <atomic>

using namespace ugatit;
using namespace ugatit::testing;

// Counts every allocation of the program; see heap_test.cpp.
extern std::atomic<long> heap_allocations;

namespace {

const Golden& layers() {
  static const Golden golden("layers.safetensors");
  return golden;
}

template <class T, class Loss>
void check_loss(const std::string& name, const Loss& loss, double tolerance) {
  INFO(name);
  const std::vector<double> x = layers().read(name + "/x");
  const std::vector<T> in(x.begin(), x.end());
  std::vector<T> dx(in.size());
  double value = 0;
  Cpu<T> dev(1);
  loss(dev, LossGeometry{static_cast<Index>(in.size()), 1}, in.data(), &value, dx.data());
  CHECK(relative_l2({value}, layers().read(name + "/y")) <= tolerance);
  CHECK(relative_l2({dx.begin(), dx.end()}, layers().read(name + "/dx")) <= tolerance);
}

template <class T>
void check_losses(double tolerance) {
  const auto squares = [](double target) {
    return [target](auto& dev, auto g, const T* x, double* loss, T* dx) { least_squares(dev, g, x, target, loss, dx); };
  };
  const auto entropy = [](double target) {
    return
        [target](auto& dev, auto g, const T* x, double* loss, T* dx) { bce_with_logits(dev, g, x, target, loss, dx); };
  };
  check_loss<T>("mse_one", squares(1), tolerance);
  check_loss<T>("mse_zero", squares(0), tolerance);
  check_loss<T>("bce_one", entropy(1), tolerance);
  check_loss<T>("bce_zero", entropy(0), tolerance);
  check_loss<T>("bce_one_large", entropy(1), tolerance);
  check_loss<T>("bce_zero_large", entropy(0), tolerance);
  const std::vector<double> target = layers().read("l1/target");
  const std::vector<T> to(target.begin(), target.end());
  check_loss<T>(
      "l1", [&](auto& dev, auto g, const T* x, double* loss, T* dx) { l1(dev, g, x, to.data(), loss, dx); }, tolerance);
}

struct Trained {
  std::vector<float> parameters;  // of all networks
  std::size_t peak = 0;           // of the arena, bytes
};

// Trains a little.
Trained train(int threads, int iterations, Memory memory = Memory::ample) {
  using D = Cpu<float>;
  const Extent extent{2, 24, 32};
  D dev(threads);
  Trainer<D> trainer(dev, small_networks(dev, extent), {{}, {1e-3, 10, true}, 1e-4, {}, 0, memory});
  trainer.initialise(3);
  Random random(4);
  const auto a = random_value<Map<3>>(dev, extent, random);
  const auto b = random_value<Map<3>>(dev, extent, random);
  for (int i = 0; i < iterations; ++i) trainer.step(a, b);
  Trained trained;
  std::vector<float>& all = trained.parameters;
  trainer.each_network([&](const char*, auto& network) {
    for (const auto& p : network.parameters()) all.insert(all.end(), p.w.data(), p.w.data() + p.w.size());
  });
  trained.peak = dev.arena().peak();
  return trained;
}

}  // namespace

TEST_CASE("iterations may be started ahead, as many as are kept apart", "[train]") {
  using D = Cpu<float>;
  D dev(2);
  const Extent extent{1, 24, 32};
  const auto trainer = [&] {
    auto made = std::make_unique<Trainer<D>>(dev, small_networks(dev, extent), TrainingSettings{});
    made->initialise(3);
    return made;
  };
  Random random(4);
  const auto a = random_value<Map<3>>(dev, extent, random);
  const auto b = random_value<Map<3>>(dev, extent, random);
  const auto in_turn = trainer();
  const auto ahead = trainer();
  const auto first = in_turn->step(a, b).values();
  const auto second = in_turn->step(b, a).values();
  ahead->start(a, b);
  ahead->start(b, a);
  CHECK(ahead->iteration() == 0);
  CHECK_THROWS_AS(ahead->start(a, b), Error);
  CHECK(ahead->finish().values() == first);
  CHECK(ahead->iteration() == 1);
  CHECK(ahead->finish().values() == second);
  CHECK(ahead->gradient_norms() == in_turn->gradient_norms());
  CHECK_THROWS_AS(ahead->finish(), Error);
}

TEST_CASE("losses equal PyTorch's", "[golden]") {
  check_losses<double>(1e-13);
  check_losses<float>(1e-5);
}

TEST_CASE("Adam equals PyTorch's under the schedule", "[golden]") {
  const Golden golden("adam.safetensors");
  Cpu<double> dev(2);
  std::vector<double> w = golden.read("p/0");
  std::vector<double> m(w.size());
  std::vector<double> v(w.size());
  const std::vector<double> rates = golden.read("lr");
  const Schedule schedule{rates.front(), static_cast<Index>(rates.size()), true};
  double rate = schedule.base;
  for (Index step = 1; step <= static_cast<Index>(rates.size()); ++step) {
    rate = schedule.next(rate, step);
    CHECK(rate == rates[static_cast<std::size_t>(step - 1)]);
    std::vector<double> dw = golden.read("g/" + std::to_string(step));
    AdamRates rates_now;
    rates_now.learning_rate = rate;
    rates_now.step = step;
    adam_step(dev, rates_now, {w.data(), dw.data(), m.data(), v.data(), static_cast<Index>(w.size())});
    INFO("step " << step);
    CHECK(relative_l2(w, golden.read("p/" + std::to_string(step))) < 1e-14);
    CHECK(std::all_of(dw.begin(), dw.end(), [](double d) { return d == 0; }));
  }
}

TEST_CASE("rho stays inside [0, 1]", "[train]") {
  Cpu<float> dev(1);
  std::vector<float> w{0.0F, 1.0F, 0.5F};
  std::vector<float> dw{1, -1, 0};
  std::vector<float> m(3);
  std::vector<float> v(3);
  AdamRates rates;
  rates.learning_rate = 0.1;
  adam_step(dev, rates, {w.data(), dw.data(), m.data(), v.data(), 3, true, true});
  CHECK(w[0] == 0.0F);
  CHECK(w[1] == 1.0F);
}

TEST_CASE("a step that is not allowed changes nothing but the gradient", "[train]") {
  Cpu<float> dev(1);
  std::vector<float> w{1, 2};
  std::vector<float> dw{3, 4};
  std::vector<float> m{5, 6};
  std::vector<float> v{7, 8};
  const AdamFactors<float> factors(AdamRates{});
  const double not_allowed = 0;
  const AdamParameter<float> parameter{w.data(), dw.data(), m.data(), v.data(), 2};
  adam_step(dev, {&factors, &not_allowed}, std::span(&parameter, 1));
  CHECK(w == std::vector<float>{1, 2});
  CHECK(m == std::vector<float>{5, 6});
  CHECK(v == std::vector<float>{7, 8});
  CHECK(dw == std::vector<float>{0, 0});
}

TEST_CASE("learning is allowed by finite numbers alone", "[train]") {
  Cpu<float> dev(1);
  const auto allowed = [&](const std::vector<double>& x, const double* before) {
    double answer = -1;
    allow_if_finite(dev, static_cast<Index>(x.size()), x.data(), before, &answer);
    return answer;
  };
  const double no = 0;
  const double yes = 1;
  CHECK(allowed({1, -1e308, 0}, nullptr) == 1);
  CHECK(allowed({1, 2}, &yes) == 1);
  CHECK(allowed({1, 2}, &no) == 0);
  CHECK(allowed({1, INFINITY}, nullptr) == 0);
  CHECK(allowed({-INFINITY, 1}, &yes) == 0);
  CHECK(allowed({0, NAN, 1}, nullptr) == 0);
}

TEST_CASE("after the first iteration nothing touches the heap", "[train]") {
  using D = Cpu<float>;
  const Extent extent{1, 24, 32};
  D dev(2);
  Trainer<D> trainer(dev, small_networks(dev, extent), {});
  trainer.initialise(1);
  Random random(2);
  const auto a = random_value<Map<3>>(dev, extent, random);
  const auto b = random_value<Map<3>>(dev, extent, random);
  trainer.step(a, b);
  const long before = heap_allocations;
  const std::size_t reserved = dev.arena().reserved();
  const std::size_t in_use = dev.arena().in_use();
  for (int i = 0; i < 3; ++i) trainer.step(a, b);
  CHECK(heap_allocations - before == 0);
  CHECK(dev.arena().reserved() == reserved);
  CHECK(dev.arena().in_use() == in_use);
}

TEST_CASE("training does not depend on the number of threads", "[train]") {
  CHECK(train(1, 4).parameters == train(3, 4).parameters);
}

TEST_CASE("with low memory the same is learned in less of it", "[train]") {
  const Trained ample = train(2, 3);
  const Trained low = train(2, 3, Memory::low);
  CHECK(ample.parameters == low.parameters);
  CHECK(low.peak < ample.peak * 3 / 4);
}

TEST_CASE("low memory is refused for generators with state", "[train]") {
  using D = Cpu<float>;
  using WithState = Generator<4, 2, StyleFrom::average, DecoderNorm<BatchNorm>>;
  const Extent extent{2, 24, 32};
  D dev(1);
  NetworkSet<D> networks = small_networks(dev, extent);
  networks.b2a = std::make_unique<ModelNetwork<WithState, D>>(dev, extent);
  TrainingSettings settings;
  settings.memory = Memory::low;
  CHECK_THROWS_AS(Trainer<D>(dev, std::move(networks), settings), Error);
}

TEST_CASE("Recompute gives the same gradients with a smaller tape", "[train]") {
  using D = Cpu<double>;
  using Block = Residual<ConvBlock<4, 3>, PadConv<4, 3>, InstanceNorm>;
  using Plain = On<Repeat<3, Block>, Map<4>, D>;
  using Again = On<Repeat<3, Recompute<Block>>, Map<4>, D>;
  const Extent extent{2, 9, 11};
  D dev(1);
  Random random(5);
  Plain::Params w = Plain::parameters(extent);
  allocate(dev, w);
  initialise(dev, w, random);
  Again::Params same = Again::parameters(extent);
  same.all = w.all;
  const auto x = random_value<Map<4>>(dev, extent, random);
  const auto dy = random_value<Map<4>>(dev, extent, random);

  Plain::Params dw = zeros_like(dev, w);
  Again::Params same_dw = zeros_like(dev, same);
  Plain::Tape tape;
  Again::Tape small_tape;
  const std::size_t before = dev.arena().in_use();
  const auto y = Plain::forward(dev, w, x, tape);
  const std::size_t plain_memory = dev.arena().in_use() - before;
  const auto same_y = Again::forward(dev, same, x, small_tape);
  CHECK(dev.arena().in_use() - before - plain_memory < plain_memory / 2);
  CHECK(flatten(y) == flatten(same_y));
  CHECK(flatten(Plain::backward(dev, w, tape, dy, dw)) == flatten(Again::backward(dev, same, small_tape, dy, same_dw)));
  std::vector<double> gradients;
  Plain::Params::each(
      [&](const char*, const auto& d) { gradients.insert(gradients.end(), d.data(), d.data() + d.size()); }, dw);
  std::vector<double> same_gradients;
  Again::Params::each(
      [&](const char*, const auto& d) { same_gradients.insert(same_gradients.end(), d.data(), d.data() + d.size()); },
      same_dw);
  CHECK(gradients == same_gradients);
}
