// Sets of images as features, a row each, of which KID and FID are distances.
#pragma once

#include <ugatit/core/error.hpp>

#include <Eigen/Core>

namespace ugatit {

/// [images, features]
using FeatureMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Throws `Error` where a set has fewer than two images.
inline void require_two_images(const FeatureMatrix& x, const FeatureMatrix& y) {
  if (x.rows() >= 2 && y.rows() >= 2 && x.cols() == y.cols()) return;
  throw Error("KID and FID need two images or more in each folder");
}

}  // namespace ugatit
