// The flag --preset.
#pragma once

#include "program.hpp"

#include <ugatit/models/description.hpp>

#include <string>
#include <type_traits>
#include <vector>

namespace ugatit::examples {

/// Adds --preset, which takes the name of a published code. `value` is a Preset, or an optional one.
template <class Value>
CLI::Option* add_preset(CLI::App& app, Value& value, const std::string& help) {
  std::vector<std::string> names;
  for (const auto& [preset, name] : presets) names.emplace_back(name);
  const auto choose = [&value](const std::string& name) { value = *preset_named(name); };
  CLI::Option* const option =
      app.add_option_function<std::string>("--preset", choose, help)->check(CLI::IsMember(names));
  if constexpr (std::is_same_v<Value, Preset>) option->default_str(name_of(value));
  return option;
}

}  // namespace ugatit::examples
