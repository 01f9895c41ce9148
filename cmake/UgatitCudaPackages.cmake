# What stands behind ugatit::cuda: the CUDA toolkit and cuDNN 9. Used by the build and by the installed package alike.
#
# ugatit_find_cuda_packages(FOUND MISSING) sets FOUND, and makes the target ugatit_cuda_packages or lists what is MISSING.
function(ugatit_find_cuda_packages found missing)
  set(absent "")
  find_package(CUDAToolkit 12 QUIET)
  if(NOT CUDAToolkit_FOUND)
    list(APPEND absent "the CUDA toolkit 12 or newer (nvcc)")
  endif()
  # Packages of Python ship the library under its full name alone.
  find_path(UGATIT_CUDNN_FOLDER NAMES cudnn.h HINTS ${CUDAToolkit_INCLUDE_DIRS} ENV CUDNN_PATH PATH_SUFFIXES include)
  find_library(UGATIT_CUDNN_LIBRARY NAMES cudnn libcudnn.so.9 HINTS ${CUDAToolkit_LIBRARY_DIR} ENV CUDNN_PATH
    PATH_SUFFIXES lib lib64)
  if(NOT UGATIT_CUDNN_FOLDER OR NOT UGATIT_CUDNN_LIBRARY)
    list(APPEND absent "cuDNN 9")
  endif()
  if(absent)
    list(JOIN absent ", " absent)
    set(${found} OFF PARENT_SCOPE)
    set(${missing} "${absent}" PARENT_SCOPE)
    return()
  endif()
  if(NOT TARGET ugatit_cuda_packages)
    add_library(ugatit_cuda_packages INTERFACE IMPORTED GLOBAL)
    target_include_directories(ugatit_cuda_packages SYSTEM INTERFACE "${UGATIT_CUDNN_FOLDER}")
    target_link_libraries(ugatit_cuda_packages INTERFACE CUDA::cudart "${UGATIT_CUDNN_LIBRARY}")
    # Kernels are lambdas and call constexpr functions. Not of interest: Eigen's annotations of defaulted functions
    # (20012), and that a view of const numbers converts to itself (554).
    target_compile_options(ugatit_cuda_packages INTERFACE
      "$<$<COMPILE_LANGUAGE:CUDA>:--extended-lambda;--expt-relaxed-constexpr;-diag-suppress=20012,554>")
    target_compile_definitions(ugatit_cuda_packages INTERFACE UGATIT_WITH_CUDA)
  endif()
  set(${found} ON PARENT_SCOPE)
  set(${missing} "" PARENT_SCOPE)
endfunction()
