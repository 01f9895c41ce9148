// Averages of a generator's weights over the iterations, in a network of their own that can translate.
//
// The decay grows to the one that is asked for, as in TensorFlow's ExponentialMovingAverage with num_updates: after
// iteration t it is min(decay, (1 + t) / (10 + t)), so that the starting weights are soon forgotten.
#pragma once

#include <ugatit/ops/moving_average.hpp>
#include <ugatit/train/network_set.hpp>

#include <algorithm>
#include <memory>

namespace ugatit {

/// A generator whose weights are moving averages of another's.
template <class D>
class AverageGenerator {
 public:
  /// `network` is of the same model as the generator that is followed.
  explicit AverageGenerator(std::unique_ptr<Network<D, 3>> network) : network_(std::move(network)) {}

  /// The averages become the weights as they stand.
  void start(D& dev, const Network<D, 3>& generator) {
    each(generator, [&dev](const Field<D>& w, const Field<D>& average) {
      copy(dev, w.size(), static_cast<const typename D::Scalar*>(w.data()), average.data());
    });
  }

  /// Takes up the weights after an iteration. Nothing leaves the device.
  void follow(D& dev, const Network<D, 3>& generator, double decay, Index iteration) {
    const auto t = static_cast<double>(iteration);
    const double now = std::min(decay, (1 + t) / (10 + t));
    each(generator, [&dev, now](const Field<D>& w, const Field<D>& average) {
      moving_average_step(dev, w.size(), now, static_cast<const typename D::Scalar*>(w.data()), average.data());
    });
  }

  Network<D, 3>& network() const { return *network_; }  ///< the generator of averages

 private:
  template <class F>
  void each(const Network<D, 3>& generator, const F& f) {
    for (std::size_t i = 0; i < network_->parameters().size(); ++i) {
      f(generator.parameters()[i].w, network_->parameters()[i].w);
    }
  }

  std::unique_ptr<Network<D, 3>> network_;
};

/// The averages of both generators of a training.
template <class D>
class AverageGenerators {
 public:
  /// In two networks of the generators' model; `decay` is the one that is reached in the end.
  AverageGenerators(std::unique_ptr<Network<D, 3>> a2b, std::unique_ptr<Network<D, 3>> b2a, double decay)
      : a2b_(std::move(a2b)), b2a_(std::move(b2a)), decay_(decay) {}

  /// The averages become the weights as they stand.
  void start(D& dev, const NetworkSet<D>& networks) {
    a2b_.start(dev, *networks.a2b);
    b2a_.start(dev, *networks.b2a);
  }

  /// Takes up the weights after an iteration.
  void follow(D& dev, const NetworkSet<D>& networks, Index iteration) {
    a2b_.follow(dev, *networks.a2b, decay_, iteration);
    b2a_.follow(dev, *networks.b2a, decay_, iteration);
  }

  Network<D, 3>& a2b() const { return a2b_.network(); }  ///< A to B
  Network<D, 3>& b2a() const { return b2a_.network(); }  ///< B to A
  double decay() const { return decay_; }                ///< as it was given

 private:
  AverageGenerator<D> a2b_, b2a_;
  double decay_;
};

}  // namespace ugatit
