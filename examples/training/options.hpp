// The flags of train_selfie2anime: names, meanings and defaults are those of the published code, and ours in its style.
#pragma once

#include "common/device_flags.hpp"
#include "common/preset_flag.hpp"
#include "common/program.hpp"

#include <ugatit/models/description.hpp>
#include <ugatit/train/trainer.hpp>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ugatit::examples {

struct TrainingOptions {
  std::string phase = "train";
  ModelDescription model;
  std::string dataset = "selfie2anime";
  std::string data_dir = "dataset";
  std::string result_dir = "results";
  std::string init_weights;
  DeviceFlags on;
  Index iterations = 1000000;
  Index batch_size = 1;
  Index print_freq = 1000;
  Index save_freq = 10000;
  Index evaluate_every = 0;
  Index img_ch = 3;
  bool decay = true;
  bool augment = true;
  bool shuffle = true;
  bool tensorboard = false;
  bool resume = false;
  bool low_memory = false;
  std::optional<Index> start_iter;
  double learning_rate = 1e-4;
  double weight_decay = 1e-4;
  double ema = 0;
  std::string metric;
  std::string inception;
  LossWeights weights;
  std::uint64_t seed = 0;

  TrainingSettings settings() const {
    return {weights,      {learning_rate, iterations, decay},
            weight_decay, with_preset(model.preset, [](auto p) { return p.adam; }),
            seed,         low_memory ? Memory::low : Memory::ample};
  }
};

/// The names that --gan_type takes, the TensorFlow code's.
inline const std::map<std::string, GanType>& gan_types() {
  static const std::map<std::string, GanType> all{{"lsgan", GanType::lsgan},     {"gan", GanType::gan},
                                                  {"wgan-gp", GanType::wgan_gp}, {"wgan-lp", GanType::wgan_lp},
                                                  {"dragan", GanType::dragan},   {"hinge", GanType::hinge}};
  return all;
}

inline std::string name_of(GanType type) {
  const auto found = std::ranges::find(gan_types(), type, &std::pair<const std::string, GanType>::second);
  return found->first;
}

inline void add_options(CLI::App& app, TrainingOptions& o) {
  const auto number = [&app](const char* name, auto& value, const char* help) {
    return app.add_option(name, value, help)->capture_default_str();
  };
  app.add_option("--phase", o.phase, "train; test: sheets of all test images; create: their translations alone")
      ->check(CLI::IsMember({"train", "test", "create"}))
      ->capture_default_str();
  add_boolean(app, "--light", o.model.light, "the light model: 10.6 instead of 279 million parameters, any image size");
  add_preset(app, o.model.preset, "the published code to compute the same as: pytorch, tensorflow, paddle");
  number("--dataset", o.dataset, "name of the data set: the folder below --data_dir");
  number("--data_dir", o.data_dir, "where data sets are: DATA_DIR/DATASET/{trainA,trainB,testA,testB}");
  number("--result_dir", o.result_dir, "results go to RESULT_DIR/DATASET/{model,img,test,create}");
  number("--iteration", o.iterations, "iterations of the whole training")->check(CLI::PositiveNumber);
  number("--batch_size", o.batch_size, "images of each domain in an iteration")->check(CLI::Range(1, 1024));
  number("--print_freq", o.print_freq, "iterations between sample sheets, and between reports")
      ->check(CLI::PositiveNumber);
  number("--save_freq", o.save_freq, "iterations between checkpoints")->check(CLI::PositiveNumber);
  number("--evaluate_every", o.evaluate_every, "iterations between scores of the test set; 0: none")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--metric", o.metric, "keep the checkpoint that is best by l1, ssim or kid; l1 where it can be had")
      ->check(CLI::IsMember({"l1", "ssim", "kid"}));
  app.add_option("--inception", o.inception, "Inception weights (as evaluate takes them), for kid");
  add_boolean(app, "--tensorboard", o.tensorboard, "also write event files for TensorBoard");
  number("--ema", o.ema, "keep averages of the generators' weights with this decay, say 0.999; 0: none")
      ->check(CLI::Range(0.0, 0.9999999));
  add_boolean(app, "--decay_flag", o.decay, "let the learning rate fall to 0 over the second half");
  number("--lr", o.learning_rate, "learning rate")->check(CLI::NonNegativeNumber);
  number("--weight_decay", o.weight_decay, "added to the gradient, times the weight")->check(CLI::NonNegativeNumber);
  number("--adv_weight", o.weights.adversarial, "weight of the adversarial losses");
  app.add_option_function<std::string>(
         "--gan_type", [&o](const std::string& name) { o.weights.gan = gan_types().at(name); },
         "the adversarial losses: lsgan, gan, hinge; wgan-gp, wgan-lp and dragan penalise the discriminators' "
         "gradients")
      ->check(CLI::IsMember(gan_types()))
      ->default_str("lsgan");
  number("--GP_ld", o.weights.penalty, "weight of gradient penalties, within the adversarial losses");
  number("--cycle_weight", o.weights.cycle, "weight of the cycle losses");
  number("--identity_weight", o.weights.identity, "weight of the identity losses");
  number("--cam_weight", o.weights.cam, "weight of the attention losses");
  number("--ch", o.model.ch, "channels of the first layer")->check(CLI::PositiveNumber);
  number("--n_res", o.model.n_res, "residual blocks of each half of a generator")->check(CLI::PositiveNumber);
  number("--n_dis", o.model.n_dis, "discriminators have n_dis+1 (global) and n_dis-1 layers")
      ->check(CLI::PositiveNumber);
  number("--img_size", o.model.img_size, "side of the square images, a multiple of 4")->check(CLI::Range(16, 4096));
  number("--img_ch", o.img_ch, "colour channels; 3 is the one number there is")->check(CLI::IsMember({3}));
  add_device_flags(app, o.on);
  app.add_option_function<std::string>(
         "--memory", [&o](const std::string& memory) { o.low_memory = memory == "low"; },
         "ample, or low: less memory for more time (on a CPU 4 to 8 %), the same result")
      ->check(CLI::IsMember({"ample", "low"}))
      ->default_str("ample");
  add_boolean(
      app, "--benchmark_flag", o.on.benchmark,
      "on a GPU in bfloat16 or TF32: time what cuDNN has for each convolution at the start, and take the fastest");
  add_boolean(app, "--resume", o.resume, "go on from the newest checkpoint, or from that of --start_iter");
  app.add_option("--start_iter", o.start_iter, "the checkpoint to resume from")->check(CLI::NonNegativeNumber);
  app.add_option("--init_weights", o.init_weights, "start from these weights (.safetensors, or a published .pt)");
  add_boolean(app, "--augment_flag", o.augment,
              "flip training images at random, and crop S of S + 30 pixels: not for small images");
  add_boolean(app, "--shuffle", o.shuffle, "draw training images in random order; False: in name order, cycled");
  number("--seed", o.seed, "seed of starting weights, order and augmentation");
}

/// The flags that shape a training, with their values, for its report.
inline std::vector<std::pair<std::string, std::string>> settings_of(const TrainingOptions& o) {
  const auto number = [](double x) {
    char digits[32];
    std::snprintf(digits, sizeof digits, "%g", x);
    return std::string(digits);
  };
  const auto boolean = [](bool x) { return std::string(x ? "True" : "False"); };
  return {{"--dataset", o.dataset},
          {"--data_dir", o.data_dir},
          {"--result_dir", o.result_dir},
          {"--preset", name_of(o.model.preset)},
          {"--light", boolean(o.model.light)},
          {"--ch", std::to_string(o.model.ch)},
          {"--n_res", std::to_string(o.model.n_res)},
          {"--n_dis", std::to_string(o.model.n_dis)},
          {"--img_size", std::to_string(o.model.img_size)},
          {"--iteration", std::to_string(o.iterations)},
          {"--batch_size", std::to_string(o.batch_size)},
          {"--lr", number(o.learning_rate)},
          {"--decay_flag", boolean(o.decay)},
          {"--weight_decay", number(o.weight_decay)},
          {"--adv_weight", number(o.weights.adversarial)},
          {"--gan_type", name_of(o.weights.gan)},
          {"--GP_ld", number(o.weights.penalty)},
          {"--cycle_weight", number(o.weights.cycle)},
          {"--identity_weight", number(o.weights.identity)},
          {"--cam_weight", number(o.weights.cam)},
          {"--print_freq", std::to_string(o.print_freq)},
          {"--save_freq", std::to_string(o.save_freq)},
          {"--evaluate_every", std::to_string(o.evaluate_every)},
          {"--metric", o.metric},
          {"--inception", o.inception},
          {"--tensorboard", boolean(o.tensorboard)},
          {"--ema", number(o.ema)},
          {"--augment_flag", boolean(o.augment)},
          {"--shuffle", boolean(o.shuffle)},
          {"--seed", std::to_string(o.seed)},
          {"--init_weights", o.init_weights},
          {"--precision", o.on.precision},
          {"--threads", o.on.threads == 0 ? "0 (all)" : std::to_string(o.on.threads)}};
}

}  // namespace ugatit::examples
