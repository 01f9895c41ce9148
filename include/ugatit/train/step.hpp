// One iteration (section 3 of the specification): the discriminators learn, then the generators.
//
// What the published code computes and throws away is not computed here: the generators' backward pass in the first
// part, the translations a second time in the second (the generators have not changed in between), the discriminators'
// weight gradients in the second part, and gradients with respect to images.
#pragma once

#include <ugatit/core/side_by_side.hpp>
#include <ugatit/models/network.hpp>
#include <ugatit/ops/loss.hpp>
#include <ugatit/train/adversary.hpp>
#include <ugatit/train/losses.hpp>
#include <ugatit/train/penalty.hpp>

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
  ample,  ///< the translations' passes are kept from the discriminators' part to the end, and all gradients always
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

template <class D>
Images<D> distance(D& dev, const Images<D>& x, const Images<D>& y, double weight, double& loss) {
  Images<D> dx(dev, x.extent());
  l1(dev, {x.size(), weight}, as_input(x).data, as_input(y).data, &loss, dx.data());
  return dx;
}

template <class D>
Logits<D> classify(D& dev, const Logits<D>& x, double target, double weight, double& loss) {
  Logits<D> dx(dev, x.extent());
  bce_with_logits(dev, {x.size(), weight}, as_input(x).data, target, &loss, dx.data());
  return dx;
}

/// A discriminator learns that `image` is real or not.
template <class D>
void judge(D& dev, Network<D, 1>& discriminator, const Images<D>& image, Verdict verdict, const LossWeights& w,
           double& loss, double& cam_loss) {
  auto pass = discriminator.forward(image);
  auto dy = adversarial_loss(dev, w.gan, verdict, pass.image(), w.adversarial, loss);
  auto dlogits = adversarial_loss(dev, w.gan, verdict, pass.logits(), w.adversarial, cam_loss);
  discriminator.backward(std::move(pass), {std::move(dy), {std::move(dlogits), {}}}, Learn::yes);
}

/// What a translation should change to be taken for real; the discriminator does not learn from it.
template <class D>
Images<D> fool(D& dev, Network<D, 1>& discriminator, const Images<D>& fake, const LossWeights& w, JudgeTerms& terms) {
  auto pass = discriminator.forward(fake);
  auto dy = adversarial_loss(dev, w.gan, Verdict::fooled, pass.image(), w.adversarial, terms.fooled);
  auto dlogits = adversarial_loss(dev, w.gan, Verdict::fooled, pass.logits(), w.adversarial, terms.fooled_cam);
  return discriminator.backward(std::move(pass), {std::move(dy), {std::move(dlogits), {}}}, Learn::no);
}

/// The image as data: nobody asks for its gradient.
template <class D>
Images<D> constant(Images<D> image) {
  image.set_constant(true);
  return image;
}

/// Returning: `back` should make `original` of the translation. Gives the gradient with respect to the translation.
template <class D>
Images<D> cycle(D& dev, Network<D, 3>& back, const Images<D>& fake, const Images<D>& original, double weight,
                TranslatorTerms& terms) {
  auto pass = back.forward(fake);
  auto dy = distance(dev, pass.image(), original, weight, terms.cycle);
  return back.backward(std::move(pass), {std::move(dy), {}}, Learn::yes);
}

/// Identity: an image that is already in the generator's domain should stay as it is, and be recognised as such.
template <class D>
void keep(D& dev, Network<D, 3>& generator, const Images<D>& image, const LossWeights& w, TranslatorTerms& terms) {
  auto pass = generator.forward(image);
  auto dy = distance(dev, pass.image(), image, w.identity, terms.identity);
  auto dlogits = classify(dev, pass.logits(), 0, w.cam, terms.cam_identity);
  generator.backward(std::move(pass), {std::move(dy), {std::move(dlogits), {}}}, Learn::yes);
}

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
  using Pass3 = typename Network<D, 3>::Pass;
  const Images<D> a = constant<D>(real_a);
  const Images<D> b = constant<D>(real_b);
  const auto beside = [&](const auto&... parts) {
    if (memory == Memory::low) return (parts(), ...);
    side_by_side(dev, parts...);
  };

  // Translations, for both parts; what is real does not depend on them.
  const auto translate = [&](Network<D, 3>& generator, const Images<D>& x) {
    const InMode<D> mode(dev, {memory == Memory::ample, true});
    return generator.forward(x);
  };
  const auto teach = [&](Network<D, 1>& discriminator, const Images<D>& real, JudgeTerms& terms) {
    judge(dev, discriminator, real, Verdict::real, w, terms.real, terms.real_cam);
  };
  Pass3 to_b;
  Pass3 to_a;
  beside([&] { to_a = translate(net.b2a, b); },           //
         [&] { to_b = translate(net.a2b, a); },           //
         [&] { teach(net.global_a, a, loss.global_a); },  //
         [&] { teach(net.global_b, b, loss.global_b); },  //
         [&] { teach(net.local_a, a, loss.local_a); },    //
         [&] { teach(net.local_b, b, loss.local_b); });
  const Images<D> fake_b = to_b.image();
  const Images<D> fake_a = to_a.image();

  // 1. Discriminators: translations are not real. Then what would fool all four of them.
  const auto unmask = [&](Network<D, 1>& discriminator, const Images<D>& fake, JudgeTerms& terms) {
    judge(dev, discriminator, constant<D>(fake), Verdict::fake, w, terms.fake, terms.fake_cam);
  };
  Images<D> from_global_a;
  Images<D> from_global_b;
  Images<D> from_local_a;
  Images<D> from_local_b;
  const auto discriminate = [&] {
    beside([&] { unmask(net.global_a, fake_a, loss.global_a); },  //
           [&] { unmask(net.global_b, fake_b, loss.global_b); },  //
           [&] { unmask(net.local_a, fake_a, loss.local_a); },    //
           [&] { unmask(net.local_b, fake_b, loss.local_b); });
    if (has_penalty(w.gan)) {
      const Images<D> x_a = images_between<D>(dev, w.gan, a, fake_a, random);
      const Images<D> x_b = images_between<D>(dev, w.gan, b, fake_b, random);
      learn_penalty<D>(dev, net.global_a, x_a, w, loss.global_a);
      learn_penalty<D>(dev, net.local_a, x_a, w, loss.local_a);
      learn_penalty<D>(dev, net.global_b, x_b, w, loss.global_b);
      learn_penalty<D>(dev, net.local_b, x_b, w, loss.local_b);
    }
    learn_discriminators();
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
        keep(dev, net.b2a, a, w, loss.to_a);
        d_fake_b = cycle(dev, net.b2a, fake_b, a, w.cycle, loss.to_a);
      },
      [&] {
        keep(dev, net.a2b, b, w, loss.to_b);
        d_fake_a = cycle(dev, net.a2b, fake_a, b, w.cycle, loss.to_b);
      },
      [&] {
        if (memory == Memory::ample) discriminate();
      });
  d_fake_a = sum(dev, std::move(d_fake_a), std::move(from_global_a));
  d_fake_a = sum(dev, std::move(d_fake_a), std::move(from_local_a));
  d_fake_b = sum(dev, std::move(d_fake_b), std::move(from_global_b));
  d_fake_b = sum(dev, std::move(d_fake_b), std::move(from_local_b));
  const auto learn = [&](Network<D, 3>& generator, const Images<D>& x, Pass3 pass, Images<D> d_fake, double& cam_loss) {
    if (memory == Memory::low) pass = generator.forward(x);
    auto dlogits = classify(dev, pass.logits(), 1, w.cam, cam_loss);
    generator.backward(std::move(pass), {std::move(d_fake), {std::move(dlogits), {}}}, Learn::yes);
  };
  beside([&] { learn(net.b2a, b, std::move(to_a), std::move(d_fake_a), loss.to_a.cam_translate); },
         [&] { learn(net.a2b, a, std::move(to_b), std::move(d_fake_b), loss.to_b.cam_translate); });
  learn_generators();
}

}  // namespace ugatit
