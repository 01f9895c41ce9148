// One iteration (section 3 of the specification): the discriminators learn, then the generators.
//
// What the published code computes and throws away is not computed here: the generators' backward pass in the first
// part, the translations a second time in the second (the generators have not changed in between), the discriminators'
// weight gradients in the second part, and gradients with respect to images.
#pragma once

#include <ugatit/core/side_by_side.hpp>
#include <ugatit/core/unchanged.hpp>
#include <ugatit/models/network.hpp>
#include <ugatit/ops/loss.hpp>
#include <ugatit/train/adversary.hpp>
#include <ugatit/train/losses.hpp>
#include <ugatit/train/penalty.hpp>

#include <optional>
#include <type_traits>
#include <utility>

namespace ugatit {

/// The six networks. A and B are the two domains; a discriminator is named by the domain that it judges.
template <class D>
struct Networks {
  Network<D, 3>& a2b;       ///< A to B
  Network<D, 3>& b2a;       ///< B to A
  Network<D, 1>& global_a;  ///< judges the whole of an A
  Network<D, 1>& local_a;   ///< judges patches of an A
  Network<D, 1>& global_b;  ///< judges the whole of a B
  Network<D, 1>& local_b;   ///< judges patches of a B
};

/// What an iteration's memory is spent on.
enum class Memory {
  ample,  ///< the translations' passes are kept from the discriminators' part to the end, and all gradients always;
          ///< on a GPU identities are computed with them
  low     ///< the translations run a second time, so one generator pass is kept at a time, and gradients have memory
          ///< in their own part alone; the result is the same
};

/// A batch of images, [N, 3, H, W] in [-1, 1].
template <class D>
using Images = Value<Map<3>, D>;

/// A batch of CAM logits, [N, 2].
template <class D>
using Logits = Value<Vector<2>, D>;

namespace step {

/// Two batches as one.
template <class D>
Images<D> join_batches(D& dev, const Images<D>& x, const Images<D>& y) {
  const Extent extent = x.extent();
  Images<D> both(dev, {extent.batch + y.extent().batch, extent.height, extent.width});
  const auto one_after_the_other = [](auto* data, Index size) {
    return View<std::remove_pointer_t<decltype(data)>>{data, 1, size, 1, 1};
  };
  join_channels(dev, one_after_the_other(as_input(x).data, x.size()), one_after_the_other(as_input(y).data, y.size()),
                one_after_the_other(both.data(), both.size()));
  return both;
}

/// Memory of a tensor's size.
template <class Shape, class D>
Tensor<Shape, D> like(D& dev, const Tensor<Shape, D>& x) {
  return {dev, x.extent()};
}

template <class D>
void distance(D& dev, const Images<D>& x, const Images<D>& y, double weight, double& loss, const Images<D>& dx) {
  l1(dev, {x.size(), weight}, as_input(x).data, as_input(y).data, &loss, dx.data());
}

template <class D>
void classify(D& dev, const Logits<D>& x, double target, double weight, double& loss, const Logits<D>& dx) {
  bce_with_logits(dev, {x.size(), weight}, as_input(x).data, target, &loss, dx.data());
}

/// The image as data: nobody asks for its gradient.
template <class D>
Images<D> constant(Images<D> image) {
  image.set_constant(true);
  return image;
}

/// How a discriminator sees a real image and a translation as one batch, which reads its weights once.
inline Mode judging(Mode mode) {
  mode.passes = 2;
  return mode;
}

/// A discriminator learns that `real` is real and `fake` is not.
template <class D>
void judge(D& dev, Network<D, 1>& discriminator, const Images<D>& real, const Images<D>& fake, const LossWeights& w,
           JudgeTerms& terms) {
  const InMode<D> mode(dev, judging(dev.mode));
  auto pass = discriminator.forward(constant<D>(join_batches(dev, real, fake)));
  const auto loss_of = [&](const auto& y, double& of_real, double& of_fake) {
    const Index batch = real.extent().batch;
    auto dy = like(dev, y);
    adversarial_loss(dev, w.gan, Verdict::real, y.part(0, batch), w.adversarial, of_real, dy.part(0, batch));
    adversarial_loss(dev, w.gan, Verdict::fake, y.part(batch, batch), w.adversarial, of_fake, dy.part(batch, batch));
    return dy;
  };
  auto dy = loss_of(pass.image(), terms.real, terms.fake);
  auto dlogits = loss_of(pass.logits(), terms.real_cam, terms.fake_cam);
  discriminator.backward(std::move(pass), {std::move(dy), {std::move(dlogits), {}}}, Learn::yes);
}

/// What a translation should change to be taken for real; the discriminator does not learn from it.
template <class D>
Images<D> fool(D& dev, Network<D, 1>& discriminator, const Images<D>& fake, const LossWeights& w, JudgeTerms& terms) {
  discriminator.estimate_spectra();
  auto pass = discriminator.forward(fake);
  auto dy = adversarial_loss(dev, w.gan, Verdict::fooled, pass.image(), w.adversarial, terms.fooled);
  auto dlogits = adversarial_loss(dev, w.gan, Verdict::fooled, pass.logits(), w.adversarial, terms.fooled_cam);
  return discriminator.backward(std::move(pass), {std::move(dy), {std::move(dlogits), {}}}, Learn::no);
}

/// Returning: `back` should make `original` of the translation. Gives the gradient with respect to the translation.
template <class D>
Images<D> cycle(D& dev, Network<D, 3>& back, const Images<D>& fake, const Images<D>& original, double weight,
                TranslatorTerms& terms) {
  auto pass = back.forward(fake);
  auto dy = like(dev, pass.image());
  distance(dev, pass.image(), original, weight, terms.cycle, dy);
  return back.backward(std::move(pass), {std::move(dy), {}}, Learn::yes);
}

/// A generator's translation of an image, and what it makes of one that is already in its domain: that one should stay
/// as it is, and be recognised as such. A device that gains from batches computes both in one pass.
template <class D>
class Translation {
 public:
  /// Translates x now. `own` is in the generator's domain.
  Translation(D& dev, Network<D, 3>& generator, const Images<D>& x, const Images<D>& own, Memory memory)
      : dev_(dev), generator_(generator), x_(x), own_(own), memory_(memory) {
    const InMode<D> mode(dev, {memory == Memory::ample, true});
    pass_ = generator.forward(together() ? constant<D>(join_batches(dev, x, own)) : x);
    fake_ = together() ? pass_.image().part(0, x.extent().batch) : pass_.image();
  }

  const Images<D>& fake() const { return fake_; }  ///< the translation

  /// The generator learns to keep its own, where that is a pass of its own.
  void keep(const LossWeights& w, TranslatorTerms& terms) {
    if (together()) return;
    auto pass = generator_.forward(own_);
    auto dy = like(dev_, pass.image());
    auto dlogits = like(dev_, pass.logits());
    should_stay(pass.image(), pass.logits(), w, terms, dy, dlogits);
    generator_.backward(std::move(pass), {std::move(dy), {std::move(dlogits), {}}}, Learn::yes);
  }

  /// The generator learns from the gradient with respect to its translation.
  void learn(Images<D> d_fake, const LossWeights& w, TranslatorTerms& terms) {
    if (memory_ == Memory::low) pass_ = generator_.forward(x_);
    auto dlogits = like(dev_, pass_.logits());
    if (!together()) {
      classify(dev_, pass_.logits(), 1, w.cam, terms.cam_translate, dlogits);
      generator_.backward(std::move(pass_), {std::move(d_fake), {std::move(dlogits), {}}}, Learn::yes);
      return;
    }
    const Index first = x_.extent().batch;
    const Index rest = own_.extent().batch;
    auto dy = like(dev_, pass_.image());
    copy(dev_, d_fake.size(), as_input(d_fake).data, dy.data());
    classify(dev_, pass_.logits().part(0, first), 1, w.cam, terms.cam_translate, dlogits.part(0, first));
    should_stay(pass_.image().part(first, rest), pass_.logits().part(first, rest), w, terms, dy.part(first, rest),
                dlogits.part(first, rest));
    generator_.backward(std::move(pass_), {std::move(dy), {std::move(dlogits), {}}}, Learn::yes);
  }

 private:
  // What becomes of its own should be that image, and be recognised.
  void should_stay(const Images<D>& image, const Logits<D>& logits, const LossWeights& w, TranslatorTerms& terms,
                   const Images<D>& dy, const Logits<D>& dlogits) {
    distance(dev_, image, own_, w.identity, terms.identity, dy);
    classify(dev_, logits, 0, w.cam, terms.cam_identity, dlogits);
  }

  bool together() const { return gains_from_batches<D> && memory_ == Memory::ample; }

  D& dev_;
  Network<D, 3>& generator_;
  Images<D> x_, own_;
  Memory memory_;
  typename Network<D, 3>::Pass pass_;
  Images<D> fake_;
};

}  // namespace step

/// Measures all losses for a pair of images and adds to the gradients of the discriminators, whose optimizer
/// `learn_discriminators` then runs; after that the same for the generators with `learn_generators`. `random` is drawn
/// from where gradients are penalised.
///
/// The six networks wait for one another only where they must, so that a device can run them side by side.
template <class D, class LearnDiscriminators, class LearnGenerators>
void iterate(D& dev, const Networks<D>& net, const Images<D>& real_a, const Images<D>& real_b, const LossWeights& w,
             Memory memory, Random random, LossTerms& loss, const LearnDiscriminators& learn_discriminators,
             const LearnGenerators& learn_generators) {
  using namespace step;
  Mode mode = dev.mode;
  mode.ample = memory == Memory::ample;
  const InMode<D> in_this_memory(dev, mode);
  const Images<D> a = constant<D>(real_a);
  const Images<D> b = constant<D>(real_b);
  const auto beside = [&](const auto&... parts) {
    if (memory == Memory::low) return (parts(), ...);
    side_by_side(dev, parts...);
  };

  // Each network's weights stay as they are, but for when it learns.
  Unchanged<D> generators(dev);
  Unchanged<D> discriminators(dev);
  generators.hold(net.a2b.parameters());
  generators.hold(net.b2a.parameters());
  for (auto* network : {&net.global_a, &net.local_a, &net.global_b, &net.local_b}) {
    discriminators.hold(network->parameters());
  }

  // Translations, for both parts, and what discriminators need that no image is needed for.
  std::optional<Translation<D>> to_b;
  std::optional<Translation<D>> to_a;
  beside([&] { to_a.emplace(dev, net.b2a, b, a, memory); },  //
         [&] { to_b.emplace(dev, net.a2b, a, b, memory); },
         [&] {
           const InMode<D> as_judges(dev, judging(dev.mode));
           for (auto* network : {&net.global_a, &net.local_a, &net.global_b, &net.local_b}) network->estimate_spectra();
         });
  const Images<D>& fake_b = to_b->fake();
  const Images<D>& fake_a = to_a->fake();

  // 1. Discriminators: real images are real, translations are not. Then what would fool all four of them.
  Images<D> from_global_a;
  Images<D> from_global_b;
  Images<D> from_local_a;
  Images<D> from_local_b;
  const auto discriminate = [&] {
    beside([&] { judge(dev, net.global_a, a, fake_a, w, loss.global_a); },  //
           [&] { judge(dev, net.global_b, b, fake_b, w, loss.global_b); },  //
           [&] { judge(dev, net.local_a, a, fake_a, w, loss.local_a); },    //
           [&] { judge(dev, net.local_b, b, fake_b, w, loss.local_b); });
    if (has_penalty(w.gan)) {
      const Images<D> x_a = images_between<D>(dev, w.gan, a, fake_a, random);
      const Images<D> x_b = images_between<D>(dev, w.gan, b, fake_b, random);
      learn_penalty<D>(dev, net.global_a, x_a, w, loss.global_a);
      learn_penalty<D>(dev, net.local_a, x_a, w, loss.local_a);
      learn_penalty<D>(dev, net.global_b, x_b, w, loss.global_b);
      learn_penalty<D>(dev, net.local_b, x_b, w, loss.local_b);
    }
    discriminators.change_by(learn_discriminators);
    beside([&] { from_global_a = fool(dev, net.global_a, fake_a, w, loss.global_a); },  //
           [&] { from_global_b = fool(dev, net.global_b, fake_b, w, loss.global_b); },  //
           [&] { from_local_a = fool(dev, net.local_a, fake_a, w, loss.local_a); },     //
           [&] { from_local_b = fool(dev, net.local_b, fake_b, w, loss.local_b); });
  };

  // 2. Generators: stay, and return.
  Images<D> d_fake_a;
  Images<D> d_fake_b;
  if (memory == Memory::low) discriminate();
  beside(
      [&] {
        to_a->keep(w, loss.to_a);
        d_fake_b = cycle(dev, net.b2a, fake_b, a, w.cycle, loss.to_a);
      },
      [&] {
        to_b->keep(w, loss.to_b);
        d_fake_a = cycle(dev, net.a2b, fake_a, b, w.cycle, loss.to_b);
      },
      Urgent{[&] {
        if (memory == Memory::ample) discriminate();
      }});
  d_fake_a = sum(dev, std::move(d_fake_a), std::move(from_global_a));
  d_fake_a = sum(dev, std::move(d_fake_a), std::move(from_local_a));
  d_fake_b = sum(dev, std::move(d_fake_b), std::move(from_global_b));
  d_fake_b = sum(dev, std::move(d_fake_b), std::move(from_local_b));
  beside([&] { to_a->learn(std::move(d_fake_a), w, loss.to_a); },
         [&] { to_b->learn(std::move(d_fake_b), w, loss.to_b); });
  generators.let_go();
  learn_generators();
}

}  // namespace ugatit
