# An overlay port: it packs the checkout that it lies in.
get_filename_component(source "${CMAKE_CURRENT_LIST_DIR}/../../../.." ABSOLUTE)

vcpkg_cmake_configure(SOURCE_PATH "${source}"
  OPTIONS -DUGATIT_BUILD_EXAMPLES=OFF -DUGATIT_BUILD_TESTS=OFF -DUGATIT_BUILD_BENCHMARKS=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/ugatit)
vcpkg_fixup_pkgconfig()

# Headers serve both builds; vcpkg wants them and the licence in places of its own.
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug" "${CURRENT_PACKAGES_DIR}/share/doc")
vcpkg_install_copyright(FILE_LIST "${source}/LICENSE")
