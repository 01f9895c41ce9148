"""What `conan create` tries the package with: the consumer of the library's own tests."""
import os

from conan import ConanFile
from conan.tools.build import can_run
from conan.tools.cmake import CMake


class Consumer(ConanFile):
    settings = "os", "arch", "compiler", "build_type"
    generators = "CMakeDeps", "CMakeToolchain"

    @property
    def _checkout(self):
        return os.path.join(self.recipe_folder, "..", "..", "..", "..")

    def requirements(self):
        self.requires(self.tested_reference_str)

    def layout(self):
        self.folders.build = os.path.join(self._checkout, "build", "conan")
        self.folders.generators = os.path.join(self.folders.build, "generators")

    def build(self):
        cmake = CMake(self)
        consumer = os.path.abspath(os.path.join(self._checkout, "tests", "package", "consumer"))
        cmake.configure(build_script_folder=consumer, variables={"WAY": "find_package"})
        cmake.build()

    def test(self):
        if can_run(self):
            for program in ("computes", "reads"):
                self.run(os.path.join(self.build_folder, program), env="conanrun")
