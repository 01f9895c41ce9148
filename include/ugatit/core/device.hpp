// What a device is: a scalar type, an arena, and the mode in which layers run on it.
#pragma once

#include <ugatit/core/shape.hpp>
#include <ugatit/core/tensor.hpp>

#include <concepts>

namespace ugatit {

/// How layers run.
struct Mode {
  bool recording = true;  ///< tapes keep what the backward pass needs; off for inference
  bool training = true;   ///< state advances: power iterations, running statistics
  /// Passes are of derivatives along a direction, at the values that the tape keeps (nn/layer.hpp).
  bool tangent = false;
  /// How many passes a batch stands for, of equally many samples, one after the other: state advances that often, and
  /// each has the state of its turn.
  Index passes = 1;
  /// Memory may be spent for speed: what is learned is computed behind the way back (core/trail.hpp), forms of weights
  /// are kept while they stay as they are (core/unchanged.hpp).
  bool ample = false;

  static constexpr Mode train() { return {true, true}; }  ///< how layers learn
  /// How a trained network translates.
  static constexpr Mode infer() { return {false, false}; }
  /// How a network that is linear piece by piece computes its derivative along a direction.
  static constexpr Mode derive() { return {true, false, true}; }
};

/// What convolutions of a device of floats multiply in; all else stays float (mixed precision).
enum class Products {
  own,       ///< the device's scalar
  tf32,      ///< factors rounded to 10 bits of fraction, sums in float; NVIDIA GPUs alone: `Cuda<tf32>`
  bfloat16,  ///< factors rounded to bfloat16 (7 bits), sums in float; on a GPU that is `Cuda<bfloat16>`
};

/// A place to compute: layers are templates on it and call the operations of ops/ as free functions found through it.
template <class D>
concept Device = requires(D& dev) {
  typename D::Scalar;
  typename D::ArenaType;
  { dev.arena() } -> std::same_as<typename D::ArenaType&>;
  { dev.mode } -> std::convertible_to<Mode>;
};

/// Whether a device computes two images at once in clearly less than twice the time of one.
template <class D>
inline constexpr bool gains_from_batches = requires {
  requires D::gains_from_batches;
};

/// Runs a scope in another mode and restores the one before.
template <class D>
class InMode {
 public:
  /// Sets `mode` until the end of the scope.
  InMode(D& dev, Mode mode) : dev_(dev), before_(dev.mode) { dev.mode = mode; }
  InMode(const InMode&) = delete;
  InMode& operator=(const InMode&) = delete;
  ~InMode() { dev_.mode = before_; }

 private:
  D& dev_;
  Mode before_;
};

/// One thing that a tape keeps between forward and backward, or nothing where the mode does not record.
template <class T>
class Kept {
 public:
  /// Keeps a handle to `value` where the device records.
  template <class D>
  void keep(const D& dev, const T& value) {
    if (dev.mode.recording) value_ = value;
  }
  /// What was kept; the tape no longer holds it, so its memory is free as soon as the caller is done.
  T take() { return std::exchange(value_, T{}); }
  const T& look() const { return value_; }  ///< what is kept, which stays kept

 private:
  T value_{};
};

}  // namespace ugatit
