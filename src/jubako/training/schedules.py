"""Schedules: how the learning rate changes over a run.

A schedule is a function of progress t, which runs from 0 at the first step to 1 after the last. It
returns the factor that multiplies the initial rate. (scikit-learn's `invscaling` and `adaptive`
look at other things than progress: the rows seen, and the loss. They are in `TrainConfig`.)
"""

from collections.abc import Callable

import numpy as np

from jubako.core.activations import Array

SCHEDULES: dict[str, Callable[[Array], Array]] = {
    "constant": lambda t: np.ones_like(t),
    # half a wave, from 1 down to 0 (Loshchilov & Hutter 2017, arXiv:1608.03983)
    "cosine": lambda t: (1 + np.cos(np.pi * t)) / 2,
    # four waves, each twice as long as the one before (Holzmüller et al. 2024, arXiv:2407.04491)
    "coslog4": lambda t: (1 - np.cos(2 * np.pi * np.log2(1 + 15 * t))) / 2,
}
