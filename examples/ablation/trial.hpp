// One row of the ablation: the small generator trained with some norms, and how close its translations come.
#pragma once

#include "ablation/generators.hpp"
#include "common/pictures.hpp"
#include "common/progress.hpp"
#include "portraits/dataset.hpp"

#include <ugatit/metrics/pair.hpp>
#include <ugatit/metrics/ssim.hpp>

#include <chrono>

namespace ugatit::examples {

struct AblationOptions {
  std::string norm = "all";
  int size = 64;
  int train = 200;
  int test = 20;
  Index iterations = 500;
  Index batch_size = 2;
  double learning_rate = 3e-4;
  double cam_weight = 100;
  std::uint64_t seed = 0;
  int threads = 0;
  std::string sheet;
};

/// Drawn people: photos and cartoons of different ones to learn from, photos and cartoons of the same ones to test
/// with.
struct DrawnPeople {
  std::vector<Image> photos, cartoons, test_photos, test_cartoons;

  explicit DrawnPeople(const AblationOptions& o) {
    using namespace portraits;
    for (int i = 1; i <= o.train; ++i) {
      photos.push_back(draw_photo(person(o.seed, Group::train_photos, i), o.size));
      cartoons.push_back(draw_cartoon(person(o.seed, Group::train_cartoons, o.train + i), o.size));
    }
    for (int i = 1; i <= o.test; ++i) {
      test_photos.push_back(draw_photo(person(o.seed, Group::test, i), o.size));
      test_cartoons.push_back(draw_cartoon(person(o.seed, Group::test, i), o.size));
    }
  }
};

/// What the table says of one norm.
struct Trial {
  Index parameters = 0;       ///< learned, of one generator
  double milliseconds = 0;    ///< an iteration
  double generator_loss = 0;  ///< weighted total, mean over the last tenth of the iterations
  double l1 = 0;              ///< means over the test set, to the true partners
  double psnr = 0;
  double ssim = 0;
  std::vector<Image> translations;
};

/// Means over all pairs.
inline void score(const std::vector<Image>& images, const std::vector<Image>& partners, Trial& trial) {
  const double count = static_cast<double>(images.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    trial.l1 += l1(partners[i], images[i]) / count;
    trial.psnr += psnr(partners[i], images[i]) / count;
    trial.ssim += ssim(partners[i], images[i]) / count;
  }
}

/// Images drawn at random, as a batch.
inline Images<Cpu<float>> draw_batch(Cpu<float>& dev, const std::vector<Image>& images, Index count, Random& random) {
  const int size = images.front().width;
  Images<Cpu<float>> batch(dev, {count, size, size});
  const Index each = 3 * batch.extent().area();
  for (Index n = 0; n < count; ++n) {
    const auto which = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(images.size())));
    to_chw(images[which], std::span(batch.data() + n * each, static_cast<std::size_t>(each)));
  }
  return batch;
}

/// Trains two generators of one kind, and discriminators, and translates the test set.
inline Trial run_trial(const AblatedGenerator& kind, const DrawnPeople& people, const AblationOptions& o) {
  using D = Cpu<float>;
  D dev(o.threads);
  const Extent image{o.batch_size, o.size, o.size};
  const auto global = [&] { return std::make_unique<ModelNetwork<Discriminator<8, 6>, D>>(dev, image); };
  const auto local = [&] { return std::make_unique<ModelNetwork<Discriminator<8, 4>, D>>(dev, image); };
  TrainingSettings settings;
  settings.weights.cam = o.cam_weight;
  settings.schedule = {o.learning_rate, o.iterations, true};
  Trainer<D> trainer(
      dev, NetworkSet<D>{kind.make(dev, image), kind.make(dev, image), global(), local(), global(), local()}, settings);
  trainer.initialise(o.seed);

  Trial trial;
  for (const Parameter<D>& p : trainer.networks().a2b.parameters()) {
    if (p.w.role != Role::state) trial.parameters += p.w.size();
  }
  Random random_a(o.seed, 100);
  Random random_b(o.seed, 101);
  const Index tail = std::max<Index>(o.iterations / 10, 1);
  Progress progress(0, static_cast<long>(o.iterations), "iterations");
  const auto start = std::chrono::steady_clock::now();
  for (Index i = 1; i <= o.iterations; ++i) {
    const auto a = draw_batch(dev, people.photos, o.batch_size, random_a);
    const auto b = draw_batch(dev, people.cartoons, o.batch_size, random_b);
    const double loss = trainer.step(a, b).generators(settings.weights);
    if (!std::isfinite(loss))
      throw Error(std::string(kind.norm) + " norm: the loss is not a finite number; use a smaller --lr");
    if (i > o.iterations - tail) trial.generator_loss += loss / static_cast<double>(tail);
    progress.step([&] { return std::string("  ") + kind.norm; });
  }
  const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
  trial.milliseconds = spent.count() / static_cast<double>(o.iterations);

  const InMode<D> inference(dev, Mode::infer());
  for (const Image& photo : people.test_photos) {
    trial.translations.push_back(to_picture(dev, trainer.networks().a2b.forward(to_device(dev, photo)).image()));
  }
  score(trial.translations, people.test_cartoons, trial);
  return trial;
}

}  // namespace ugatit::examples
