// Floats that an NVIDIA GPU's tensor cores multiply in TF32: they round each factor to 10 bits of fraction themselves.
#pragma once

namespace ugatit {

/// A number of a map whose convolutions multiply in TF32. It is kept as it is.
struct tf32 {
  float value;  ///< all of its bits
};

/// The same number.
constexpr float to_float(tf32 x) {
  return x.value;
}

}  // namespace ugatit
