// The library on NVIDIA GPUs: `Cuda<float>`, `Cuda<bfloat16>` and all operations on them. For nvcc; link ugatit::cuda.
#pragma once

#include <ugatit/cuda/kernels.hpp>
#include <ugatit/cuda/packed_conv2d.hpp>
#include <ugatit/ugatit.hpp>

namespace ugatit {

static_assert(Device<Cuda<float>> && PadsBorders<Cuda<float>> && Convolves<Cuda<float>> &&
              MultipliesVectors<Cuda<float>> && Normalises<Cuda<float>> && Activates<Cuda<float>> &&
              Pools<Cuda<float>> && Resamples<Cuda<float>> && AddsElements<Cuda<float>> &&
              FoldsAttention<Cuda<float>> && NormalisesSpectra<Cuda<float>> && SmoothsRho<Cuda<float>> &&
              ScalesByClassifier<Cuda<float>> && MeasuresLosses<Cuda<float>> && StepsAdam<Cuda<float>> &&
              StepsOuterAdam<Cuda<float>> && NormalisesSets<Cuda<float>> && SwitchesNorms<Cuda<float>> &&
              SumsSquares<Cuda<float>> && AveragesNumbers<Cuda<float>> && UnfoldsWindows<Cuda<float>>);

}  // namespace ugatit
