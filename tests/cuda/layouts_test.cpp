// Other orders of numbers: images and weights as tensor cores read them, and columns folded into channels.
#include "convolved_gradients.hpp"
#include "on_host.hpp"
#include "packed_adam.hpp"

#include <ugatit/cuda/folded_columns.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace ugatit;
using namespace ugatit::testing;

namespace {

// C channels: few go number by number, many in tiles.
template <Index C>
void check_packing(std::uint64_t seed, Index team = 1) {
  INFO(C << " channels, teams of " << team << ", seed " << seed);
  using D = OnHost<float>;
  Random random(seed);
  D dev;
  dev.team = team;
  const auto x = make_value<Map<C>>(dev, {2, 5, 7});
  write(dev, normal_numbers(random, x.size()), x);
  const BufferOf<bfloat16, D> packed(dev.arena(), x.size());
  packing::pack(dev, as_input(x), packed.data());
  const auto back = make_value<Map<C>>(dev, x.extent());
  const Buffer<D> bias(dev.arena(), C);
  const std::vector<double> shifts = normal_numbers(random, C);
  write(dev, shifts, bias.data());
  packing::unpack(dev, packed.data(), bias.data(), back.view());
  const std::vector<double> right = read(dev, x);
  const std::vector<double> ours = read(dev, back);
  const auto area = static_cast<std::size_t>(x.extent().area());
  for (std::size_t i = 0; i < right.size(); ++i) {
    const std::size_t channel = i / area % static_cast<std::size_t>(C);
    const float rounded = to_float(to_bfloat16(static_cast<float>(right[i])));
    REQUIRE(ours[i] == static_cast<double>(rounded + static_cast<float>(shifts[channel])));
  }
}

}  // namespace

TEST_CASE("what is packed for tensor cores is the image, rounded", "[cuda][teams]") {
  check_packing<1>(fresh_seed());
  check_packing<3>(fresh_seed());
  check_packing<16>(fresh_seed());
  check_packing<17>(fresh_seed());
  check_packing<70>(fresh_seed());
  check_packing<130>(fresh_seed());
  check_packing<70>(fresh_seed(), 64);
}

namespace {

using Folder = OnHost<float>;

/// Numbers that bfloat16 has, on the device in float.
struct Numbers {
  std::vector<double> host;
  Buffer<Folder> memory;

  Numbers(Folder& dev, Random& random, Index size) : host(normal_numbers(random, size)), memory(dev.arena(), size) {
    for (double& x : host) x = static_cast<double>(to_float(to_bfloat16(static_cast<float>(x))));
    write(dev, host, memory.data());
  }
};

std::vector<double> read_halves(Folder& dev, const BufferOf<bfloat16, Folder>& x) {
  std::vector<bfloat16> host(static_cast<std::size_t>(x.size()));
  copy_to_host(dev, x.size(), static_cast<const bfloat16*>(x.data()), host.data());
  std::vector<double> numbers(host.size());
  std::transform(host.begin(), host.end(), numbers.begin(),
                 [](bfloat16 h) { return static_cast<double>(to_float(h)); });
  return numbers;
}

/// Random numbers in bfloat16.
BufferOf<bfloat16, Folder> random_halves(Folder& dev, Random& random, Index size) {
  std::vector<bfloat16> host(static_cast<std::size_t>(size));
  for (bfloat16& x : host) x = to_bfloat16(static_cast<float>(random.normal()));
  BufferOf<bfloat16, Folder> memory(dev.arena(), size);
  copy_from_host(dev, size, static_cast<const bfloat16*>(host.data()), memory.data());
  return memory;
}

double product(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

/// Whether two ways to the same sum agree: products of numbers that are exact, summed in float somewhere.
void check_same(double a, double b, Index terms) {
  CHECK(std::abs(a - b) <= 1e-5 * std::sqrt(static_cast<double>(terms)) * 10);
}

/// ⟨packed w, d⟩ = ⟨w, added d⟩
template <class Add>
void check_weights(Folder& dev, Random& random, const BufferOf<bfloat16, Folder>& packed, const Numbers& w,
                   const Add& add) {
  const auto d = random_halves(dev, random, packed.size());
  const Buffer<Folder> dw(dev.arena(), w.memory.size());
  fill(dev, dw.size(), 0.0F, dw.data());
  add(d.data(), dw.data());
  check_same(product(read_halves(dev, packed), read_halves(dev, d)), product(w.host, read(dev, dw.data(), dw.size())),
             d.size());
}

/// Σ_{k,c} w'[o, k, c] x'[n, s·i + k, j, c] as [N, O, OH, OW].
std::vector<double> convolve_columns(const std::vector<double>& x, const std::vector<double>& w, Index batch,
                                     Index height, Index width, Index inputs, Index outputs, Index kernel, Index stride,
                                     Index out_height) {
  std::vector<double> y;
  const auto at = [](const std::vector<double>& of, Index i) { return of[static_cast<std::size_t>(i)]; };
  for (Index n = 0; n < batch; ++n) {
    for (Index o = 0; o < outputs; ++o) {
      for (Index i = 0; i < out_height; ++i) {
        for (Index j = 0; j < width; ++j) {
          double sum = 0;
          for (Index k = 0; k < kernel; ++k) {
            for (Index c = 0; c < inputs; ++c) {
              sum += at(w, (o * kernel + k) * inputs + c) *
                     at(x, ((n * height + stride * i + k) * width + j) * inputs + c);
            }
          }
          y.push_back(sum);
        }
      }
    }
  }
  return y;
}

// A convolution of 3 channels to 8.
void check_from_few(std::uint64_t seed, Index kernel, Index stride, const PadGeometry& pad) {
  INFO("window " << kernel << ", stride " << stride << ", border " << static_cast<int>(pad.border) << ", seed "
                 << seed);
  Random random(seed);
  Folder dev;
  const Conv2dGeometry g{3, 8, kernel, stride, pad};
  const Extent extent{2, 9, 11};
  const Extent out = g.out(extent);
  const Index all = folded::channels(kernel, 3);
  const Index height = extent.height + pad.both();
  const Numbers x(dev, random, 2 * 3 * extent.area());
  const Numbers w(dev, random, 8 * g.taps());
  const View<const float> image{x.memory.data(), 2, 3, extent.height, extent.width};

  const BufferOf<bfloat16, Folder> spread(dev.arena(), 2 * height * out.width * all);
  folded::spread_image(dev, g, image, out.width, spread.data());
  const BufferOf<bfloat16, Folder> packed(dev.arena(), 8 * kernel * all);
  folded::pack_weights_from_few(dev, g, w.memory.data(), packed.data());
  const auto y = make_value<Map<8>>(dev, out);
  direct::forward(dev, g, image, w.memory.data(), static_cast<const float*>(nullptr), y.view());
  CHECK(relative_l2(convolve_columns(read_halves(dev, spread), read_halves(dev, packed), 2, height, out.width, all, 8,
                                     kernel, stride, out.height),
                    read(dev, y)) <= 1e-6);

  // ⟨spread x, d⟩ = ⟨x, gather d⟩, and likewise for weights.
  const auto d = random_halves(dev, random, spread.size());
  const Buffer<Folder> dx(dev.arena(), image.size());
  folded::gather_image(dev, g, d.data(), out.width, View<float>{dx.data(), 2, 3, extent.height, extent.width});
  check_same(product(read_halves(dev, spread), read_halves(dev, d)), product(x.host, read(dev, dx.data(), dx.size())),
             d.size());
  check_weights(dev, random, packed, w,
                [&](const bfloat16* from, float* to) { folded::add_weights_from_few(dev, g, from, to); });
}

// A convolution of 8 channels to `few`, without a border.
void check_to_few(std::uint64_t seed, Index kernel, Index few) {
  INFO("window " << kernel << ", to " << few << ", seed " << seed);
  Random random(seed);
  Folder dev;
  const Conv2dGeometry g{8, few, kernel, 1, {0, Border::zero}};
  const Extent extent{2, 9, 11};
  const Extent out = g.out(extent);
  const Index all = folded::outputs(kernel, few);
  const Numbers x(dev, random, 2 * 8 * extent.area());
  const Numbers w(dev, random, few * g.taps());
  const View<const float> image{x.memory.data(), 2, 8, extent.height, extent.width};
  const BufferOf<bfloat16, Folder> rows(dev.arena(), image.size());
  packing::pack(dev, image, rows.data());
  const BufferOf<bfloat16, Folder> packed(dev.arena(), all * kernel * 8);
  folded::pack_weights_to_few(dev, g, w.memory.data(), packed.data());

  // z, rounded, then collected.
  const std::vector<double> sums = convolve_columns(read_halves(dev, rows), read_halves(dev, packed), 2, extent.height,
                                                    extent.width, 8, all, kernel, 1, out.height);
  const Index size = 2 * out.height * extent.width * all;
  const Buffer<Folder> planes(dev.arena(), size);
  write(dev, sums, planes.data());
  const BufferOf<bfloat16, Folder> z(dev.arena(), size);
  packing::pack(dev, View<const float>{planes.data(), 2, all, out.height, extent.width}, z.data());
  const Numbers b(dev, random, few);
  const Index outputs = 2 * few * out.area();
  const Buffer<Folder> ours(dev.arena(), outputs);
  const Buffer<Folder> right(dev.arena(), outputs);
  const auto view_of = [&](const Buffer<Folder>& memory) {
    return View<float>{memory.data(), 2, few, out.height, out.width};
  };
  folded::collect(dev, kernel, z.data(), b.memory.data(), view_of(ours));
  direct::forward(dev, g, image, w.memory.data(), b.memory.data(), view_of(right));
  CHECK(relative_l2(read(dev, ours.data(), outputs), read(dev, right.data(), outputs)) <= 5e-3);

  const Numbers dy(dev, random, outputs);
  const BufferOf<bfloat16, Folder> dz(dev.arena(), size);
  folded::distribute(dev, kernel, View<const float>(view_of(dy.memory)), dz.data());
  folded::collect(dev, kernel, z.data(), nullptr, view_of(ours));
  check_same(product(read_halves(dev, z), read_halves(dev, dz)), product(read(dev, ours.data(), outputs), dy.host),
             size * 100);
  check_weights(dev, random, packed, w,
                [&](const bfloat16* from, float* to) { folded::add_weights_to_few(dev, g, from, to); });
}

}  // namespace

TEST_CASE("columns folded into channels are the same convolution", "[cuda]") {
  for (const Border border : {Border::zero, Border::reflect}) {
    check_from_few(fresh_seed(), 7, 1, {3, border});
    check_from_few(fresh_seed(), 4, 2, {1, border});
    check_from_few(fresh_seed(), 4, 2, {1, border, 1});
    check_from_few(fresh_seed(), 1, 1, {0, border});
  }
  check_to_few(fresh_seed(), 7, 3);
  check_to_few(fresh_seed(), 4, 1);
  check_to_few(fresh_seed(), 1, 5);
}

namespace {

void check_packed_weights(std::uint64_t seed, Index team) {
  INFO("teams of " << team << ", seed " << seed);
  Random random(seed);
  using D = OnHost<float>;
  D dev;
  dev.team = team;
  for (const WeightSizes& sizes : odd_weights) {
    const auto& [outputs, inputs, window] = sizes;
    INFO(outputs << " outputs, " << inputs << " inputs, " << window << " taps");
    const Index size = sizes.size();
    const Buffer<D> w(dev.arena(), size);
    const Buffer<D> dw(dev.arena(), size);
    const BufferOf<bfloat16, D> packed(dev.arena(), size);
    write(dev, normal_numbers(random, size), w.data());
    write(dev, std::vector<double>(static_cast<std::size_t>(size), 1), dw.data());
    packing::pack_weights(dev, sizes, w.data(), packed.data());
    std::vector<bfloat16> host(static_cast<std::size_t>(packed.size()));
    copy_to_host(dev, packed.size(), static_cast<const bfloat16*>(packed.data()), host.data());
    const std::vector<double> right = read(dev, w.data(), size);
    // [O, K·K, I]
    for (Index o = 0; o < outputs; ++o) {
      for (Index k = 0; k < window; ++k) {
        for (Index i = 0; i < inputs; ++i) {
          const double number = right[static_cast<std::size_t>((o * inputs + i) * window + k)];
          REQUIRE(host[static_cast<std::size_t>((o * window + k) * inputs + i)].bits ==
                  to_bfloat16(static_cast<float>(number)).bits);
        }
      }
    }
    packing::add_weights(dev, sizes, packed.data(), dw.data());
    const std::vector<double> ours = read(dev, dw.data(), size);
    for (std::size_t i = 0; i < right.size(); ++i) {
      REQUIRE(ours[i] == static_cast<double>(1 + to_float(to_bfloat16(static_cast<float>(right[i])))));
    }
  }
}

}  // namespace

TEST_CASE("packed weights come back where they were, added", "[cuda][teams]") {
  check_packed_weights(fresh_seed(), 1);
  check_packed_weights(fresh_seed(), 64);
}

namespace {

/// On devices that pack weights, with teams of one thread and of many.
template <class Check>
void where_weights_are_packed(const Check& check) {
  OnHost<bfloat16> half;
  check(half);
  half.team = 64;
  check(half);
  OnHost<tf32> single;
  single.team = 64;
  check(single);
}

}  // namespace

TEST_CASE("Adam's step writes weights as tensor cores read them, too", "[cuda][teams]") {
  where_weights_are_packed([](auto& dev) { check_adam_packs(dev, fresh_seed()); });
}

TEST_CASE("a gradient in parts is what it is the sum of", "[cuda][teams]") {
  where_weights_are_packed([](auto& dev) { check_convolved_gradients(dev, fresh_seed()); });
}
