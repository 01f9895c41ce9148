// A GPU that is described and computes nothing, in place of CUDA's runtime: put before it by LD_PRELOAD, it has a
// program do all that a host does for a GPU, plans of cuDNN's graph API included, and counts what the program takes.
// Its numbers mean nothing: no kernel runs.
//
// UGATIT_GPU_MEMORY: bytes that it has, any number if it is not set.
// UGATIT_GPU_REPORT: the file that says at the end what was taken.
#include "described_gpus.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <cuda_runtime.h>
#include <cudnn.h>
#include <dlfcn.h>
#include <fstream>
#include <limits>
#include <map>
#include <string>

namespace {

/// What has been taken of it, and what was recorded as a graph.
class Counts {
 public:
  Counts() {
    if (const char* const memory = std::getenv("UGATIT_GPU_MEMORY")) memory_ = std::stoull(memory);
  }
  Counts(const Counts&) = delete;
  Counts& operator=(const Counts&) = delete;
  ~Counts() {
    const char* const report = std::getenv("UGATIT_GPU_REPORT");
    if (report == nullptr || most_ == 0) return;
    std::ofstream(report) << most_ << " bytes at most, " << kernels_ << " kernels and " << convolutions_
                          << " convolutions of cuDNN recorded\n";
  }

  cudaError_t take(void** memory, std::size_t bytes) {
    if (bytes > memory_ - taken_) return cudaErrorMemoryAllocation;
    // Pages that nobody touches take nothing of the host's.
    *memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (*memory == MAP_FAILED) return cudaErrorMemoryAllocation;
    blocks_[*memory] = bytes;
    taken_ += bytes;
    most_ = std::max(most_, taken_);
    return cudaSuccess;
  }
  cudaError_t give_back(void* memory) {
    const auto block = blocks_.find(memory);
    if (block == blocks_.end()) return memory == nullptr ? cudaSuccess : cudaErrorInvalidValue;
    munmap(memory, block->second);
    taken_ -= block->second;
    blocks_.erase(block);
    return cudaSuccess;
  }

  void launch_kernel() { kernels_ += recording ? 1 : 0; }
  void launch_convolution() { convolutions_ += recording ? 1 : 0; }

  bool recording = false;

 private:
  std::map<void*, std::size_t> blocks_;
  std::size_t memory_ = std::numeric_limits<std::size_t>::max();
  std::size_t taken_ = 0;
  std::size_t most_ = 0;
  long kernels_ = 0;
  long convolutions_ = 0;
};

Counts& counts() {
  static Counts all;
  return all;
}

/// A handle of some kind, which nothing is behind.
template <class Handle>
void make(Handle* handle) {
  static std::uintptr_t next = 0;
  *handle = reinterpret_cast<Handle>(++next * 16);
}
template <class Handle>
cudaError_t made(Handle* handle) {
  make(handle);
  return cudaSuccess;
}

/// Nobody waits while a graph is recorded.
cudaError_t waited() {
  return counts().recording ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}

/// cuDNN's own.
template <class F>
F* original(F*, const char* name) {
  return reinterpret_cast<F*>(dlsym(RTLD_NEXT, name));
}

cudnnStatus_t set_attribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                            cudnnBackendAttributeType_t type, std::int64_t count, const void* values) {
  static const auto set = original(&cudnnBackendSetAttribute, "cudnnBackendSetAttribute");
  return set(descriptor, name, type, count, values);
}

#if CUDNN_VERSION >= 90800
/// The description, in place of a handle.
cudnnStatus_t describe(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name) {
  static const cudnnBackendDescriptor_t described = [] {
    cudnnBackendDescriptor_t properties = nullptr;
    cudnnBackendCreateDescriptor(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, &properties);
    const std::string text = ugatit::testing::description_of(ugatit::testing::described_gpus[0]);
    set_attribute(properties, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
                  static_cast<std::int64_t>(text.size()), text.data());
    cudnnBackendFinalize(properties);
    return properties;
  }();
  return set_attribute(descriptor, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &described);
}
#endif

/// What a launch is told between its two halves.
struct Configuration {
  dim3 grid, block;
  std::size_t shared = 0;
  void* stream = nullptr;
};

Configuration& configuration() {
  static Configuration last;
  return last;
}

}  // namespace

extern "C" {

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int) {
  return cudaSuccess;
}
cudaError_t cudaGetLastError() {
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  return waited();
}

cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  return counts().take(memory, bytes);
}
cudaError_t cudaFree(void* memory) {
  return counts().give_back(memory);
}
cudaError_t cudaMallocHost(void** memory, std::size_t bytes) {
  *memory = std::calloc(1, bytes);
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* memory) {
  std::free(memory);
  return cudaSuccess;
}
cudaError_t cudaMemset(void*, int, std::size_t) {
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind, cudaStream_t) {
  std::memcpy(to, from, bytes);
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned, int) {
  return made(stream);
}
cudaError_t cudaStreamDestroy(cudaStream_t) {
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t) {
  return waited();
}
cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned) {
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event) {
  return made(event);
}
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned) {
  return made(event);
}
cudaError_t cudaEventDestroy(cudaEvent_t) {
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t) {
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t) {
  return waited();
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t, cudaEvent_t) {
  *milliseconds = 1;
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t, cudaStreamCaptureMode) {
  counts().recording = true;
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t, cudaGraph_t* graph) {
  counts().recording = false;
  return made(graph);
}
cudaError_t cudaStreamIsCapturing(cudaStream_t, cudaStreamCaptureStatus* status) {
  *status = counts().recording ? cudaStreamCaptureStatusActive : cudaStreamCaptureStatusNone;
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* started, cudaGraph_t, unsigned long long) {
  return made(started);
}
cudaError_t cudaGraphDestroy(cudaGraph_t) {
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t) {
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t, cudaStream_t) {
  return cudaSuccess;
}

// What nvcc makes of a kernel and of a launch.

void** __cudaRegisterFatBinary(void*) {
  void** binary = nullptr;
  make(&binary);
  return binary;
}
void __cudaRegisterFatBinaryEnd(void**) {}
void __cudaUnregisterFatBinary(void**) {}
void __cudaRegisterFunction(void**, const char*, char*, const char*, int, uint3*, uint3*, dim3*, dim3*, int*) {}
unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, std::size_t shared, void* stream) {
  configuration() = {grid, block, shared, stream};
  return 0;
}
cudaError_t __cudaPopCallConfiguration(dim3* grid, dim3* block, std::size_t* shared, void* stream) {
  *grid = configuration().grid;
  *block = configuration().block;
  *shared = configuration().shared;
  *static_cast<void**>(stream) = configuration().stream;
  return cudaSuccess;
}
cudaError_t __cudaGetKernel(void** kernel, const void*) {
  make(kernel);
  return cudaSuccess;
}
cudaError_t __cudaLaunchKernel(void*, dim3, dim3, void**, std::size_t, cudaStream_t) {
  counts().launch_kernel();
  return cudaSuccess;
}
cudaError_t cudaLaunchKernel(const void*, dim3, dim3, void**, std::size_t, cudaStream_t) {
  counts().launch_kernel();
  return cudaSuccess;
}

// Of cuDNN what wants a GPU.

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  make(handle);
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnDestroy(cudnnHandle_t) {
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnSetStream(cudnnHandle_t, cudaStream_t) {
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnGetStream(cudnnHandle_t, cudaStream_t* stream) {
  *stream = nullptr;
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnBackendExecute(cudnnHandle_t, cudnnBackendDescriptor_t, cudnnBackendDescriptor_t) {
  counts().launch_convolution();
  return CUDNN_STATUS_SUCCESS;
}
cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                                       cudnnBackendAttributeType_t type, std::int64_t count, const void* values) {
#if CUDNN_VERSION >= 90800
  if (name == CUDNN_ATTR_OPERATIONGRAPH_HANDLE) return CUDNN_STATUS_SUCCESS;
  if (name == CUDNN_ATTR_EXECUTION_PLAN_HANDLE) return describe(descriptor, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP);
  if (name == CUDNN_ATTR_ENGINEHEUR_MODE) describe(descriptor, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP);
#endif
  return set_attribute(descriptor, name, type, count, values);
}
// The older calls have nothing for it.
cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(cudnnHandle_t, cudnnTensorDescriptor_t, cudnnFilterDescriptor_t,
                                                     cudnnConvolutionDescriptor_t, cudnnTensorDescriptor_t, int, int*,
                                                     cudnnConvolutionFwdAlgoPerf_t*) {
  return CUDNN_STATUS_NOT_SUPPORTED;
}
cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithm_v7(cudnnHandle_t, cudnnFilterDescriptor_t,
                                                          cudnnTensorDescriptor_t, cudnnConvolutionDescriptor_t,
                                                          cudnnTensorDescriptor_t, int, int*,
                                                          cudnnConvolutionBwdDataAlgoPerf_t*) {
  return CUDNN_STATUS_NOT_SUPPORTED;
}
cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithm_v7(cudnnHandle_t, cudnnTensorDescriptor_t,
                                                            cudnnTensorDescriptor_t, cudnnConvolutionDescriptor_t,
                                                            cudnnFilterDescriptor_t, int, int*,
                                                            cudnnConvolutionBwdFilterAlgoPerf_t*) {
  return CUDNN_STATUS_NOT_SUPPORTED;
}

}  // extern "C"
