import platform
import shutil
import subprocess
from pathlib import Path

import pytest

import jubako.training.engines.native

SOURCE = Path(jubako.training.engines.native.__file__).with_name("engine.cpp")
X86 = platform.machine().lower() in ("x86_64", "amd64")
INSTRUCTIONS = {
    "baseline": [],
    **({"avx2": ["-mavx2", "-mfma"], "avx512": ["-march=skylake-avx512"]} if X86 else {}),
}


@pytest.mark.parametrize("instructions", INSTRUCTIONS)
@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_the_engine_compiles_without_a_warning(compiler, instructions):
    if not shutil.which(compiler):
        pytest.skip(f"there is no {compiler}")
    command = [compiler, "-std=c++20", "-fsyntax-only", "-Wall", "-Wextra", "-Werror"]
    command += [*INSTRUCTIONS[instructions], str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
