// Which tensor went wrong first, once a loss is not a finite number. Nothing here runs before that.
#pragma once

#include <ugatit/ops/reduction.hpp>
#include <ugatit/train/step.hpp>

#include <cmath>
#include <string>

namespace ugatit {

/// Whether none of the numbers is NaN or infinite, and the sum of their squares is not either.
template <class D>
bool all_finite(D& dev, Index size, const typename D::Scalar* x) {
  const BufferOf<double, D> slot(dev.arena(), 1);
  square_sum(dev, size, x, slot.data());
  double sum = 0;
  copy_to_host(dev, 1, slot.data(), &sum);
  return std::isfinite(sum);
}

/// Looks at tensors in the order in which an iteration computes them and keeps the name of the first bad one.
template <class D>
class FiniteSearch {
 public:
  /// Looks on that device.
  explicit FiniteSearch(D& dev) : dev_(dev) {}

  /// "" while everything was finite.
  const std::string& found() const { return found_; }

  /// Looks at a tensor.
  void look(const std::string& name, Index size, const typename D::Scalar* x) {
    if (found_.empty() && !all_finite(dev_, size, x)) found_ = name;
  }

  /// What a network has learned, or its state (u and v of spectral normalisation).
  template <Index C>
  void look(const std::string& network, const Network<D, C>& at, bool state = false) {
    for (const Parameter<D>& p : at.parameters()) {
      if ((p.w.role == Role::state) == state) look(network + "." + p.name, p.w.size(), p.w.data());
    }
  }

  /// What a network makes of an image; returns its image. `call` reads like genA2B(A).
  template <Index C>
  Value<Map<C>, D> look(const std::string& call, Network<D, C>& network, const Images<D>& x) {
    const InMode<D> inference(dev_, Mode::infer());
    const auto pass = network.forward(x);
    look("the CAM logits of " + call, pass.logits().size(), as_input(pass.logits()).data);
    look("the heat map of " + call, pass.heat_map().size(), as_input(pass.heat_map()).data);
    look((C == 1 ? "the patch logits of " : "the image of ") + call, pass.image().size(), as_input(pass.image()).data);
    return pass.image();
  }

 private:
  D& dev_;
  std::string found_;
};

/// The first tensor that is not finite: the images, weights, then what the networks make of the images. "" where all
/// are finite, as they stand.
template <class D>
std::string first_not_finite(D& dev, const Networks<D>& net, const Images<D>& a, const Images<D>& b) {
  FiniteSearch<D> search(dev);
  search.look("the image of A", a.size(), as_input(a).data);
  search.look("the image of B", b.size(), as_input(b).data);
  search.look("genA2B", net.a2b);
  search.look("genB2A", net.b2a);
  search.look("disGA", net.global_a);
  search.look("disLA", net.local_a);
  search.look("disGB", net.global_b);
  search.look("disLB", net.local_b);
  const Images<D> fake_b = search.look("genA2B(A)", net.a2b, a);
  const Images<D> fake_a = search.look("genB2A(B)", net.b2a, b);
  const auto judge = [&](const std::string& name, Network<D, 1>& network, const std::string& real, const Images<D>& x,
                         const std::string& fake, const Images<D>& y) {
    search.look(name, network, true);
    search.look(name + "(" + real + ")", network, x);
    search.look(name + "(" + fake + ")", network, y);
  };
  judge("disGA", net.global_a, "A", a, "genB2A(B)", fake_a);
  judge("disLA", net.local_a, "A", a, "genB2A(B)", fake_a);
  judge("disGB", net.global_b, "B", b, "genA2B(A)", fake_b);
  judge("disLB", net.local_b, "B", b, "genA2B(A)", fake_b);
  search.look("genB2A(A)", net.b2a, a);
  search.look("genA2B(B)", net.a2b, b);
  search.look("genB2A(genA2B(A))", net.b2a, fake_b);
  search.look("genA2B(genB2A(B))", net.a2b, fake_a);
  return search.found();
}

}  // namespace ugatit
