// A distance of two sets of features: the kernel inception distance.
//
// KID (Bińkowski et al., 2018): the unbiased squared maximum mean discrepancy under k(x, y) = (x·y / d + 1)³,
//   mean of k(x, x') over pairs x ≠ x'  +  mean of k(y, y') over y ≠ y'  -  2 · mean of k(x, y),
// of 100 random subsets of 1000 images of each set (of all images of the smaller set, where it has fewer). The result
// is their mean and standard deviation. It can be a little below 0 for sets that are alike.
#pragma once

#include <ugatit/core/random.hpp>
#include <ugatit/metrics/features.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace ugatit {

/// KID: the mean over subsets, and how far they spread.
struct KernelDistance {
  double mean = 0;       ///< over all subsets
  double deviation = 0;  ///< standard deviation over the subsets
};

/// How KID is estimated; the defaults are those of the field.
struct KernelDistanceSettings {
  int subsets = 100;                ///< how many are drawn
  Eigen::Index subset_size = 1000;  ///< images of each, at most
  std::uint64_t seed = 2020;        ///< of the drawing
};

/// k of every row of one set with every row of the other.
inline FeatureMatrix feature_kernel(const FeatureMatrix& x, const FeatureMatrix& y) {
  FeatureMatrix k = x * y.transpose();
  k = (k.array() / static_cast<double>(x.cols()) + 1).cube();
  return k;
}

/// The unbiased squared maximum mean discrepancy, of the kernels of two sets with themselves and with each other.
inline double squared_discrepancy(const FeatureMatrix& xx, const FeatureMatrix& yy, const FeatureMatrix& xy) {
  const auto others = [](const FeatureMatrix& k) {
    const double n = static_cast<double>(k.rows());
    return (k.sum() - k.trace()) / (n * (n - 1));
  };
  return others(xx) + others(yy) - 2 * xy.mean();
}

/// KID. Throws `Error` for fewer than two images in a set.
inline KernelDistance kernel_distance(const FeatureMatrix& x, const FeatureMatrix& y,
                                      const KernelDistanceSettings& settings = {}) {
  require_two_images(x, y);
  const Eigen::Index size = std::min({settings.subset_size, x.rows(), y.rows()});
  Random random(settings.seed);
  // The first `size` places of a random order.
  const auto draw = [&](const FeatureMatrix& all) {
    std::vector<Eigen::Index> order(static_cast<std::size_t>(all.rows()));
    std::iota(order.begin(), order.end(), Eigen::Index{0});
    for (std::size_t i = 0; i < static_cast<std::size_t>(size); ++i) {
      std::swap(order[i],
                order[i + static_cast<std::size_t>(random.below(static_cast<std::int64_t>(order.size() - i)))]);
    }
    order.resize(static_cast<std::size_t>(size));
    return order;
  };
  // Subsets share most pairs while sets are not much larger: their kernels are then computed once and looked up.
  const bool shared = std::max(x.rows(), y.rows()) <= 4 * size;
  const FeatureMatrix xx = shared ? feature_kernel(x, x) : FeatureMatrix();
  const FeatureMatrix yy = shared ? feature_kernel(y, y) : FeatureMatrix();
  const FeatureMatrix xy = shared ? feature_kernel(x, y) : FeatureMatrix();
  const auto distance_of = [&](const auto& of_x, const auto& of_y) {
    if (shared) return squared_discrepancy(xx(of_x, of_x), yy(of_y, of_y), xy(of_x, of_y));
    const FeatureMatrix drawn_x = x(of_x, Eigen::all);
    const FeatureMatrix drawn_y = y(of_y, Eigen::all);
    return squared_discrepancy(feature_kernel(drawn_x, drawn_x), feature_kernel(drawn_y, drawn_y),
                               feature_kernel(drawn_x, drawn_y));
  };
  double sum = 0;
  double squares = 0;
  for (int subset = 0; subset < settings.subsets; ++subset) {
    const auto of_x = draw(x);
    const double distance = distance_of(of_x, draw(y));
    sum += distance;
    squares += distance * distance;
  }
  const double mean = sum / settings.subsets;
  return {mean, std::sqrt(std::max(0.0, squares / settings.subsets - mean * mean))};
}

}  // namespace ugatit
