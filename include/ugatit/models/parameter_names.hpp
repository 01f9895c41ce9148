// Lists of parameters under their published names, in the order in which `each` visits them.
#pragma once

#include <ugatit/nn/spectral_norm.hpp>
#include <ugatit/nn/weight_and_bias.hpp>

#include <string>
#include <utility>
#include <vector>

namespace ugatit {

/// Such a list, in the making.
class ParameterNames {
 public:
  /// A convolution or linear layer.
  void add(const std::string& prefix, Bias bias) {
    names_.push_back(prefix + ".weight");
    if (bias == Bias::yes) names_.push_back(prefix + ".bias");
  }

  /// The same, spectrally normalised.
  void add(const std::string& prefix, Bias bias, PowerIteration iteration) {
    names_.push_back(prefix + ".weight_orig");
    if (bias == Bias::yes) names_.push_back(prefix + ".bias");
    names_.push_back(prefix + ".weight_u");
    if (iteration != PowerIteration::from_u) names_.push_back(prefix + ".weight_v");
  }

  /// Any other layer, whose own names are these.
  void add(const std::string& prefix, const std::vector<std::string>& fields) {
    for (const std::string& field : fields) names_.push_back(prefix + "." + field);
  }

  /// The list.
  std::vector<std::string> take() { return std::move(names_); }

 private:
  std::vector<std::string> names_;
};

}  // namespace ugatit
