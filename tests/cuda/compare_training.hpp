// A few iterations of a small training, and a checkpoint of it, on any device.
#pragma once

#include "../values.hpp"
#include "device_numbers.hpp"
#include "train/small_networks.hpp"

#include <ugatit/train/checkpoint.hpp>

#include <filesystem>

namespace ugatit::testing {

/// The loss terms of each iteration.
using LossCurve = std::vector<double>;

/// One training of small networks on random images, the same on every device.
template <class D>
class SmallTraining {
 public:
  SmallTraining(D& dev, std::uint64_t seed, GanType type)
      : trainer_(dev, small_networks(dev, extent()), {weights_of(type), {1e-3, 10, true}, 1e-4, {}, seed}),
        a_(make_value<Map<3>>(dev, extent())),
        b_(make_value<Map<3>>(dev, extent())) {
    Random random(seed);
    write(dev, normal_numbers(random, a_.size()), a_.data());
    write(dev, normal_numbers(random, b_.size()), b_.data());
    trainer_.initialise(seed);
  }

  LossCurve train(int iterations) {
    LossCurve curve;
    for (int i = 0; i < iterations; ++i) {
      const auto values = trainer_.step(a_, b_).values();
      curve.insert(curve.end(), values.begin(), values.end());
    }
    return curve;
  }

  /// The same, with each iteration started before the one before it is looked at.
  LossCurve train_ahead(int iterations) {
    LossCurve curve;
    for (int i = 0; i <= iterations; ++i) {
      if (i < iterations) trainer_.start(a_, b_);
      if (i == 0) continue;
      const auto values = trainer_.finish().values();
      curve.insert(curve.end(), values.begin(), values.end());
    }
    return curve;
  }

  void save(const std::filesystem::path& path) { write_checkpoint(path, trainer_, model(), {}); }
  void load(const std::filesystem::path& path) { read_checkpoint(open_weights(path), trainer_, model()); }

 private:
  static Extent extent() { return {2, 24, 32}; }
  static LossWeights weights_of(GanType type) {
    LossWeights weights;
    weights.gan = type;
    return weights;
  }
  static ModelDescription model() { return {4, 2, 3, 32, true, Preset::pytorch}; }

  Trainer<D> trainer_;
  Images<D> a_, b_;
};

/// How far the losses of three iterations are from those on `Cpu<double>`.
template <class D>
double compare_training(D& dev, std::uint64_t seed, GanType type = GanType::lsgan) {
  Cpu<double> reference(1);
  return relative_l2(SmallTraining<D>(dev, seed, type).train(3),
                     SmallTraining<Cpu<double>>(reference, seed, type).train(3));
}

/// Whether a training that is saved and read again goes on as if nothing had happened, bit for bit, also where each
/// iteration is started ahead.
template <class D>
bool resumes_exactly(D& dev, std::uint64_t seed, GanType type = GanType::lsgan) {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / ("ugatit_" + std::to_string(seed));
  SmallTraining<D> first(dev, seed, type);
  first.train(2);
  first.save(file);
  SmallTraining<D> second(dev, seed, type);
  second.load(file);
  std::filesystem::remove(file);
  return first.train(3) == second.train_ahead(3);
}

}  // namespace ugatit::testing
