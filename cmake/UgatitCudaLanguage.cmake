# CUDA as a language of this build. UGATIT_CUDA_DEFAULT is ON where ugatit is the project itself and all that it needs is
# here.
include(UgatitCudaPackages)
find_program(UGATIT_NVCC nvcc HINTS ENV CUDA_PATH /usr/local/cuda PATH_SUFFIXES bin)
mark_as_advanced(UGATIT_NVCC)
set(UGATIT_CUDA_DEFAULT OFF)
if(PROJECT_IS_TOP_LEVEL AND UGATIT_NVCC)
  ugatit_find_cuda_packages(UGATIT_CUDA_DEFAULT UGATIT_CUDA_MISSING)
endif()

# A macro: what enabling a language sets belongs to the caller's folder.
macro(ugatit_enable_cuda)
  if(NOT UGATIT_NVCC AND NOT CMAKE_CUDA_COMPILER)
    message(FATAL_ERROR "ugatit: UGATIT_CUDA needs nvcc, of the CUDA toolkit 12 or newer; install it and put it on the PATH, "
      "or set UGATIT_CUDA to OFF")
  endif()
  if(NOT DEFINED CMAKE_CUDA_COMPILER)
    set(CMAKE_CUDA_COMPILER "${UGATIT_NVCC}")
  endif()
  if(NOT DEFINED CMAKE_CUDA_ARCHITECTURES)
    set(CMAKE_CUDA_ARCHITECTURES "80-real;90" CACHE STRING "GPUs to compile for; 90 without -real is PTX for newer ones too")
  endif()
  # CMake 3.25 does not know how to ask nvcc for C++20.
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
  enable_language(CUDA)
  set(CMAKE_CUDA_STANDARD 20)
  set(CMAKE_CUDA_STANDARD_REQUIRED ON)
endmacro()
