# ugatit_own: what our own programs, tests and benchmarks are built with, and no others.

# Warnings and the processor's instructions. Warnings are errors with the compilers that judge changes; what a newer one
# finds beside them should not stop a user's build.
add_library(ugatit_flags INTERFACE)
target_link_libraries(ugatit_flags INTERFACE ugatit)
set(UGATIT_WARNINGS -Wall -Wextra -Wpedantic -Wconversion -Wshadow)
target_compile_options(ugatit_flags INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:${UGATIT_WARNINGS}>"
  "$<$<AND:$<COMPILE_LANGUAGE:CXX>,$<OR:$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>,$<AND:$<CXX_COMPILER_ID:Clang>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,15>>>>:-Werror>")
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 takes the undefined operands of its own AVX-512 intrinsics for uninitialised variables (GCC bug 105593);
  # clang, in the preset tidy, keeps both warnings.
  target_compile_options(ugatit_flags INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-Wno-maybe-uninitialized;-Wno-uninitialized>"
    "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wno-maybe-uninitialized$<COMMA>-Wno-uninitialized>")
endif()
if(UGATIT_NATIVE)
  target_compile_options(ugatit_flags INTERFACE "$<$<COMPILE_LANGUAGE:CXX>:-march=native>"
    "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-march=native>")
endif()
# nvcc's own warnings, the compiler's for what is not generated, and registers that do not suffice: all are errors.
target_compile_options(ugatit_flags INTERFACE
  "$<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall;-Werror=all-warnings;-Xptxas=-warn-spills>")

# Debug builds, which the tests are, optimise only what computes much: elsewhere optimising takes longer than it saves.
function(ugatit_computes_much target)
  target_compile_options(${target} PRIVATE "$<$<CONFIG:Debug>:-O1>")
endfunction()

# The operations, compiled once for all.
add_library(ugatit_operations STATIC "${PROJECT_SOURCE_DIR}/cmake/operations.cpp")
target_link_libraries(ugatit_operations PUBLIC ugatit_flags)
ugatit_computes_much(ugatit_operations)

add_library(ugatit_own INTERFACE)
target_link_libraries(ugatit_own INTERFACE ugatit_operations)
target_compile_definitions(ugatit_own INTERFACE UGATIT_CPU_ELSEWHERE)
