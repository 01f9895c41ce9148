// What a layer calls its parameters.
#pragma once

#include <ugatit/core/arena.hpp>
#include <ugatit/nn/layer.hpp>

#include <string>
#include <vector>

namespace ugatit {

namespace names {

/// A device that is only spoken of.
struct Nowhere {
  using Scalar = float;
  using ArenaType = Arena<HostMemory>;
};

}  // namespace names

/// The names of a layer's parameters for inputs of a shape, in the order in which `each` visits them.
template <class L, class In>
std::vector<std::string> field_names() {
  using Params = typename On<L, In, names::Nowhere>::Params;
  std::vector<std::string> names;
  Params params;
  Params::each([&](const char* name, auto&) { names.emplace_back(name); }, params);
  return names;
}

}  // namespace ugatit
