// The loss terms of one iteration, by name.
//
// Every term is measured once, unweighted and in double precision: in the device's memory, from where they are copied
// when somebody has to look at them.
#pragma once

#include <ugatit/core/tensor.hpp>

#include <array>
#include <cstddef>
#include <string>
#include <vector>

namespace ugatit {

/// How discriminators are taught and generators judged, as the TensorFlow code names them (its --gan_type).
enum class GanType {
  lsgan,    ///< least squares: what all three codes do
  gan,      ///< cross-entropy
  wgan_gp,  ///< Wasserstein, with a gradient penalty
  wgan_lp,  ///< Wasserstein, with a one-sided penalty
  dragan,   ///< cross-entropy, with a penalty around real images
  hinge     ///< hinge
};

/// Whether it wants a gradient penalty.
constexpr bool has_penalty(GanType type) {
  return type == GanType::wgan_gp || type == GanType::wgan_lp || type == GanType::dragan;
}

/// The weights of section 3 of the specification.
struct LossWeights {
  double adversarial = 1;        ///< least squares, of discriminators and generators
  double cycle = 10;             ///< L1, there and back
  double identity = 10;          ///< L1, images already in the domain
  double cam = 1000;             ///< cross-entropy of attention
  double penalty = 10;           ///< of gradients, within the adversarial losses of those that want it
  GanType gan = GanType::lsgan;  ///< which adversarial losses
};

/// What one discriminator is measured by.
struct JudgeTerms {
  double real = 0;         ///< patch logits of a real image against 1
  double real_cam = 0;     ///< CAM logits likewise
  double fake = 0;         ///< patch logits of a translation against 0
  double fake_cam = 0;     ///< of the CAM logits
  double fooled = 0;       ///< patch logits of a translation against 1, for the generators
  double fooled_cam = 0;   ///< of the CAM logits
  double penalty = 0;      ///< of the gradient of the patch logits' sum, its own weight included
  double penalty_cam = 0;  ///< of the CAM logits' sum

  /// What the discriminator learns from, but for the weight of all adversarial losses.
  double sum() const { return real + real_cam + fake + fake_cam + penalty + penalty_cam; }
};

/// What one generator is measured by; named by the domain it translates to.
struct TranslatorTerms {
  double cycle = 0;          ///< L1 between an image of the domain and its return
  double identity = 0;       ///< L1 between an image of the domain and its translation to its own domain
  double cam_translate = 0;  ///< BCE of the CAM logits of a translation against 1
  double cam_identity = 0;   ///< BCE of the CAM logits of an image already in the domain against 0

  double cam() const { return cam_translate + cam_identity; }  ///< both, not weighted
};

/// Doubles alone, so that kernels may write them one by one and all can be copied at once.
struct LossTerms {
  JudgeTerms global_a;   ///< of the discriminator that sees the whole of an A
  JudgeTerms local_a;    ///< of the one that sees patches of an A
  JudgeTerms global_b;   ///< of the discriminator that sees the whole of a B
  JudgeTerms local_b;    ///< of the one that sees patches of a B
  TranslatorTerms to_a;  ///< of the generator from B to A
  TranslatorTerms to_b;  ///< of the generator from A to B

  /// Weighted total.
  double discriminators(const LossWeights& w) const {
    return w.adversarial * (global_a.sum() + local_a.sum()) + w.adversarial * (global_b.sum() + local_b.sum());
  }

  /// Weighted total.
  double generators(const LossWeights& w) const {
    const auto one = [&w](const JudgeTerms& global, const JudgeTerms& local, const TranslatorTerms& t) {
      return w.adversarial * (global.fooled + global.fooled_cam + local.fooled + local.fooled_cam) + w.cycle * t.cycle +
             w.identity * t.identity + w.cam * t.cam();
    };
    return one(global_a, local_a, to_a) + one(global_b, local_b, to_b);
  }

  /// How many of `names` come first that the discriminators learn from.
  static constexpr std::size_t discriminator_terms = 4;

  /// The columns of losses.csv after `iteration,d_loss,g_loss`.
  static const std::vector<std::string>& names() {
    static const std::vector<std::string> all{
        "d_ga",      "d_la",         "d_gb",         "d_lb",         "g_adv_ga", "g_adv_ga_cam",
        "g_adv_la",  "g_adv_la_cam", "g_adv_gb",     "g_adv_gb_cam", "g_adv_lb", "g_adv_lb_cam",
        "g_cycle_a", "g_cycle_b",    "g_identity_a", "g_identity_b", "g_cam_a",  "g_cam_b"};
    return all;
  }

  /// In the order of `names`.
  std::array<double, 18> values() const {
    return {global_a.sum(),      local_a.sum(),      global_b.sum(),     local_b.sum(),   global_a.fooled,
            global_a.fooled_cam, local_a.fooled,     local_a.fooled_cam, global_b.fooled, global_b.fooled_cam,
            local_b.fooled,      local_b.fooled_cam, to_a.cycle,         to_b.cycle,      to_a.identity,
            to_b.identity,       to_a.cam(),         to_b.cam()};
  }

  /// What the sums among `names` consist of; what they lack to the sum is gradient penalties.
  static const std::vector<std::string>& part_names() {
    static const std::vector<std::string> all{
        "d_ga_real",     "d_ga_real_cam",     "d_ga_fake",        "d_ga_fake_cam",     "d_la_real",
        "d_la_real_cam", "d_la_fake",         "d_la_fake_cam",    "d_gb_real",         "d_gb_real_cam",
        "d_gb_fake",     "d_gb_fake_cam",     "d_lb_real",        "d_lb_real_cam",     "d_lb_fake",
        "d_lb_fake_cam", "g_cam_a_translate", "g_cam_a_identity", "g_cam_b_translate", "g_cam_b_identity"};
    return all;
  }

  /// Their values, in that order.
  std::array<double, 20> parts() const {
    return {global_a.real,    global_a.real_cam,  global_a.fake,     global_a.fake_cam,  local_a.real,
            local_a.real_cam, local_a.fake,       local_a.fake_cam,  global_b.real,      global_b.real_cam,
            global_b.fake,    global_b.fake_cam,  local_b.real,      local_b.real_cam,   local_b.fake,
            local_b.fake_cam, to_a.cam_translate, to_a.cam_identity, to_b.cam_translate, to_b.cam_identity};
  }
};

}  // namespace ugatit
