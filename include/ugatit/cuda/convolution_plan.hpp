// How cuDNN computes one convolution: descriptors, algorithms and the working memory they want, kept for every
// geometry.
//
// cuDNN pads with zeros alone, so borders are laid on before it is called and it sees none.
#pragma once

#include <ugatit/cuda/convolution_timing.hpp>

#include <map>
#include <optional>

namespace ugatit {

namespace cudnn {

/// One descriptor, which ends with its owner.
template <class Handle, cudnnStatus_t (*Create)(Handle*), cudnnStatus_t (*Destroy)(Handle)>
class Descriptor {
 public:
  Descriptor() { UGATIT_CHECK(Create(&handle_)); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { Destroy(handle_); }
  operator Handle() const { return handle_; }  // NOLINT: it stands for the handle

 private:
  Handle handle_ = nullptr;
};

using TensorDescriptor = Descriptor<cudnnTensorDescriptor_t, cudnnCreateTensorDescriptor, cudnnDestroyTensorDescriptor>;
using FilterDescriptor = Descriptor<cudnnFilterDescriptor_t, cudnnCreateFilterDescriptor, cudnnDestroyFilterDescriptor>;
using ConvolutionDescriptor =
    Descriptor<cudnnConvolutionDescriptor_t, cudnnCreateConvolutionDescriptor, cudnnDestroyConvolutionDescriptor>;

/// One direction of a convolution and the bytes that it works in: a plan of the graph API, or an algorithm of the older
/// calls. False where cuDNN has none.
template <class Performance>
struct Way {
  std::optional<ExecutionPlan> graph;
  ConvolutionDescriptor convolution;
  decltype(Performance::algo) algorithm{};
  std::size_t bytes = 0;
  bool found = false;

  explicit operator bool() const { return found; }

  /// Takes a plan of the graph API, if there is one: the fastest by cuDNN's own estimate, or with `benchmark` of the
  /// first few of them by the clock.
  void choose_graph(cudnnHandle_t handle, const ConvolutionSizes& s, Direction direction, bool benchmark) {
    constexpr std::size_t few = 10;
    std::vector<ExecutionPlan> plans = execution_plans(handle, s, direction, benchmark ? few : 1);
    if (plans.empty()) return;
    if (plans.size() > 1) put_fastest_first(handle, s, plans);
    graph = std::move(plans.front());
    bytes = graph->bytes();
    found = true;
  }

  /// Takes the fastest algorithm, by cuDNN's own estimate, of what `ask` finds that gives the same bits each time and
  /// wants no more than `most_workspace`. `ask(descriptor, most, &count, results)` is one of
  /// cudnnGetConvolution…Algorithm_v7.
  template <class Ask>
  void choose(const ConvolutionSizes& s, const Ask& ask) {
    if (found) return;
    constexpr int most = 16;
    // FMA alone forbids the tensor cores, which would round float factors to TF32.
    const cudnnMathType_t math = s.products == Products::own ? CUDNN_FMA_MATH : CUDNN_TENSOR_OP_MATH;
    UGATIT_CHECK(cudnnSetConvolution2dDescriptor(convolution, 0, 0, s.stride_down, s.stride_across, 1, 1,
                                                 CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT));
    UGATIT_CHECK(cudnnSetConvolutionMathType(convolution, math));
    std::array<Performance, most> results{};
    int count = 0;
    if (ask(static_cast<cudnnConvolutionDescriptor_t>(convolution), most, &count, results.data()) !=
        CUDNN_STATUS_SUCCESS) {
      return;
    }
    for (const Performance& result : std::span(results).first(static_cast<std::size_t>(count))) {
      if (result.status != CUDNN_STATUS_SUCCESS || result.memory > most_workspace) continue;
      if (result.determinism != CUDNN_DETERMINISTIC) continue;
      algorithm = result.algo;
      bytes = result.memory;
      found = true;
      // The estimate holds for the arithmetic that it names.
      if (s.products != Products::own) UGATIT_CHECK(cudnnSetConvolutionMathType(convolution, result.mathType));
      return;
    }
  }
};

}  // namespace cudnn

/// The plan of one convolution, in all directions. On tensor cores it is the graph API's where that has one, else the
/// older calls'.
struct ConvolutionPlan {
  cudnn::TensorDescriptor x, y;
  cudnn::FilterDescriptor w;
  cudnn::Way<cudnnConvolutionFwdAlgoPerf_t> forward;
  cudnn::Way<cudnnConvolutionBwdDataAlgoPerf_t> backward_input;
  cudnn::Way<cudnnConvolutionBwdFilterAlgoPerf_t> backward_weight;

  ConvolutionPlan(cudnnHandle_t handle, const ConvolutionSizes& s, bool benchmark) {
    const bool on_tensor_cores = s.products != Products::own;
    const cudnnDataType_t type = cudnn::data_type(s.products);
    const cudnnTensorFormat_t format = on_tensor_cores ? CUDNN_TENSOR_NHWC : CUDNN_TENSOR_NCHW;
    UGATIT_CHECK(cudnnSetTensor4dDescriptor(x, format, type, s.batch, s.in_channels, s.height, s.width));
    UGATIT_CHECK(cudnnSetTensor4dDescriptor(y, format, type, s.batch, s.out_channels, s.out_height, s.out_width));
    UGATIT_CHECK(
        cudnnSetFilter4dDescriptor(w, type, format, s.out_channels, s.in_channels, s.kernel_height, s.kernel_width));
    if (on_tensor_cores) {
      forward.choose_graph(handle, s, cudnn::Direction::forward, benchmark);
      backward_input.choose_graph(handle, s, cudnn::Direction::backward_input, benchmark);
      backward_weight.choose_graph(handle, s, cudnn::Direction::backward_weight, benchmark);
    }
    forward.choose(s, [&](auto convolution, int most, int* count, auto* results) {
      return cudnnGetConvolutionForwardAlgorithm_v7(handle, x, w, convolution, y, most, count, results);
    });
    backward_input.choose(s, [&](auto convolution, int most, int* count, auto* results) {
      return cudnnGetConvolutionBackwardDataAlgorithm_v7(handle, w, y, convolution, x, most, count, results);
    });
    backward_weight.choose(s, [&](auto convolution, int most, int* count, auto* results) {
      return cudnnGetConvolutionBackwardFilterAlgorithm_v7(handle, x, y, convolution, w, most, count, results);
    });
  }
};

/// The plans of all convolutions met so far.
class ConvolutionPlans {
 public:
  /// The plan for these sizes, made when it is first asked for; with `benchmark` by running what cuDNN has.
  const ConvolutionPlan& of(cudnnHandle_t handle, const ConvolutionSizes& sizes, bool benchmark) {
    std::unique_ptr<ConvolutionPlan>& plan = plans_[sizes];
    if (!plan) plan = std::make_unique<ConvolutionPlan>(handle, sizes, benchmark);
    return *plan;
  }

 private:
  std::map<ConvolutionSizes, std::unique_ptr<ConvolutionPlan>> plans_;
};

}  // namespace ugatit
