// Averages of a generator's weights over the iterations, in a network of their own that can translate.
//
// The decay grows to the one that is asked for, as in TensorFlow's ExponentialMovingAverage with num_updates: after
// iteration t it is min(decay, (1 + t) / (10 + t)), so that the starting weights are soon forgotten.
#pragma once

#include <ugatit/models/network.hpp>
#include <ugatit/ops/moving_average.hpp>

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

}  // namespace ugatit
