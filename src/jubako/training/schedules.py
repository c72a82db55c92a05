"""Learning rate schedules.

A schedule returns the factors of the initial learning rate, >= 0, for progress t, an array in
[0, 1]: 0 at the first step, 1 after the last. (scikit-learn's `invscaling` and `adaptive` depend on
the number of rows and on the loss instead, and are in `TrainConfig`.)
"""

from collections.abc import Callable

import numpy as np

from jubako.core.activations import Array

SCHEDULES: dict[str, Callable[[Array], Array]] = {
    "constant": lambda t: np.ones_like(t),
    # half a period, from 1 to 0 (Loshchilov & Hutter 2017, arXiv:1608.03983)
    "cosine": lambda t: (1 + np.cos(np.pi * t)) / 2,
    # four periods, each twice as long as the previous (Holzmüller et al. 2024, arXiv:2407.04491)
    "coslog4": lambda t: (1 - np.cos(2 * np.pi * np.log2(1 + 15 * t))) / 2,
}
