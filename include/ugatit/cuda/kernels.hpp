// All operations as kernels, but for convolutions, which have a way of their own on each device.
#pragma once

#include <ugatit/cuda/activation.hpp>
#include <ugatit/cuda/adam.hpp>
#include <ugatit/cuda/by_float.hpp>
#include <ugatit/cuda/cam.hpp>
#include <ugatit/cuda/conv2d_direct.hpp>
#include <ugatit/cuda/convolved_squares.hpp>
#include <ugatit/cuda/elementwise.hpp>
#include <ugatit/cuda/global_pool.hpp>
#include <ugatit/cuda/linear.hpp>
#include <ugatit/cuda/loss.hpp>
#include <ugatit/cuda/moving_average.hpp>
#include <ugatit/cuda/norm.hpp>
#include <ugatit/cuda/outer_adam.hpp>
#include <ugatit/cuda/packed_adam.hpp>
#include <ugatit/cuda/pad.hpp>
#include <ugatit/cuda/pool.hpp>
#include <ugatit/cuda/reduction.hpp>
#include <ugatit/cuda/resample.hpp>
#include <ugatit/cuda/set_norm.hpp>
#include <ugatit/cuda/smoothing.hpp>
#include <ugatit/cuda/spectral_norm.hpp>
#include <ugatit/cuda/spectral_scale.hpp>
#include <ugatit/cuda/switchable_norm.hpp>
#include <ugatit/cuda/unfold.hpp>
