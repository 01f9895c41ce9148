// Which GPU plans of cuDNN's graph API are for: that of a handle, or one that is described and need not be here.
#pragma once

#include <ugatit/cuda/graph_descriptor.hpp>

#include <optional>
#include <string_view>

namespace ugatit::cudnn {

/// One of the two.
class PlanTarget {
 public:
  PlanTarget(cudnnHandle_t handle) : handle_(handle) {}  // NOLINT: the usual one

#if CUDNN_VERSION >= 90800
  /// A GPU as cuDNN describes it (CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION). Its plans can be made and looked at, not
  /// run. Throws `Error` where that is no description.
  explicit PlanTarget(std::string_view description) : description_(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR) {
    description_->set_text(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, description);
    UGATIT_CHECK(cudnnBackendFinalize(*description_));
  }
#endif

  /// Tells an operation graph.
  void tell_graph(GraphDescriptor& graph) const {
    if (!description_) graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, handle_);
  }
  /// Tells what estimates the time of engines.
  void tell_estimate([[maybe_unused]] GraphDescriptor& estimate) const {
#if CUDNN_VERSION >= 90800
    if (description_) estimate.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, *description_);
#endif
  }
  /// Tells a plan.
  void tell_plan(GraphDescriptor& plan) const {
#if CUDNN_VERSION >= 90800
    if (description_) return plan.set(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, *description_);
#endif
    plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, handle_);
  }

 private:
  cudnnHandle_t handle_ = nullptr;
  std::optional<GraphDescriptor> description_;
};

}  // namespace ugatit::cudnn
