// Operations that images with channels last seldom meet (norms of other codes than PyTorch's, windows, joined
// channels): the image goes to float and [N, C, H, W], through the kernel for that, and what comes out goes back.
#pragma once

#include <ugatit/cuda/elementwise.hpp>
#include <ugatit/cuda/in_float.hpp>
#include <ugatit/cuda/pool.hpp>
#include <ugatit/cuda/set_norm.hpp>
#include <ugatit/cuda/switchable_norm.hpp>
#include <ugatit/cuda/unfold.hpp>

namespace ugatit {

/// Whether channels are last in some of these images.
template <class... T>
concept SomeChannelsLast = (channels_last<T> || ...);

template <LaunchesKernels D, class A, class B, class Y>
requires SomeChannelsLast<A, B, Y>
void join_channels(D& dev, View<const A> a, View<const B> b, View<Y> y) {
  const FromFloat to(dev, y);
  join_channels(dev, InFloat(dev, a).view(), InFloat(dev, b).view(), to.view());
  to.finish();
}

template <LaunchesKernels D, class Y, class A, class B>
requires SomeChannelsLast<Y, A, B>
void split_channels(D& dev, View<const Y> y, View<A> a, View<B> b) {
  const FromFloat to_a(dev, a);
  const FromFloat to_b(dev, b);
  split_channels(dev, InFloat(dev, y).view(), to_a.view(), to_b.view());
  to_a.finish();
  to_b.finish();
}

template <LaunchesKernels D, ChannelsLast E>
void pool_forward(D& dev, PoolGeometry g, View<const E> x, View<E> y) {
  const FromFloat to(dev, y);
  pool_forward(dev, g, InFloat(dev, x).view(), to.view());
  to.finish();
}

template <LaunchesKernels D, ChannelsLast E>
void pool_backward(D& dev, PoolGeometry g, View<const E> dy, View<const E> x, View<const E> y, View<E> dx) {
  const FromFloat to(dev, dx);
  pool_backward(dev, g, InFloat(dev, dy).view(), InFloat(dev, x).view(), InFloat(dev, y).view(), to.view());
  to.finish();
}

template <LaunchesKernels D, class X, class Y>
requires SomeChannelsLast<X, Y>
void unfold_forward(D& dev, UnfoldGeometry g, View<const X> x, View<Y> y) {
  const FromFloat to(dev, y);
  unfold_forward(dev, g, InFloat(dev, x).view(), to.view());
  to.finish();
}

template <LaunchesKernels D, class Y, class X>
requires SomeChannelsLast<Y, X>
void unfold_backward(D& dev, UnfoldGeometry g, View<const Y> dy, View<X> dx) {
  const FromFloat to(dev, dx);
  unfold_backward(dev, g, InFloat(dev, dy).view(), to.view());
  to.finish();
}

template <LaunchesKernels D, ChannelsLast E>
void set_statistics(D& dev, const SetNormGeometry& g, View<const E> x, float* mean, float* variance) {
  set_statistics(dev, g, InFloat(dev, x).view(), mean, variance);
}

template <LaunchesKernels D, ChannelsLast E>
void set_norm_forward(D& dev, const SetNormGeometry& g, View<const E> x, const float* mean, const float* variance,
                      const float* gamma, const float* beta, View<E> y) {
  const FromFloat to(dev, y);
  set_norm_forward(dev, g, InFloat(dev, x).view(), mean, variance, gamma, beta, to.view());
  to.finish();
}

template <LaunchesKernels D, ChannelsLast E>
void set_norm_backward(D& dev, const SetNormGeometry& g, View<const E> dy, View<const E> x, const float* mean,
                       const float* variance, const float* gamma, View<E> dx, float* dgamma, float* dbeta) {
  const FromFloat to(dev, dx);
  set_norm_backward(dev, g, InFloat(dev, dy).view(), InFloat(dev, x).view(), mean, variance, gamma, to.view(), dgamma,
                    dbeta);
  to.finish();
}

template <LaunchesKernels D, ChannelsLast E>
void switchable_statistics(D& dev, const SwitchableGeometry& g, View<const E> x, SwitchableStatistics<float> s) {
  switchable_statistics(dev, g, InFloat(dev, x).view(), s);
}

template <LaunchesKernels D, ChannelsLast E>
void switchable_norm_forward(D& dev, const SwitchableGeometry& g, View<const E> x, SwitchableStatistics<float> s,
                             const float* mean_weight, const float* var_weight, const float* gamma, const float* beta,
                             View<E> y) {
  const FromFloat to(dev, y);
  switchable_norm_forward(dev, g, InFloat(dev, x).view(), s, mean_weight, var_weight, gamma, beta, to.view());
  to.finish();
}

template <LaunchesKernels D, ChannelsLast E>
void switchable_norm_backward(D& dev, const SwitchableGeometry& g, View<const E> dy, View<const E> x,
                              SwitchableStatistics<float> s, const float* mean_weight, const float* var_weight,
                              const float* gamma, View<E> dx, float* d_mean_weight, float* d_var_weight, float* dgamma,
                              float* dbeta) {
  const FromFloat to(dev, dx);
  switchable_norm_backward(dev, g, InFloat(dev, dy).view(), InFloat(dev, x).view(), s, mean_weight, var_weight, gamma,
                           to.view(), d_mean_weight, d_var_weight, dgamma, dbeta);
  to.finish();
}

}  // namespace ugatit
