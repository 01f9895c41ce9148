// A model with its parameters, behind one virtual call a pass.
//
// Types end here: what trains, saves and translates sees every generator as `Network<D, 3>` and every discriminator as
// `Network<D, 1>`, whatever its channels and blocks, and is compiled once.
#pragma once

#include <ugatit/nn/cam.hpp>
#include <ugatit/nn/layer.hpp>
#include <ugatit/nn/spectral_norm.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace ugatit {

/// One parameter of a network under its published name, with its gradient and Adam's moments. The fields are handles.
template <class D>
struct Parameter {
  std::string name;  ///< as published checkpoints call it
  Field<D> w;        ///< its numbers
  Field<D> dw;       ///< without memory until `prepare_training`, and always for state
  Field<D> m;        ///< Adam's mean of gradients
  Field<D> v;        ///< Adam's mean of their squares
};

/// Whether a backward pass adds to the parameters' gradients.
enum class Learn : bool { no, yes };

/// How gradients are kept.
enum class Gradients {
  stored,      ///< every one in memory of its own
  factored,    ///< those that are sums of few outer products as those: the full generator's first linear layer
  of_one_pass  ///< likewise, and those of convolutions as the device makes them: one pass goes back between two steps
};

/// Image Map<3> → Both<Map<C>, Attention>.
template <class D, Index C>
class Network {
 public:
  using Out = Both<Map<C>, Attention>;  ///< the image, then CAM logits [N, 2] and heat map

  /// Returns a tape to the network it came from.
  struct GiveBack {
    Network* owner = nullptr;                                      ///< the network
    void operator()(void* tape) const { owner->give_back(tape); }  ///< gives the tape back
  };

  /// A forward pass: its result, and the tape that one backward pass may consume.
  struct Pass {
    Value<Out, D> y;                       ///< all that came out
    std::unique_ptr<void, GiveBack> tape;  ///< for one backward pass

    const Value<Map<C>, D>& image() const { return y.first; }             ///< or patch logits
    const Value<Vector<2>, D>& logits() const { return y.second.first; }  ///< of the CAM classifiers, [N, 2]
    const Value<Map<1>, D>& heat_map() const { return y.second.second; }  ///< [N, 1, h, w]
  };

  explicit Network(D& dev) : dev_(dev) {}  ///< on that device
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  virtual ~Network() = default;

  /// Any number of passes may run before one goes back. Throws `Error` for a size that the model cannot take.
  virtual Pass forward(Value<Map<3>, D> x) = 0;
  /// Consumes the pass. Parts of dy may be empty (zero). Returns dx, empty where x was constant.
  virtual Value<Map<3>, D> backward(Pass pass, Value<Out, D> dy, Learn learn) = 0;
  /// The gradient of Σ seed · y with respect to the pass's image; the pass is not consumed. Parts of `seed` may be
  /// empty.
  virtual Value<Map<3>, D> gradient(const Pass& pass, Value<Out, D> seed) = 0;
  /// Adds to the parameters' gradients the derivative of that gradient's product with `direction`: the gradient of a
  /// function of the gradient, for `direction` that function's own derivative. Throws `Error` for a model that is not
  /// linear piece by piece.
  virtual void learn_gradient(const Pass& pass, Value<Map<3>, D> direction, Value<Out, D> seed) = 0;
  /// Estimates now what spectral norms divide by in the next pass, which advances their state and is a training one of
  /// `Mode::passes` as it is now. For when a device has little else to do: the pass itself waits for it otherwise.
  virtual void estimate_spectra() = 0;
  /// The extents that come out for an image.
  virtual ExtentOf<Out> out(const Extent& image) const = 0;
  /// Gives gradients and Adam's moments memory, zero; without it a network only translates.
  virtual void prepare_training(Gradients kept = Gradients::stored) = 0;
  /// Frees the gradients' memory, after `prepare_training`: until `take_gradients` nothing is learned.
  virtual void drop_gradients() = 0;
  /// Gives it back, zero.
  virtual void take_gradients() = 0;

  D& device() const { return dev_; }  ///< where it computes

  std::vector<Parameter<D>>& parameters() { return parameters_; }              ///< in the order of the model's names
  const std::vector<Parameter<D>>& parameters() const { return parameters_; }  ///< in the order of the model's names

  /// Starting values as the layers ask for them.
  void initialise(Random& random) {
    for (Parameter<D>& p : parameters_) initialise_field(dev_, p.w, random);
  }

 protected:
  virtual void give_back(void* tape) = 0;  ///< takes a tape that `GiveBack` returns

  D& dev_;                                ///< where it computes
  std::vector<Parameter<D>> parameters_;  ///< handles to the fields
};

/// A network of one model. `image` is the extent that it is made for: checked here, before anything is allocated.
template <class Model, class D>
class ModelNetwork final : public Network<D, Model::out_channels> {
 public:
  using Base = Network<D, Model::out_channels>;  ///< what it looks like from outside
  using Node = On<Model, Map<3>, D>;             ///< the model on this device
  using typename Base::Out;
  using typename Base::Pass;
  static_assert(ugatit::Node<Node, Map<3>, D>);

  /// Memory for all parameters, not initialised.
  ModelNetwork(D& dev, const Extent& image) : Base(dev), w_(described(image)) {
    allocate(dev, w_);
    name_parameters();
  }

  Pass forward(Value<Map<3>, D> x) override {
    Model::check(x.extent());
    if (spare_.empty()) {
      tapes_.push_back(std::make_unique<typename Node::Tape>());
      spare_.reserve(tapes_.size());
      spare_.push_back(tapes_.back().get());
    }
    typename Node::Tape* const tape = spare_.back();
    spare_.pop_back();
    Pass pass{{}, {tape, {this}}};
    pass.y = Node::forward(dev_, w_, std::move(x), *tape);
    return pass;
  }

  Value<Map<3>, D> backward(Pass pass, Value<Out, D> dy, Learn learn) override {
    pass.y = {};
    if (learn == Learn::no) return Node::backward(dev_, w_, tape_of(pass), std::move(dy), frozen_);
    Value<Map<3>, D> dx;
    with_trail(dev_, [&] { dx = Node::backward(dev_, w_, tape_of(pass), std::move(dy), dw_); });
    return dx;
  }

  Value<Map<3>, D> gradient(const Pass& pass, Value<Out, D> seed) override {
    typename Node::Tape copy = tape_of(pass);
    return Node::backward(dev_, w_, copy, std::move(seed), frozen_);
  }

  void learn_gradient(const Pass& pass, Value<Map<3>, D> direction, Value<Out, D> seed) override {
    const InMode<D> tangent(dev_, Mode::derive());
    typename Node::Tape copy = tape_of(pass);
    direction.set_constant(true);
    Node::forward(dev_, w_, std::move(direction), copy);
    Node::backward(dev_, w_, copy, std::move(seed), dw_);
  }

  void estimate_spectra() override {
    spectra_.clear();
    Params::each(SpectraAhead<D>{dev_, spectra_}, w_);
    spectral_estimates(dev_, dev_.mode.passes, std::span<const SpectralEstimate<typename D::Scalar>>(spectra_));
  }

  ExtentOf<Out> out(const Extent& image) const override { return Node::out(image); }

  void prepare_training(Gradients kept = Gradients::stored) override {
    dw_ = gradients(kept);
    m_ = gradients(Gradients::stored);
    v_ = gradients(Gradients::stored);
    name_parameters();
  }

  void drop_gradients() override {
    change_gradients([](Field<D>& dw) { dw.buffer = {}; });
  }

  void take_gradients() override {
    change_gradients([this](Field<D>& dw) {
      dw.allocate(dev_);
      fill(dev_, dw.size(), typename D::Scalar{}, dw.data());
    });
  }

 private:
  using Params = typename Node::Params;

  // Of those that are numbers in memory.
  template <class Change>
  void change_gradients(const Change& change) {
    auto parameter = this->parameters_.begin();
    Params::each(
        [&](const char*, Field<D>& dw) {
          if (dw.role != Role::state && !dw.parts) change(dw);
          (parameter++)->dw = dw;
        },
        dw_);
  }

  static typename Node::Tape& tape_of(const Pass& pass) { return *static_cast<typename Node::Tape*>(pass.tape.get()); }

  static Params described(const Extent& image) {
    Model::check(image);
    static_cast<void>(Node::out(image));
    return Node::parameters(image);
  }

  static bool may_be_in_parts(GradientIn parts, Gradients kept) {
    switch (parts) {
      case GradientIn::one:
        return false;
      case GradientIn::products:
        return kept != Gradients::stored;
      case GradientIn::convolved:
        return kept == Gradients::of_one_pass;
    }
    return false;
  }

  // Like zeros_like, without memory for state, which has no gradient.
  Params gradients(Gradients kept) {
    Params zeros = w_;
    Params::each(
        [&](const char*, auto& field) {
          field.buffer = {};
          if (field.role == Role::state) return;
          if (may_be_in_parts(field.gradient, kept)) {
            field.parts = std::make_shared<GradientParts<D>>();
            return;
          }
          field.allocate(dev_);
          fill(dev_, field.size(), typename D::Scalar{}, field.data());
        },
        zeros);
    return zeros;
  }

  void name_parameters() {
    const std::vector<std::string> names = Model::names();
    this->parameters_.clear();
    Params::each(
        [&](const char*, auto& w, auto& dw, auto& m, auto& v) {
          this->parameters_.push_back({names.at(this->parameters_.size()), w, dw, m, v});
        },
        w_, dw_, m_, v_);
    if (names.size() != this->parameters_.size()) throw std::logic_error("the model's names do not fit its parameters");
  }

  void give_back(void* tape) override {
    auto* const own = static_cast<typename Node::Tape*>(tape);
    *own = {};
    spare_.push_back(own);
  }

  using Base::dev_;

  Params w_;
  Params dw_;
  Params m_;
  Params v_;
  Params frozen_;  // no field has memory: no gradient is wanted
  std::vector<SpectralEstimate<typename D::Scalar>> spectra_;
  std::vector<std::unique_ptr<typename Node::Tape>> tapes_;
  std::vector<typename Node::Tape*> spare_;
};

}  // namespace ugatit
