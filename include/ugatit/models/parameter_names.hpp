// Lists of parameters under their published names, in the order in which `each` visits them.
#pragma once

#include <ugatit/nn/norms.hpp>
#include <ugatit/nn/spectral_norm.hpp>
#include <ugatit/nn/weight_and_bias.hpp>

#include <string>
#include <utility>
#include <vector>

namespace ugatit {

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

  void add_instance_norm(const std::string& prefix, Affine affine) {
    if (affine == Affine::yes) add(prefix, Bias::yes);
  }

  void add_iln(const std::string& prefix) {
    for (const char* part : {".rho", ".gamma", ".beta"}) names_.push_back(prefix + part);
  }

  void add_adalin(const std::string& prefix) { names_.push_back(prefix + ".rho"); }

  std::vector<std::string> take() { return std::move(names_); }

 private:
  std::vector<std::string> names_;
};

}  // namespace ugatit
