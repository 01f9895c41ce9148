// A convolution by cuDNN's graph API: one operation on three tensors, bfloat16 or float (for TF32) in [N, H, W, C] with
// sums in float, and the engines that can run it.
#pragma once

#include <ugatit/cuda/convolution_sizes.hpp>
#include <ugatit/cuda/plan_target.hpp>

#include <algorithm>
#include <array>

namespace ugatit::cudnn {

/// What cuDNN calls the numbers of all three tensors.
inline cudnnDataType_t data_type(Products products) {
  return products == Products::bfloat16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
}

/// Which of the three tensors is the result.
enum class Direction { forward, backward_input, backward_weight };

/// The most memory that an algorithm may work in.
constexpr std::size_t most_workspace = std::size_t{1} << 30U;

/// One engine's way to run an operation.
class ExecutionPlan {
 public:
  /// Whether cuDNN can make one is asked of `possible`.
  ExecutionPlan(const PlanTarget& target, GraphDescriptor engine)
      : engine_(std::move(engine)), plan_(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR) {
    target.tell_plan(plan_);
    plan_.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, engine_);
    possible_ = plan_.finalize();
    if (possible_) {
      bytes_ = static_cast<std::size_t>(plan_.get<std::int64_t>(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE));
    }
  }

  bool possible() const { return possible_; }   ///< whether it can run
  std::size_t bytes() const { return bytes_; }  ///< that it works in

  /// Puts it on the handle's stream. The tensor that is the result is written, in spite of its type.
  cudnnStatus_t run(cudnnHandle_t handle, const void* x, const void* w, const void* y, const void* work) const {
    GraphDescriptor data(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    data.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, tensors);
    data.set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, {x, w, y});
    data.set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, work);
    UGATIT_CHECK(cudnnBackendFinalize(data));
    return cudnnBackendExecute(handle, plan_, data);
  }

  /// The numbers of x, w and y in a graph.
  static constexpr std::int64_t tensors[] = {1, 2, 3};

 private:
  GraphDescriptor engine_;
  GraphDescriptor plan_;
  std::size_t bytes_ = 0;
  bool possible_ = false;
};

namespace graph {

inline GraphDescriptor tensor(cudnnDataType_t type, std::int64_t number, std::int64_t n, std::int64_t c, std::int64_t h,
                              std::int64_t w) {
  GraphDescriptor t(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
  t.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, number);
  t.set(CUDNN_ATTR_TENSOR_DATA_TYPE, type);
  t.set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, std::int64_t{16});
  t.set(CUDNN_ATTR_TENSOR_DIMENSIONS, {n, c, h, w});
  t.set(CUDNN_ATTR_TENSOR_STRIDES, {c * h * w, std::int64_t{1}, w * c, c});
  UGATIT_CHECK(cudnnBackendFinalize(t));
  return t;
}

inline GraphDescriptor window(const ConvolutionSizes& s) {
  GraphDescriptor c(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
  constexpr std::int64_t zero = 0;
  constexpr std::int64_t one = 1;
  c.set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT);
  c.set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION);
  c.set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, std::int64_t{2});
  c.set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, {zero, zero});
  c.set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, {zero, zero});
  c.set(CUDNN_ATTR_CONVOLUTION_DILATIONS, {one, one});
  c.set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, {std::int64_t{s.stride_down}, std::int64_t{s.stride_across}});
  UGATIT_CHECK(cudnnBackendFinalize(c));
  return c;
}

/// What the API calls the attributes of one direction.
struct Names {
  cudnnBackendDescriptorType_t operation;
  cudnnBackendAttributeName_t alpha, beta, window, x, w, y;
};

inline Names names_of(Direction direction) {
  switch (direction) {
    case Direction::forward:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y};
    case Direction::backward_input:
      return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
              CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY};
    case Direction::backward_weight:
      break;
  }
  return {CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY};
}

inline GraphDescriptor operation(const ConvolutionSizes& s, Direction direction) {
  const Names names = names_of(direction);
  const auto [x, w, y] = ExecutionPlan::tensors;
  const cudnnDataType_t type = data_type(s.products);
  GraphDescriptor o(names.operation);
  o.set(names.alpha, 1.0F);
  o.set(names.beta, 0.0F);
  o.set(names.window, window(s));
  o.set(names.x, tensor(type, x, s.batch, s.in_channels, s.height, s.width));
  o.set(names.w, tensor(type, w, s.out_channels, s.in_channels, s.kernel_height, s.kernel_width));
  o.set(names.y, tensor(type, y, s.batch, s.out_channels, s.out_height, s.out_width));
  return o;
}

/// Whether an engine uses tensor cores, sums in float, and gives the same bits each time.
inline bool is_wanted(const GraphDescriptor& engine) {
  std::array<cudnnBackendNumericalNote_t, CUDNN_NUMERICAL_NOTE_TYPE_COUNT> memory{};
  const auto notes = engine.get(CUDNN_ATTR_ENGINE_NUMERICAL_NOTE, std::span<cudnnBackendNumericalNote_t>(memory));
  const auto has = [&](cudnnBackendNumericalNote_t note) { return std::ranges::find(notes, note) != notes.end(); };
  return has(CUDNN_NUMERICAL_NOTE_TENSOR_CORE) && !has(CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION) &&
         !has(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC);
}

}  // namespace graph

/// Plans for one direction of a convolution on tensor cores, `most` of them at the most, the fastest by cuDNN's own
/// estimate first. All of them use tensor cores, sum in float and give the same bits each time.
inline std::vector<ExecutionPlan> execution_plans(const PlanTarget& target, const ConvolutionSizes& s,
                                                  Direction direction, std::size_t most) {
  std::vector<ExecutionPlan> plans;
  GraphDescriptor operation = graph::operation(s, direction);
  if (!operation.finalize()) return plans;
  GraphDescriptor whole(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
  target.tell_graph(whole);
  whole.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operation);
  if (!whole.finalize()) return plans;
  GraphDescriptor estimate(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  estimate.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, whole);
  estimate.set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_HEUR_MODE_A);
  target.tell_estimate(estimate);
  if (!estimate.finalize()) return plans;
  constexpr std::size_t most_estimates = 24;
  for (GraphDescriptor& engine :
       estimate.get(CUDNN_ATTR_ENGINEHEUR_RESULTS, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, most_estimates)) {
    if (plans.size() == most) break;
    if (!graph::is_wanted(engine.get(CUDNN_ATTR_ENGINECFG_ENGINE, CUDNN_BACKEND_ENGINE_DESCRIPTOR, 1).front()))
      continue;
    ExecutionPlan plan(target, std::move(engine));
    if (plan.possible() && plan.bytes() <= most_workspace) plans.push_back(std::move(plan));
  }
  return plans;
}

}  // namespace ugatit::cudnn
