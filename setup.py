"""Build the native engine: one C++ source, compiled once for each set of instructions.

The builds are ordinary shared libraries that Python opens with ctypes, so they do not depend on its
version. Two variables of the environment matter:

JUBAKO_REQUIRE_NATIVE=1
    Fail if a build fails. Otherwise the install succeeds, and the NumPy engine computes.
JUBAKO_WHEEL=win_amd64
    Compile for a platform of `TARGETS` with zig (`pip install ziglang`), from any machine.
"""

import os
import platform
import re
import sys
import tomllib
from copy import copy
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

try:
    from setuptools.command.bdist_wheel import bdist_wheel
except ImportError:  # an old setuptools builds no wheels by itself
    bdist_wheel = object

TARGETS = {  # tag of a wheel: zig's name for it, with the oldest C library
    "manylinux_2_17_x86_64": "x86_64-linux-gnu.2.17",
    "manylinux_2_17_aarch64": "aarch64-linux-gnu.2.17",
    "macosx_11_0_arm64": "aarch64-macos.11.0",
    "macosx_11_0_x86_64": "x86_64-macos.11.0",
    "win_amd64": "x86_64-windows-gnu",
    "win_arm64": "aarch64-windows-gnu",
}
WHEEL = os.environ.get("JUBAKO_WHEEL", "")
MACHINE = WHEEL or platform.machine().lower()
SUFFIX = ".dll" if WHEEL.startswith("win") or (not WHEEL and os.name == "nt") else ".so"

HERE = Path("src/jubako/training/engines/native")
FLAGS = ["-std=c++20", "-O3", "-fno-math-errno", "-fno-trapping-math", "-fvisibility=hidden"]
WIDE = ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma"]
BUILDS = {"baseline": []}
if MACHINE.endswith(("x86_64", "amd64")):
    BUILDS["avx2"] = ["-mavx2", "-mfma"]
    BUILDS["avx512"] = [*WIDE, "-mprefer-vector-width=512"]


class BuildLibraries(build_ext):
    """Compile plain libraries: no Python in the name, no module inside."""

    def initialize_options(self):
        super().initialize_options()
        self.parallel = 2

    def build_extension(self, ext):
        if WHEEL:
            return self.cross_compile(ext)
        # each build has objects of its own, since they come from one source; and its own command,
        # since builds run at the same time and would change the folder of each other
        own = copy(self)
        own.build_temp = str(Path(self.build_temp) / ext.name.rpartition(".")[2])
        return build_ext.build_extension(own, ext)

    def cross_compile(self, ext):
        # in a folder of its own: for Windows the linker writes engine.lib and engine.pdb beside it
        name = ext.name.rpartition(".")[2]
        built = Path(self.build_temp, name, name + SUFFIX)
        built.parent.mkdir(parents=True, exist_ok=True)
        zig = [sys.executable, "-m", "ziglang", "c++", "-target", TARGETS[WHEEL]]
        # zig checks for undefined behaviour unless it is told not to
        flags = ["-fno-sanitize=all", "-shared", "-s", *ext.extra_compile_args]
        if not WHEEL.startswith("win"):
            flags.append("-fPIC")
        self.spawn([*zig, *flags, "-o", str(built), *ext.sources])
        path = Path(self.get_ext_fullpath(ext.name))
        path.parent.mkdir(parents=True, exist_ok=True)
        self.move_file(str(built), str(path))

    def get_ext_filename(self, fullname):
        return str(Path(*fullname.split("."))) + SUFFIX

    def get_export_symbols(self, ext):
        return []


class Wheel(bdist_wheel):
    """Say that the wheel is for any Python on this machine."""

    def get_tag(self):
        return "py3", "none", WHEEL or super().get_tag()[2]


def readme():
    """Return README.md with absolute links, for pages that show it elsewhere."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    home = project["urls"]["Repository"]

    def absolute(link):
        kind = "raw" if link[1] else "blob"  # a picture, or a page
        return f"{link[1]}[{link[2]}]({home}/{kind}/main/"

    relative = r"(!?)\[([^]]*)\]\((?!https?:|#)"
    return re.sub(relative, absolute, Path("README.md").read_text(encoding="utf-8"))


setup(
    long_description=readme(),
    long_description_content_type="text/markdown",
    ext_modules=[
        Extension(
            f"jubako.training.engines.native.{name}",
            [str(HERE / "engine.cpp")],
            depends=[str(path) for path in sorted(HERE.glob("*.hpp"))],
            extra_compile_args=[*FLAGS, *flags],
            extra_link_args=["-pthread"],
            language="c++",
            optional=os.environ.get("JUBAKO_REQUIRE_NATIVE", "0") == "0",
        )
        for name, flags in BUILDS.items()
    ],
    cmdclass={"build_ext": BuildLibraries, "bdist_wheel": Wheel},
)
