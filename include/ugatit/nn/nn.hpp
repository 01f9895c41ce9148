// All layers.
#pragma once

#include <ugatit/nn/activation.hpp>
#include <ugatit/nn/adalin.hpp>
#include <ugatit/nn/batch_norm.hpp>
#include <ugatit/nn/cam.hpp>
#include <ugatit/nn/cam_classifiers.hpp>
#include <ugatit/nn/combinators.hpp>
#include <ugatit/nn/concatenate.hpp>
#include <ugatit/nn/conv.hpp>
#include <ugatit/nn/group_norm.hpp>
#include <ugatit/nn/layer.hpp>
#include <ugatit/nn/linear.hpp>
#include <ugatit/nn/norms.hpp>
#include <ugatit/nn/pool.hpp>
#include <ugatit/nn/recompute.hpp>
#include <ugatit/nn/resample.hpp>
#include <ugatit/nn/rho.hpp>
#include <ugatit/nn/spectral_norm.hpp>
#include <ugatit/nn/starting.hpp>
#include <ugatit/nn/switchable_norm.hpp>
#include <ugatit/nn/unfold.hpp>
#include <ugatit/nn/wiring.hpp>
