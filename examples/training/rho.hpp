// Where ρ of each AdaLIN and ILN layer lies: 1 is instance norm, 0 layer norm.
#pragma once

#include <ugatit/train/trainer.hpp>

#include <algorithm>
#include <array>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

namespace ugatit::examples {

inline double mean_of(const std::vector<double>& numbers) {
  return std::accumulate(numbers.begin(), numbers.end(), 0.0) / static_cast<double>(numbers.size());
}

/// Channels by their ρ, in equal parts of [0, 1].
inline constexpr std::size_t rho_bins = 20;
using RhoHistogram = std::array<int, rho_bins>;

inline RhoHistogram rho_histogram(const std::vector<double>& rho) {
  RhoHistogram histogram{};
  for (const double value : rho) {
    ++histogram[std::min(static_cast<std::size_t>(value * static_cast<double>(rho_bins)), rho_bins - 1)];
  }
  return histogram;
}

template <class D>
class Rho {
 public:
  /// Both generators' ρ, in the order of their layers.
  Rho(D& dev, Trainer<D>& trainer) : dev_(dev) {
    Index size = 0;
    trainer.each_network([&](const std::string& network, auto& at) {
      for (const Parameter<D>& p : at.parameters()) {
        if (p.w.role != Role::clamped) continue;
        names_.push_back(network + "." + p.name);
        fields_.push_back(p.w);
        values_.emplace_back(static_cast<std::size_t>(p.w.size()));
        size += p.w.size();
      }
    });
    gathered_ = Buffer<D>(dev.arena(), size);
    to_host_ = std::make_unique<AsyncRead<D, typename D::Scalar>>(dev, size);
  }

  /// NETWORK.PARAMETER, as in checkpoints.
  const std::vector<std::string>& names() const { return names_; }

  /// Asks for them as they are after the iteration that was started last.
  void start() {
    // Together, since a GPU answers each question late.
    Index at = 0;
    for (const Field<D>& field : fields_) {
      copy(dev_, field.size(), as_input(field), gathered_.data() + at);
      at += field.size();
    }
    to_host_->start(gathered_.data());
  }

  /// Those that were asked for first. One list a layer, one number a channel.
  const std::vector<std::vector<double>>& read() {
    auto next = to_host_->finish().begin();
    for (std::vector<double>& layer : values_) {
      for (double& rho : layer) rho = static_cast<double>(*next++);
    }
    return values_;
  }

 private:
  D& dev_;
  std::vector<std::string> names_;
  std::vector<Field<D>> fields_;
  std::vector<std::vector<double>> values_;
  Buffer<D> gathered_;  // all of them, one after the other
  std::unique_ptr<AsyncRead<D, typename D::Scalar>> to_host_;
};

}  // namespace ugatit::examples
