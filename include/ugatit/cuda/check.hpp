// Calls of CUDA and cuDNN, checked: what fails is an `Error` that says what it was and what to do.
#pragma once

#include <ugatit/core/error.hpp>

#include <cuda_runtime_api.h>
#include <cudnn.h>
#include <string>

namespace ugatit {

inline void check(cudaError_t status, const char* call) {
  if (status == cudaSuccess) return;
  throw Error(std::string(call) + " failed on the GPU: " + cudaGetErrorString(status) +
              "; try again, or use --device cpu");
}

inline void check(cudnnStatus_t status, const char* call) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  throw Error(std::string(call) + " failed in cuDNN: " + cudnnGetErrorString(status) +
              "; try again, or use --device cpu");
}

}  // namespace ugatit

/// Checks the status that a call of CUDA or cuDNN returns.
#define UGATIT_CHECK(...) ::ugatit::check(__VA_ARGS__, #__VA_ARGS__)
