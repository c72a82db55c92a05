"""Build the native engine: one C++ source, compiled once for each set of instructions.

Each build is optional: without a compiler the install succeeds, and the plain engine runs. They are
ordinary shared libraries that Python opens with ctypes, so they do not depend on its version.
"""

import os
import platform
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # an old setuptools builds no wheels by itself
    bdist_wheel = object

HERE = Path("src/jubako/training/engines/native")
FLAGS = ["-std=c++20", "-O3", "-fno-math-errno", "-fno-trapping-math", "-fvisibility=hidden"]
WIDE = ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma"]
BUILDS = {"baseline": []}
if platform.machine().lower() in ("x86_64", "amd64"):
    BUILDS["avx2"] = ["-mavx2", "-mfma"]
    BUILDS["avx512"] = [*WIDE, "-mprefer-vector-width=512"]


class BuildLibraries(build_ext):
    """Compile plain libraries: no Python in the name, no module inside."""

    def initialize_options(self):
        super().initialize_options()
        self.parallel = 2

    def build_extension(self, ext):
        # each build has objects of its own, since they come from one source
        self.build_temp = str(Path(self.build_temp) / ext.name.rpartition(".")[2])
        super().build_extension(ext)

    def get_ext_filename(self, fullname):
        return str(Path(*fullname.split("."))) + (".dll" if os.name == "nt" else ".so")

    def get_export_symbols(self, ext):
        return []


class Wheel(bdist_wheel):
    """Say that the wheel is for any Python on this machine."""

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


setup(
    ext_modules=[
        Extension(
            f"jubako.training.engines.native.{name}",
            [str(HERE / "engine.cpp")],
            depends=[str(path) for path in sorted(HERE.glob("*.hpp"))],
            extra_compile_args=[*FLAGS, *flags],
            extra_link_args=["-pthread"],
            language="c++",
            optional=True,
        )
        for name, flags in BUILDS.items()
    ],
    cmdclass={"build_ext": BuildLibraries, "bdist_wheel": Wheel},
)
