# The target `docs`: the reference by doxygen, in docs/html of the build folder. A warning is an error.
find_package(Doxygen 1.9.4 QUIET)
if(NOT DOXYGEN_FOUND)
  message(FATAL_ERROR "ugatit: the documentation needs doxygen 1.9.4 or newer; install it (cmake/install_packages.sh docs) "
    "or set UGATIT_BUILD_DOCS to OFF")
endif()
set(UGATIT_DOCS_FOLDER "${PROJECT_BINARY_DIR}/docs")
configure_file("${PROJECT_SOURCE_DIR}/docs/doxygen/Doxyfile.in" "${UGATIT_DOCS_FOLDER}/Doxyfile" @ONLY)
add_custom_target(docs
  COMMAND Doxygen::doxygen "${UGATIT_DOCS_FOLDER}/Doxyfile"
  COMMAND "${CMAKE_COMMAND}" -E echo "Look at ${UGATIT_DOCS_FOLDER}/html/index.html"
  VERBATIM)
