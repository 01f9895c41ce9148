// GPUs that need not be here, from public figures.
#pragma once

#include <string>

namespace ugatit::testing {

/// What differs between them.
struct DescribedGpu {
  std::string name;
  int version;
  int processors;
  int shared_memory;  // of a team, at the most
  int cache;
  int clock;
  int memory_clock;
};

inline const DescribedGpu described_gpus[] = {{"NVIDIA H200", 900, 132, 232448, 62914560, 1980000, 3201000},
                                              {"NVIDIA A100", 800, 108, 166912, 41943040, 1410000, 1215000}};

/// As cuDNN reads it (CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION).
inline std::string description_of(const DescribedGpu& gpu) {
  const auto number = [](const char* name, int value) {
    return ",\"" + std::string(name) + "\":" + std::to_string(value);
  };
  return R"({"version":1,"cudaDeviceId":0,"driverVer":13000,"warpSize":32,"maxThreadsPerBlock":1024,"maxThreadsPerSM":2048,)"
         R"("maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],"regsPerBlock":65536,)"
         R"("maxRegistersPerSM":65536,"maxSharedMemoryPerBlock":49152,"reservedSharedMemoryPerBlock":1024,)"
         R"("maxCtasPerSM":32,"pciDeviceId":0,"isTccDriver":0,"supportCoopLaunch":1,"totalGlobalMem":80000000000,)"
         R"("deviceName":")" +
         gpu.name + '"' + number("deviceVer", gpu.version) + number("multiProcessorCount", gpu.processors) +
         number("maxSharedMemoryPerBlockOptin", gpu.shared_memory) + number("l2CacheSize", gpu.cache) +
         number("smClockRateKHz", gpu.clock) + number("memClockRateKHz", gpu.memory_clock) + "}";
}

}  // namespace ugatit::testing
