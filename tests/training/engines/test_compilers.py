import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from jubako.core.activations import ACTIVATIONS
from jubako.core.layers import LAYERS, Dense
from jubako.core.losses import SquaredError
from jubako.core.network import Network
from jubako.training.engines.base import Problem
from jubako.training.engines.native import library as library_of
from jubako.training.engines.native.engine import NativeEngine
from jubako.training.engines.native.library import Library, libraries
from jubako.training.optimizers import OPTIMIZERS, Adam, Update
from jubako.training.state import TrainState
from strategies import every_loss, network, targets

SOURCE = Path(library_of.__file__).with_name("engine.cpp")
X86 = platform.machine().lower() in ("x86_64", "amd64")
FLAGS = ["-std=c++20", "-O3", "-fno-math-errno", "-fno-trapping-math"]  # as in setup.py
WIDE = ["-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma"]
BUILDS = {  # by the name that the library has for itself
    "SSE2" if X86 else "NEON": [],
    **(
        {"AVX2": ["-mavx2", "-mfma"], "AVX-512": [*WIDE, "-mprefer-vector-width=512"]}
        if X86
        else {}
    ),
}
ZIG = [sys.executable, "-m", "ziglang", "c++", "-fno-sanitize=all"]  # as in setup.py
COMPILERS = {
    "g++": ["g++"],
    "clang++": ["clang++"],
    # without a target, zig compiles for this processor
    "zig": [*ZIG, "-target", f"{'x86_64' if X86 else 'aarch64'}-linux-gnu.2.17"],
}
# a build takes 10 s, so `make test` compiles one with one compiler, and `make compilers` all
EVERY_PAIR = [(compiler, build) for compiler in COMPILERS for build in BUILDS]
ALL = bool(os.environ.get("JUBAKO_TEST_COMPILERS"))
PAIRS = EVERY_PAIR if ALL else [("clang++", "AVX2" if X86 else "NEON")]


def run(compiler, *options):
    """Run a compiler on the engine, where no warning is allowed."""
    there = shutil.which(compiler) or (compiler == "zig" and importlib.util.find_spec("ziglang"))
    if not there:
        pytest.skip(f"there is no {compiler}")
    command = [*COMPILERS[compiler], *FLAGS, "-Wall", "-Wextra", "-Werror", *options, str(SOURCE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def trained(library, net, update, dtype):
    """Train for two epochs; return all numbers that come out."""
    engine, rng = NativeEngine(library, 1), np.random.default_rng(0)
    x = rng.normal(size=(60, net.layers[0].n_in)).astype(dtype)
    y = targets(net.loss, rng, (60, net.layers[-1].n_out), dtype)
    problem = Problem(net, x, y, rng.uniform(0.5, 2, 60).astype(dtype), 0.1)
    theta = np.stack([net.init("sklearn", np.random.default_rng(seed)) for seed in (1, 2)])
    theta = theta.astype(dtype)
    state = TrainState.start(theta, update.optimizer.init(theta), (1, 2), 0.02)
    rates = rng.uniform(0.01, 0.02, (2, 9, 2)).astype(dtype)
    outputs = engine.run_epochs(problem, update, state, None, 7, rates, shuffle=True)
    numbers = outputs.losses, outputs.grads, *outputs.numbers, engine.predict(net, theta, x)
    return np.concatenate([np.asarray(part).ravel() for part in numbers])


def cases():
    """Return networks with each activation, loss and layer, and each optimizer, clipped too."""
    adam, dense = Update(Adam()), (Dense(5, 33, "tanh"), Dense(33, 3))
    for name in ACTIVATIONS:
        yield Network((Dense(5, 16, name), Dense(16, 3)), SquaredError()), adam
    for name in LAYERS:
        yield network(name, "relu", SquaredError(), n_in=5, n=17), adam
    for loss in every_loss():
        yield Network(dense, loss), adam
    for optimizer in OPTIMIZERS.values():
        for clip in (np.inf, 0.3):
            yield Network(dense, SquaredError()), Update(optimizer(), 0.1, clip)


@pytest.mark.parametrize(
    ("compiler", "build"), [pair for pair in EVERY_PAIR if pair[0] != "zig" and pair not in PAIRS]
)
def test_the_engine_compiles_without_a_warning(compiler, build):
    run(compiler, "-fsyntax-only", *BUILDS[build])


@pytest.mark.parametrize(("compiler", "build"), PAIRS)
def test_compilers_agree_to_the_last_bit_and_warn_of_nothing(compiler, build, tmp_path):
    here = {library.build: library for library in libraries()}
    if build not in here:
        pytest.skip(f"{build} was not compiled, or does not run here")
    run(compiler, "-shared", "-fPIC", "-pthread", *BUILDS[build], "-o", str(tmp_path / "engine.so"))
    library = Library(tmp_path / "engine.so")
    assert library.runs_here
    assert library.build == build
    for net, update in cases():
        for dtype in np.float32, np.float64:
            found, expected = (trained(one, net, update, dtype) for one in (library, here[build]))
            np.testing.assert_array_equal(found, expected, f"{net} {update}")


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="Linux says what a processor has")
@pytest.mark.skipif(not X86, reason="elsewhere there is one build, which runs everywhere")
def test_the_builds_that_run_here_are_those_that_linux_lists():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    flags = set(next(line for line in lines if line.startswith("flags")).split())
    needed = {
        "SSE2": {"sse2"},
        "AVX2": {"avx2", "fma"},
        "AVX-512": {"avx512f", "avx512dq", "avx512bw", "avx512vl", "fma"},
    }
    for name in library_of.BUILDS:
        path = library_of.library_path(name)
        if path.exists():
            library = Library(path)
            assert library.runs_here == (needed[library.build] <= flags)
