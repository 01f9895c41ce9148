// The CPU's larger operations, compiled once for all translation units of a project instead of once for each. Those are
// compiled with UGATIT_CPU_ELSEWHERE defined, and one more has
//
//   #include <ugatit/ugatit.hpp>
//
//   UGATIT_COMPILE_CPU(float)
//   UGATIT_COMPILE_CPU(double)
//
// Without UGATIT_CPU_ELSEWHERE every translation unit compiles what it calls.
#pragma once

// NOLINTBEGIN(bugprone-macro-parentheses): what these macros are given are types and specifiers

/// The operations on `Cpu<T>`, each after `how`: `template` compiles them, `extern template` leaves them to who does.
#define UGATIT_CPU_OPERATIONS(how, T)                                                                                \
  how void activation_forward(Cpu<T>&, ActivationGeometry, Index, const T*, T*);                                     \
  how void activation_backward(Cpu<T>&, ActivationGeometry, Index, const T*, const T*, T*);                          \
  how void adam_step(Cpu<T>&, AdamStep<T>, std::span<const AdamParameter<T>>);                                       \
  how void outer_adam_step(Cpu<T>&, AdamStep<T>, OuterGeometry, const T*, const T*, const AdamParameter<T>&);        \
  how void square_sums(Cpu<T>&, std::span<const SquareSum<T>>);                                                      \
  how void cam_fold_forward(Cpu<T>&, CamGeometry, const T*, const T*, const T*, T*);                                 \
  how void cam_fold_backward(Cpu<T>&, CamGeometry, const T*, const T*, const T*, const T*, T*, T*, T*);              \
  how void conv2d_forward(Cpu<T>&, const Conv2dGeometry&, View<const T>, const T*, const T*, View<T>);               \
  how void conv2d_backward_input(Cpu<T>&, const Conv2dGeometry&, View<const T>, const T*, View<T>);                  \
  how void conv2d_backward_weight(Cpu<T>&, const Conv2dGeometry&, View<const T>, View<const T>, T*);                 \
  how void conv2d_backward(Cpu<T>&, const Conv2dGeometry&, View<const T>, View<const T>, const T*, T*, View<T>);     \
  how void enlarged_conv2d_forward(Cpu<T>&, const Conv2dGeometry&, View<const T>, const T*, const T*, View<T>);      \
  how void enlarged_conv2d_backward(Cpu<T>&, const Conv2dGeometry&, View<const T>, View<const T>, const T*, T*,      \
                                    View<T>);                                                                        \
  how void linear_forward(Cpu<T>&, LinearGeometry, const T*, const T*, const T*, T*);                                \
  how void linear_backward_input(Cpu<T>&, LinearGeometry, const T*, const T*, T*);                                   \
  how void linear_backward_weight(Cpu<T>&, LinearGeometry, const T*, const T*, T*);                                  \
  how void instance_norm_forward(Cpu<T>&, const NormGeometry&, View<const T>, const T*, const T*, const T*, View<T>, \
                                 NormStatistics<T>);                                                                 \
  how void instance_norm_backward(Cpu<T>&, const NormGeometry&, View<const T>, View<const T>, const T*, const T*,    \
                                  NormStatistics<T>, View<T>, T*, T*);                                               \
  how void layer_instance_norm_forward(Cpu<T>&, const NormGeometry&, View<const T>, const T*, const T*, const T*,    \
                                       const T*, View<T>, NormStatistics<T>);                                        \
  how void layer_instance_norm_backward(Cpu<T>&, const NormGeometry&, View<const T>, View<const T>, const T*,        \
                                        const T*, const T*, NormStatistics<T>, View<T>, T*, T*, T*);                 \
  how void set_statistics(Cpu<T>&, const SetNormGeometry&, View<const T>, T*, T*);                                   \
  how void set_norm_forward(Cpu<T>&, const SetNormGeometry&, View<const T>, const T*, const T*, const T*, const T*,  \
                            View<T>);                                                                                \
  how void set_norm_backward(Cpu<T>&, const SetNormGeometry&, View<const T>, View<const T>, const T*, const T*,      \
                             const T*, View<T>, T*, T*);                                                             \
  how void switchable_statistics(Cpu<T>&, const SwitchableGeometry&, View<const T>, SwitchableStatistics<T>);        \
  how void switchable_norm_forward(Cpu<T>&, const SwitchableGeometry&, View<const T>, SwitchableStatistics<T>,       \
                                   const T*, const T*, const T*, const T*, View<T>);                                 \
  how void switchable_norm_backward(Cpu<T>&, const SwitchableGeometry&, View<const T>, View<const T>,                \
                                    SwitchableStatistics<T>, const T*, const T*, const T*, View<T>, T*, T*, T*, T*); \
  how void pad_forward(Cpu<T>&, PadGeometry, View<const T>, View<T>);                                                \
  how void pad_backward(Cpu<T>&, PadGeometry, View<const T>, View<T>);                                               \
  how void global_pool_forward(Cpu<T>&, Pool, View<const T>, T*);                                                    \
  how void global_pool_tangent(Cpu<T>&, Pool, View<const T>, View<const T>, const T*, T*);                           \
  how void global_pool_backward(Cpu<T>&, Pool, const T*, View<const T>, const T*, View<T>);                          \
  how void global_pools_backward_add(Cpu<T>&, const T*, const T*, View<const T>, const T*, View<T>);                 \
  how void pool_forward(Cpu<T>&, PoolGeometry, View<const T>, View<T>);                                              \
  how void pool_backward(Cpu<T>&, PoolGeometry, View<const T>, View<const T>, View<const T>, View<T>);               \
  how void upsample_forward(Cpu<T>&, Index, View<const T>, View<T>);                                                 \
  how void upsample_backward(Cpu<T>&, Index, View<const T>, View<T>);                                                \
  how void spectral_sigma(Cpu<T>&, SpectralGeometry, bool, const T*, T*, T*, T*);                                    \
  how void spectral_scale(Cpu<T>&, SpectralScale, View<const T>, const T*, const T*, View<T>);                       \
  how void spectral_scale_backward(Cpu<T>&, SpectralScale, View<const T>, View<const T>, const T*, View<T>);         \
  how void spectral_backward(Cpu<T>&, SpectralGeometry, SpectralScale, View<const T>, View<const T>, const T*,       \
                             const T*, const T*, const T*, T*, T*);                                                  \
  how void unfold_forward(Cpu<T>&, UnfoldGeometry, View<const T>, View<T>);                                          \
  how void unfold_backward(Cpu<T>&, UnfoldGeometry, View<const T>, View<T>);

/// Compiles the operations on `Cpu<T>`, for `float` or `double`, outside of any namespace.
#define UGATIT_COMPILE_CPU(T)        \
  namespace ugatit {                 \
  UGATIT_CPU_OPERATIONS(template, T) \
  }

// NOLINTEND(bugprone-macro-parentheses)
