// Layers in one pass against the same ones one after the other.
#include "catch.hpp"
#include "values.hpp"

#include <ugatit/ugatit.hpp>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

struct Results {
  std::vector<double> y, dx, dw;
};

template <class Node, class In, class D>
Results run(D& dev, const ExtentOf<In>& extent, std::uint64_t seed) {
  Random random(seed);
  auto w = Node::parameters(extent);
  allocate(dev, w);
  Node::Params::each(
      [&](const char*, auto& field) {
        for (Index i = 0; i < field.size(); ++i) {
          field.data()[i] = static_cast<typename D::Scalar>(0.5 + 0.3 * random.symmetric(1));
        }
      },
      w);
  auto dw = zeros_like(dev, w);
  const auto x = random_value<In>(dev, extent, random);
  typename Node::Tape tape;
  const auto y = Node::forward(dev, w, x, tape);
  const auto dy = random_value<typename Node::Out>(dev, extent_of(y), random);
  Results results{flatten(y), flatten(Node::backward(dev, w, tape, dy, dw)), {}};
  Node::Params::each(
      [&](const char*, const auto& field) {
        results.dw.insert(results.dw.end(), field.data(), field.data() + field.size());
      },
      dw);
  return results;
}

template <class F, class G, class In, class T>
void check(const ExtentOf<In>& extent, double bound) {
  using D = Cpu<T>;
  using Fused = On<Then<F, G>, In, D>;
  using Parts = combinators::OneAfterTheOther<F, G, In, D>;
  static_assert(!std::is_base_of_v<Parts, Fused>, "these two have a pass of their own");
  const std::uint64_t seed = fresh_seed();
  INFO("seed " << seed << ", " << (sizeof(T) == 8 ? "double" : "float"));
  D dev(2);
  const Results fused = run<Fused, In>(dev, extent, seed);
  const Results parts = run<Parts, In>(dev, extent, seed);
  CHECK(relative_l2(fused.y, parts.y) <= bound);
  CHECK(relative_l2(fused.dx, parts.dx) <= bound);
  CHECK(relative_l2(fused.dw, parts.dw) <= bound);
}

template <class F, class G, class In>
void check_both(const ExtentOf<In>& extent) {
  check<F, G, In, double>(extent, 1e-12);
  check<F, G, In, float>(extent, 1e-5);
}

}  // namespace

TEST_CASE("norms and ReLU in one pass are the same as one after the other", "[laws]") {
  const Extent extent{2, 7, 9};
  const Extent vector{2, 1, 1};
  const Pair<Extent, Pair<Extent, Extent>> styled{extent, {vector, vector}};
  check_both<InstanceNorm, Relu, Map<5>>(extent);
  check_both<InstanceNorm2d<Affine::yes>, Relu, Map<5>>(extent);
  check_both<ILN, Relu, Map<5>>(extent);
  check_both<ILNWith<Variance::biased>, Relu, Map<5>>(extent);
  check_both<AdaLIN, Relu, Both<Map<5>, Style<5>>>(styled);
  check_both<AdaLINWith<Variance::biased, SmoothedRho>, Relu, Both<Map<5>, Style<5>>>(styled);
}

TEST_CASE("spectral normalisation and leaky ReLU in one pass are the same as one after the other", "[laws]") {
  check_both<SpectralNorm<PadConv<5, 4, 2, Bias::yes>>, LeakyRelu<20>, Map<3>>({2, 7, 9});
  check_both<SpectralNorm<PadConv<1, 4>, PowerIteration::from_u>, LeakyRelu<90>, Map<3>>({3, 9, 5});
  check_both<SpectralNorm<Linear<4, Bias::yes>>, LeakyRelu<20>, Vector<5>>({3, 1, 1});
}

TEST_CASE("an enlargement and a convolution in one pass are the same as one after the other", "[laws]") {
  check_both<Upsample<2>, PadConv<3, 3, 1, Bias::yes>, Map<5>>({2, 7, 9});
  check_both<Upsample<2>, PadConv<34, 3>, Map<33>>({3, 9, 5});
}

TEST_CASE("norms and the sum after them in one pass are the same as one after the other", "[laws]") {
  const Extent extent{2, 7, 9};
  const Extent vector{2, 1, 1};
  const Pair<Extent, Pair<Extent, Extent>> styled{extent, {vector, vector}};
  check_both<Fork<Sequential<PadConv<5, 3>, Relu, InstanceNorm>, Identity>, Add, Map<5>>(extent);
  check_both<Fork<Sequential<PadConv<5, 3>, ILN>, Identity>, Add, Map<5>>(extent);
  check_both<Fork<Sequential<OnFirst<PadConv<5, 3>>, AdaLIN>, First>, Add, Both<Map<5>, Style<5>>>(styled);
}
