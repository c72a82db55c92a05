"""Run a fuzz target in a process of its own, so that a crash, a hang and a flood of memory count.

A target is a module with `prepare(folder)`, whose result is handed to `attempt(prepared, rng)` for
each case: it raises an AssertionError, or any other exception, if the case fails.
"""

import math
import resource
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

import numpy as np

MEMORY = 3 << 30  # bytes of address space that cases may take, beyond what libraries have reserved
PATIENCE = 60  # seconds that one case, or the preparation, may take on a busy machine


def run(target, seed, n=0, seconds=math.inf):
    """Run n cases of a target, named by its module, or cases for some seconds where n is 0.

    Return the number of cases.

    Raises
    ------
    AssertionError
        If one fails: the message names it, and how to run it alone.
    """
    end, number = time.monotonic() + seconds, 0
    command = [sys.executable, __file__, target, str(seed), "0", str(n)]
    with tempfile.TemporaryFile("w+") as errors:
        child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True)
        with child:
            for line in child.stdout:  # the number of each case, before it is tried
                number = int(line)
                if time.monotonic() > end:
                    child.kill()
                    return number
        if n and child.returncode == 0:
            return number + 1
        errors.seek(0)
        told = errors.read()[-4000:]
    raise AssertionError(
        f"case {number} of seed {seed} ended with {child.returncode}. Alone: "
        f"{Path(sys.executable).name} tests/fuzzing.py {target} {seed} {number} 1\n{told}"
    )


def child(target, seed, first, n):
    """Run cases from the first on: n of them, or, where n is 0, until the process is ended."""
    import signal
    import warnings

    warnings.simplefilter("error")
    module = import_module(target)
    with tempfile.TemporaryDirectory() as folder:
        prepared = module.prepare(Path(folder))
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        number = first
        while not n or number < first + n:
            print(number, flush=True)
            signal.alarm(PATIENCE)
            module.attempt(prepared, np.random.default_rng([seed, number]))
            number += 1


if __name__ == "__main__":
    if len(sys.argv) == 5:
        child(sys.argv[1], *map(int, sys.argv[2:]))
    else:
        _, target, seconds, seed = sys.argv
        print(run(target, int(seed), seconds=float(seconds)), "cases, none failed")
