// Which plan for a convolution is the fastest, found by running them: PyTorch's cudnn.benchmark.
#pragma once

#include <ugatit/cuda/convolution_graph.hpp>
#include <ugatit/cuda/memory.hpp>

#include <limits>
#include <memory>

namespace ugatit::cudnn {

/// Memory of the GPU for the time being, all zeros.
class Trial {
 public:
  explicit Trial(std::size_t bytes) : memory_(DeviceMemory::take(bytes)) {
    UGATIT_CHECK(cudaMemset(memory_.get(), 0, bytes));
  }
  std::byte* data() const { return memory_.get(); }

 private:
  struct GiveBack {
    void operator()(std::byte* memory) const { DeviceMemory::give_back(memory); }
  };
  std::unique_ptr<std::byte, GiveBack> memory_;
};

/// How long `run` keeps the stream busy, in milliseconds; infinite where it fails. It is recorded as a graph, as in a
/// training, since one convolution takes less time than the host needs to ask for it.
template <class Run>
float milliseconds(cudaStream_t stream, const Run& run) {
  constexpr int runs = 8;
  constexpr int launches = 3;
  constexpr float never = std::numeric_limits<float>::infinity();
  if (run() != CUDNN_STATUS_SUCCESS) return never;  // loads its code, too
  cudaGraph_t recorded = nullptr;
  cudaGraphExec_t graph = nullptr;
  bool succeeded = true;
  UGATIT_CHECK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed));
  for (int i = 0; i < runs; ++i) succeeded = run() == CUDNN_STATUS_SUCCESS && succeeded;
  UGATIT_CHECK(cudaStreamEndCapture(stream, &recorded));
  const cudaError_t status = cudaGraphInstantiate(&graph, recorded, 0);
  cudaGraphDestroy(recorded);
  check(status, "cudaGraphInstantiate");
  cudaEvent_t begin = nullptr;
  cudaEvent_t end = nullptr;
  UGATIT_CHECK(cudaEventCreate(&begin));
  UGATIT_CHECK(cudaEventCreate(&end));
  float best = never;
  for (int i = 0; i < launches; ++i) {
    float now = 0;
    UGATIT_CHECK(cudaEventRecord(begin, stream));
    UGATIT_CHECK(cudaGraphLaunch(graph, stream));
    UGATIT_CHECK(cudaEventRecord(end, stream));
    UGATIT_CHECK(cudaEventSynchronize(end));
    UGATIT_CHECK(cudaEventElapsedTime(&now, begin, end));
    best = std::min(best, now / runs);
  }
  cudaEventDestroy(begin);
  cudaEventDestroy(end);
  cudaGraphExecDestroy(graph);
  return succeeded ? best : never;
}

/// Puts the fastest plan first. The estimate's first one stays where no other is faster by a twentieth, so that chance
/// decides less.
inline void put_fastest_first(cudnnHandle_t handle, const ConvolutionSizes& s, std::vector<ExecutionPlan>& plans) {
  cudaStream_t stream = nullptr;
  UGATIT_CHECK(cudnnGetStream(handle, &stream));
  cudaStreamCaptureStatus capture{};
  UGATIT_CHECK(cudaStreamIsCapturing(stream, &capture));
  if (capture != cudaStreamCaptureStatusNone) return;  // nothing runs meanwhile
  const std::size_t number = s.products == Products::bfloat16 ? sizeof(std::uint16_t) : sizeof(float);
  const auto bytes = [&](auto... sizes) { return (number * ... * static_cast<std::size_t>(sizes)); };
  const Trial x(bytes(s.batch, s.in_channels, s.height, s.width));
  const Trial w(bytes(s.out_channels, s.in_channels, s.kernel_height, s.kernel_width));
  const Trial y(bytes(s.batch, s.out_channels, s.out_height, s.out_width));
  std::size_t most = 1;
  for (const ExecutionPlan& plan : plans) most = std::max(most, plan.bytes());
  const Trial work(most);
  UGATIT_CHECK(cudaDeviceSynchronize());  // other streams would be timed with it
  std::size_t best = 0;
  float shortest = 0;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const float time =
        milliseconds(stream, [&] { return plans[i].run(handle, x.data(), w.data(), y.data(), work.data()); });
    if (i == 0) {
      shortest = time * 0.95F;
    } else if (time < shortest) {
      shortest = time;
      best = i;
    }
  }
  std::swap(plans.front(), plans[best]);
}

}  // namespace ugatit::cudnn
