// The adversarial losses: what a discriminator's logits should be, for each --gan_type of the TensorFlow code.
//
//   x: logits of patches, or of the attention       real              fake              generators
//   lsgan (Mao et al. 2017)                         mean (x − 1)²     mean x²           mean (x − 1)²
//   gan, dragan (Goodfellow et al. 2014)            BCE(x, 1)         BCE(x, 0)         BCE(x, 1)
//   wgan_gp, wgan_lp (Arjovsky et al. 2017)         −mean x           mean x            −mean x
//   hinge (Lim and Ye 2017)                         mean max(0, 1−x)  mean max(0, 1+x)  −mean x
#pragma once

#include <ugatit/nn/layer.hpp>
#include <ugatit/ops/loss.hpp>
#include <ugatit/train/losses.hpp>

namespace ugatit {

/// Who looks at the logits, and of what.
enum class Verdict {
  real,   ///< a discriminator that looks at a real image
  fake,   ///< one that looks at a translation
  fooled  ///< a generator whose translation a discriminator looks at
};

/// Writes the gradient of `weight` times the loss of these logits to `dx`, and the loss's value to `loss`.
template <class Shape, class D>
void adversarial_loss(D& dev, GanType type, Verdict verdict, const Tensor<Shape, D>& x, double weight, double& loss,
                      const Tensor<Shape, D>& dx) {
  const LossGeometry g{x.size(), weight};
  const auto* const logits = as_input(x).data;
  const bool is_fake = verdict == Verdict::fake;
  switch (type) {
    case GanType::lsgan:
      least_squares(dev, g, logits, is_fake ? 0 : 1, &loss, dx.data());
      break;
    case GanType::gan:
    case GanType::dragan:
      bce_with_logits(dev, g, logits, is_fake ? 0 : 1, &loss, dx.data());
      break;
    case GanType::wgan_gp:
    case GanType::wgan_lp:
      linear_loss(dev, g, logits, is_fake ? 1 : -1, &loss, dx.data());
      break;
    case GanType::hinge:
      if (verdict == Verdict::fooled) {
        linear_loss(dev, g, logits, -1, &loss, dx.data());
      } else {
        hinge_loss(dev, g, logits, is_fake ? -1 : 1, &loss, dx.data());
      }
      break;
  }
}

/// Returns that gradient.
template <class Shape, class D>
Tensor<Shape, D> adversarial_loss(D& dev, GanType type, Verdict verdict, const Tensor<Shape, D>& x, double weight,
                                  double& loss) {
  Tensor<Shape, D> dx(dev, x.extent());
  adversarial_loss(dev, type, verdict, x, weight, loss, dx);
  return dx;
}

}  // namespace ugatit
