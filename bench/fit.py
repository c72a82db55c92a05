"""Where the time of a fit goes: seconds of each phase of the engine, and the rate of products.

    make bench-fit DATA_DIR=folder
    python bench/fit.py DATA_DIR [--tables letter] [--presets default] [--rows 8000]

It needs `profile.so`, a build of the engine that counts the time of its phases; make compiles it.
Seconds are summed over threads; "outside" is Python's, "waiting" is the time in which a thread
waits for another. The rate of a candidate is that of the products of training and validation over
all of its time, also as a share of NumPy's product of 2048 x 2048, measured before each fit.
"""

import argparse
import ctypes
import os
import time
import warnings
from pathlib import Path

os.environ["JUBAKO_ENGINE"] = "profile"

import numpy as np

from accuracy import load, words

TABLES = "california_housing", "adult", "letter", "diamonds", "phoneme", "ames"


def main():
    from jubako.training.engines.native.library import chosen
    from jubako.training.engines.native.threads import thread_count

    options = argparse.ArgumentParser()
    options.add_argument("data_dir", type=Path)
    options.add_argument("--tables", type=words, default=TABLES)
    options.add_argument("--presets", type=words, default=["fast", "default"])
    options.add_argument("--rows", type=int, default=8000)
    wish = options.parse_args()
    warnings.simplefilter("ignore")
    profile = Profile(ctypes.CDLL(str(chosen().path)))
    print(f"{chosen().build}, {thread_count()} threads, rates in GFLOP/s")
    for table in wish.tables:
        for preset in wish.presets:
            peak = product_rate()
            print(f"\n{table}, {preset}; NumPy's product: {peak:.0f}")
            measure(profile, wish.data_dir / table, preset, wish.rows, peak)


def product_rate():
    """Return the rate of NumPy's product of 2048 x 2048 in float32: the best of twenty."""
    a = np.random.default_rng(0).random((2048, 2048), np.float32)
    seconds = []
    for _ in range(20):
        began = time.perf_counter()
        a @ a
        seconds.append(time.perf_counter() - began)
    return 2 * 2048**3 / min(seconds) / 1e9


class Profile:
    """Reads the counters of the engine."""

    def __init__(self, library):
        library.jubako_phases.restype = ctypes.c_char_p
        self.phases = [*library.jubako_phases().decode().split(), "validation"]
        self.library = library
        self.ticks()
        began = time.perf_counter()
        time.sleep(0.1)
        self.seconds_per_tick = (time.perf_counter() - began) / self.ticks()[0].sum()

    def ticks(self):
        """Return the ticks of each phase, and the operations of products, since the last call.

        The phases of predictions are summed up as validation.
        """
        counters = np.zeros(2 * len(self.phases))
        self.library.jubako_profile(counters.ctypes.data_as(ctypes.c_void_p))
        training, predicting = counters[:-2].reshape(2, -1)
        return np.append(training, predicting.sum()), counters[-2:].sum()

    def seconds(self):
        """Return the seconds of each phase, and the operations of products, since the last call."""
        ticks, operations = self.ticks()
        return dict(zip(self.phases, ticks * self.seconds_per_tick, strict=True)), operations


def measure(profile, folder, preset, cap, peak):
    """Fit a preset, and print a column of seconds for each candidate, and for the whole fit."""
    import jubako
    from jubako.search import search_run

    regress, x, y, *_ = load(folder, 0, cap)
    cls = jubako.TabularRegressor if regress else jubako.TabularClassifier
    columns, run_task = [], search_run.run_task

    def measured(task, *inputs):
        rest.append(profile.seconds())
        began = time.perf_counter()
        results = run_task(task, *inputs)
        seconds = time.perf_counter() - began
        hidden = "x".join(map(str, task.candidate.hidden)) or "linear"
        columns.append((hidden, seconds, *profile.seconds()))
        return results

    rest = []
    profile.seconds()
    began = time.perf_counter()
    search_run.run_task = measured
    try:
        cls(preset, random_state=0).fit(x, y)
    finally:
        search_run.run_task = run_task
    seconds = time.perf_counter() - began
    rest.append(profile.seconds())
    both = [*rest, *(column[2:] for column in columns)]
    phases = {name: sum(part[name] for part, _ in both) for name in profile.phases}
    columns.append(("whole fit", seconds, phases, sum(operations for _, operations in both)))
    cells("", [name for name, *_ in columns])
    cells("seconds", [f"{seconds:.2f}" for _, seconds, *_ in columns])
    for phase in profile.phases:
        cells(phase, [f"{phases[phase]:.2f}" for _, _, phases, _ in columns])
    rates = [operations / seconds / 1e9 for _, seconds, _, operations in columns]
    cells("rate", [f"{rate:.0f}" for rate in rates])
    cells("share", [f"{rate / peak:.0%}" for rate in rates])


def cells(name, values):
    print(f"{name:12}" + "".join(f"{value:>16}" for value in values), flush=True)


if __name__ == "__main__":
    main()
