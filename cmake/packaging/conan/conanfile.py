"""Conan 2 recipe: conan create cmake/packaging/conan"""
import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.files import copy, load


class Ugatit(ConanFile):
    name = "ugatit"
    description = "U-GAT-IT, unpaired image-to-image translation, as a header-only C++20 library"
    license = "MIT"
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    no_copy_source = True

    @property
    def _checkout(self):
        return os.path.join(self.recipe_folder, "..", "..", "..")

    def set_version(self):
        header = load(self, os.path.join(self._checkout, "include", "ugatit", "version.hpp"))
        self.version = ".".join(re.findall(r"#define UGATIT_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header))

    def export_sources(self):
        copy(self, "include/*", self._checkout, self.export_sources_folder)
        copy(self, "LICENSE", self._checkout, self.export_sources_folder)

    def requirements(self):
        self.requires("eigen/[>=3.4 <4]", transitive_headers=True)
        self.requires("libzip/[>=1.7 <2]", transitive_headers=True)
        self.requires("nlohmann_json/[>=3.10 <4]", transitive_headers=True)
        self.requires("stb/[*]", transitive_headers=True)

    def validate(self):
        check_min_cppstd(self, 20)

    def package_id(self):
        self.info.clear()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        copy(self, "*.hpp", os.path.join(self.source_folder, "include"), os.path.join(self.package_folder, "include"))

    def package_info(self):
        core = self.cpp_info.components["core"]
        core.set_property("cmake_target_name", "ugatit::ugatit")
        core.set_property("pkg_config_name", "ugatit")
        core.bindirs, core.libdirs = [], []
        core.system_libs = ["pthread"]
        core.requires = ["eigen::eigen"]

        io = self.cpp_info.components["io"]
        io.set_property("cmake_target_name", "ugatit::io")
        io.set_property("pkg_config_name", "ugatit-io")
        io.bindirs, io.libdirs = [], []
        io.requires = ["core", "libzip::libzip", "nlohmann_json::nlohmann_json", "stb::stb"]
