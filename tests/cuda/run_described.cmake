# The programs in one PRECISION on a GPU that is described (described_gpu.cpp): a training that is recorded as a graph,
# one that goes on from it, a folder translated, and a GPU with too little memory.
set(work "${WORK}/${PRECISION}")
file(REMOVE_RECURSE "${work}")
foreach(part trainA trainB testA testB)
  file(COPY "${ROOT}/docs/images/gpu_training.jpg" DESTINATION "${work}/data/small/${part}")
endforeach()

# run(expected program arguments…): the exit code has to be `expected`; sets `said` and `report`.
function(run expected program)
  execute_process(
    COMMAND "${CMAKE_COMMAND}" -E env "LD_PRELOAD=${GPU}" "UGATIT_GPU_REPORT=${work}/report.txt" ${memory}
      "${PROGRAMS}/${program}" --device cuda --precision "${PRECISION}" ${ARGN}
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE errors TIMEOUT 300)
  if(NOT code EQUAL expected)
    message(FATAL_ERROR "${program} ${ARGN} ended with ${code}, not ${expected}\n${output}\n${errors}")
  endif()
  set(said "${output}${errors}" PARENT_SCOPE)
  file(READ "${work}/report.txt" text)
  set(report "${text}" PARENT_SCOPE)
endfunction()

set(training train_selfie2anime --data_dir "${work}/data" --dataset small --result_dir "${work}/results" --light True --ch 8
  --n_res 2 --n_dis 4 --img_size 64 --print_freq 2 --save_freq 2)
run(0 ${training} --iteration 4)
message(STATUS "${PRECISION}: ${report}")
if(NOT report MATCHES "[1-9][0-9]* kernels")
  message(FATAL_ERROR "no iteration was recorded: ${report}")
endif()
if(NOT PRECISION STREQUAL "float32" AND NOT report MATCHES "[1-9][0-9]* convolutions")
  message(FATAL_ERROR "no convolution is cuDNN's: ${report}")
endif()
run(0 ${training} --iteration 6 --resume True)
run(0 ${training} --iteration 8 --resume True --memory low)
run(0 translate --weights "${work}/results/small/model/small_A2B.safetensors" --input "${work}/data/small/testA"
  --output "${work}/translated")

set(memory "UGATIT_GPU_MEMORY=40000000")
run(1 ${training} --iteration 10 --resume True)
if(NOT said MATCHES "out of memory: [^\n]*use smaller images")
  message(FATAL_ERROR "too little memory is not said:\n${said}")
endif()
