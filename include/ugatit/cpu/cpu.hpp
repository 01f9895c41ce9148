// All operations on the CPU.
#pragma once

#include <ugatit/cpu/activation.hpp>
#include <ugatit/cpu/adam.hpp>
#include <ugatit/cpu/cam.hpp>
#include <ugatit/cpu/conv2d.hpp>
#include <ugatit/cpu/device.hpp>
#include <ugatit/cpu/elementwise.hpp>
#include <ugatit/cpu/enlarged_conv2d.hpp>
#include <ugatit/cpu/instances.hpp>
#include <ugatit/cpu/linear.hpp>
#include <ugatit/cpu/loss.hpp>
#include <ugatit/cpu/moving_average.hpp>
#include <ugatit/cpu/norm.hpp>
#include <ugatit/cpu/outer_adam.hpp>
#include <ugatit/cpu/pad.hpp>
#include <ugatit/cpu/pool.hpp>
#include <ugatit/cpu/reduction.hpp>
#include <ugatit/cpu/resample.hpp>
#include <ugatit/cpu/set_norm.hpp>
#include <ugatit/cpu/smoothing.hpp>
#include <ugatit/cpu/spectral_norm.hpp>
#include <ugatit/cpu/switchable_norm.hpp>
#include <ugatit/cpu/unfold.hpp>

namespace ugatit {

static_assert(Device<Cpu<float>> && PadsBorders<Cpu<float>> && Convolves<Cpu<float>> && MultipliesVectors<Cpu<float>> &&
              Normalises<Cpu<float>> && Activates<Cpu<float>> && Pools<Cpu<float>> && Resamples<Cpu<float>> &&
              AddsElements<Cpu<float>> && FoldsAttention<Cpu<float>> && NormalisesSpectra<Cpu<float>> &&
              SmoothsRho<Cpu<float>> && ScalesByClassifier<Cpu<float>> && MeasuresLosses<Cpu<float>> &&
              StepsAdam<Cpu<float>> && StepsOuterAdam<Cpu<float>> && NormalisesSets<Cpu<float>> &&
              SwitchesNorms<Cpu<float>> && SumsSquares<Cpu<float>> && AveragesNumbers<Cpu<float>> &&
              UnfoldsWindows<Cpu<float>> && ConvolvesEnlarged<Cpu<float>>);

#ifdef UGATIT_CPU_ELSEWHERE
UGATIT_CPU_OPERATIONS(extern template, float)
UGATIT_CPU_OPERATIONS(extern template, double)
#endif

}  // namespace ugatit
