// The learning rate: constant for the first half of the iterations, then falling linearly to 0.
//
// Each iteration past the half first subtracts base / (iterations / 2), as the published code does; the value is
// carried along instead of being computed anew, so that it is the published one to the last digit.
#pragma once

#include <ugatit/core/shape.hpp>

namespace ugatit {

/// The learning rate: constant, then linearly to zero over the second half.
struct Schedule {
  double base = 1e-4;          ///< the rate of the first half
  Index iterations = 1000000;  ///< of the whole training
  bool decay = true;           ///< false: constant to the end

  /// The rate of `iteration` (from 1), given that of the one before.
  double next(double rate, Index iteration) const {
    const Index half = iterations / 2;
    return decay && half > 0 && iteration > half ? rate - base / static_cast<double>(half) : rate;
  }
};

}  // namespace ugatit
