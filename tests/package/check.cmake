# Configures, builds and runs the consumer in one WAY; find_package works from an install of this build tree.
set(work "${BUILD}/package/${WAY}")
file(REMOVE_RECURSE "${work}")

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(failed)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${output}")
  endif()
endfunction()

if(WAY STREQUAL "find_package")
  run("${CMAKE_COMMAND}" --install "${BUILD}" --prefix "${work}/prefix")
endif()
run("${CMAKE_COMMAND}" -S "${ROOT}/tests/package/consumer" -B "${work}/build" -G "${GENERATOR}" "-DWAY=${WAY}"
  "-DUGATIT_SOURCE=${ROOT}" "-DCMAKE_PREFIX_PATH=${work}/prefix" "-DCMAKE_CXX_COMPILER=${COMPILER}")
run("${CMAKE_COMMAND}" --build "${work}/build")
run("${CMAKE_CTEST_COMMAND}" --test-dir "${work}/build" --output-on-failure)
