"""Random numbers that are a function of where they are used, not of what was drawn before.

Dropout asks which units to drop for (seed of the network, step, draw within the step, row, unit).
A hash of these five answers, so K networks in one buffer drop what K separate runs drop, and a run
that is resumed, or computed by another engine in another order, drops the same units too.
"""

import numpy as np

from .activations import Array

MASK = 0xFFFFFFFF
GOLDEN = 0x9E3779B9  # 2^32 / golden ratio: consecutive numbers land far apart


def mix(h: Array) -> Array:
    """Scramble 32-bit integers, one to one (the hash lowbias32 of C. Wellons, 2018)."""
    h = (h ^ (h >> 16)) * np.uint32(0x7FEB352D)
    h = (h ^ (h >> 15)) * np.uint32(0x846CA68B)
    return h ^ (h >> 16)


class Stream:
    """The random numbers of one step of each network.

    Parameters
    ----------
    seeds : array of uint32, shape (...)
        One seed for each network, with the leading axes of theta: () or (K,).
    step : int
        The number of the step.
    """

    def __init__(self, seeds: Array, step: int) -> None:
        self.seeds = seeds
        self.step = step
        self.draw = 0

    def keep(self, rate: float, rows: int, units: int) -> Array:
        """Draw True with probability 1 - rate, shape (..., rows, units)."""
        self.draw += 1
        key = self.seeds[..., None]  # (..., 1), an array even for one network
        for number in (self.step, self.draw):
            key = mix(key + np.uint32(number * GOLDEN & MASK))
        cells = np.arange(rows * units, dtype=np.uint32)
        bits = mix(key ^ mix(cells * np.uint32(GOLDEN)))
        return (bits >= np.uint32(rate * 2**32)).reshape(*self.seeds.shape, rows, units)
