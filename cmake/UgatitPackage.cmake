# What `cmake --install` puts down, in two components: `dev` (headers, find_package, pkg-config) and `programs`; and how
# CPack packs them.
#
# Headers and package files are the same for every processor, so they go below share/, and they find each other by
# relative paths: an installed tree may be moved.
include(CMakePackageConfigHelpers)
set(UGATIT_CMAKE_FOLDER "${CMAKE_INSTALL_DATADIR}/cmake/ugatit")
set(UGATIT_PKGCONFIG_FOLDER "${CMAKE_INSTALL_DATADIR}/pkgconfig")
set(packaging "${PROJECT_SOURCE_DIR}/cmake/packaging")

# vcpkg wants a version of its own: it is the same one.
file(READ "${packaging}/vcpkg/ugatit/vcpkg.json" port)
string(JSON port_version GET "${port}" version)
if(NOT port_version STREQUAL PROJECT_VERSION)
  message(FATAL_ERROR "ugatit: ${packaging}/vcpkg/ugatit/vcpkg.json says ${port_version}; write ${PROJECT_VERSION} there")
endif()

# find_package(ugatit), with COMPONENTS io for images and checkpoints.
install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/ugatit" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT dev)
install(TARGETS ugatit EXPORT ugatitTargets)
install(EXPORT ugatitTargets NAMESPACE ugatit:: DESTINATION "${UGATIT_CMAKE_FOLDER}" COMPONENT dev)
configure_package_config_file("${packaging}/ugatitConfig.cmake.in" ugatitConfig.cmake
  INSTALL_DESTINATION "${UGATIT_CMAKE_FOLDER}")
write_basic_package_version_file(ugatitConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES "${PROJECT_BINARY_DIR}/ugatitConfig.cmake" "${PROJECT_BINARY_DIR}/ugatitConfigVersion.cmake"
  "${PROJECT_SOURCE_DIR}/cmake/UgatitIoPackages.cmake" "${PROJECT_SOURCE_DIR}/cmake/UgatitCudaPackages.cmake"
  DESTINATION "${UGATIT_CMAKE_FOLDER}" COMPONENT dev)

# pkg-config ugatit, pkg-config ugatit-io.
if(IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}")
  set(UGATIT_PC_INCLUDE "${CMAKE_INSTALL_INCLUDEDIR}")
else()
  file(RELATIVE_PATH up "/${UGATIT_PKGCONFIG_FOLDER}" "/${CMAKE_INSTALL_INCLUDEDIR}")
  set(UGATIT_PC_INCLUDE "\${pcfiledir}/${up}")
endif()
foreach(name ugatit ugatit-io)
  configure_file("${packaging}/${name}.pc.in" "${PROJECT_BINARY_DIR}/${name}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/${name}.pc" DESTINATION "${UGATIT_PKGCONFIG_FOLDER}" COMPONENT dev)
endforeach()

if(UGATIT_BUILD_EXAMPLES)
  install(TARGETS train_selfie2anime translate convert figure draw_portraits evaluate
    DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT programs)
endif()
foreach(component dev programs)
  set(folder "${CMAKE_INSTALL_DATADIR}/doc/ugatit-${component}")
  install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${folder}" COMPONENT ${component} RENAME copyright)
  install(FILES "${PROJECT_SOURCE_DIR}/docs/CHANGELOG.md" DESTINATION "${folder}" COMPONENT ${component})
endforeach()

# cpack -G DEB: ugatit-dev and ugatit-programs. Programs for this machine's processor alone are not for a package.
set(CPACK_COMPONENTS_ALL dev)
if(UGATIT_BUILD_EXAMPLES AND NOT UGATIT_NATIVE)
  list(APPEND CPACK_COMPONENTS_ALL programs)
endif()
set(CPACK_PACKAGE_VENDOR "The ugatit authors")
set(CPACK_PACKAGE_CONTACT "The ugatit authors")
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX "/usr")
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_COMPONENT_DEV_DESCRIPTION "Headers of ugatit
 ${PROJECT_DESCRIPTION}.")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME ugatit-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "libeigen3-dev (>= 3.4)")
set(CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS "libstb-dev, nlohmann-json3-dev, libzip-dev, pkg-config")
set(CPACK_COMPONENT_PROGRAMS_DESCRIPTION "Programs that train and run U-GAT-IT
 Unpaired image-to-image translation: train, translate, convert, evaluate.")
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_NAME ugatit-programs)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SECTION graphics)
set(CPACK_DEBIAN_PROGRAMS_PACKAGE_SHLIBDEPS ON)
include(CPack)
