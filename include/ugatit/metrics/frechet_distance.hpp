// A distance of two sets of features: the Fréchet inception distance.
//
// FID (Heusel et al., 2017): |m1 - m2|² + tr(S1 + S2 - 2 (S1 S2)^½), with means m and sample covariances S.
#pragma once

#include <ugatit/metrics/features.hpp>

#include <Eigen/Eigenvalues>

#include <algorithm>

namespace ugatit {

/// FID. Throws `Error` for fewer than two images in a set.
inline double frechet_distance(const FeatureMatrix& x, const FeatureMatrix& y) {
  require_two_images(x, y);
  const auto covariance = [](const FeatureMatrix& all) {
    const FeatureMatrix centred = all.rowwise() - all.colwise().mean();
    return FeatureMatrix(centred.transpose() * centred / static_cast<double>(all.rows() - 1));
  };
  const FeatureMatrix sx = covariance(x);
  const FeatureMatrix sy = covariance(y);
  // S1 S2 has the eigenvalues of S1^½ S2 S1^½, which is symmetric.
  const Eigen::SelfAdjointEigenSolver<FeatureMatrix> of_x(sx);
  const FeatureMatrix root =
      of_x.eigenvectors() * of_x.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal() * of_x.eigenvectors().transpose();
  const FeatureMatrix product = root * sy * root;
  const Eigen::SelfAdjointEigenSolver<FeatureMatrix> of_product(product, Eigen::EigenvaluesOnly);
  const double trace_of_root = of_product.eigenvalues().cwiseMax(0).cwiseSqrt().sum();
  const double distance =
      (x.colwise().mean() - y.colwise().mean()).squaredNorm() + sx.trace() + sy.trace() - 2 * trace_of_root;
  return std::max(distance, 0.0);  // rounding may take equal sets below
}

}  // namespace ugatit
