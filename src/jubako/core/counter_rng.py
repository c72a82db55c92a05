"""Random numbers that are a function of where they are used, not of what was drawn before.

Dropout asks which units to drop for (seed of the network, step, draw within the step, row, unit),
and an epoch in which order to see the rows for (seed of the network, epoch, row). A hash answers
both. So K networks in one buffer learn as K separate runs do; a run that is resumed, or computed by
another engine in other pieces, drops the same units and sees the same order; and nothing has to be
saved or restored.
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


def key_of(seeds: Array, *numbers: int) -> Array:
    """Mix seeds of shape (...) with the same numbers each; return keys of shape (..., 1)."""
    key = seeds[..., None]  # an array even for one network
    for number in numbers:
        key = mix(key + np.uint32(number * GOLDEN & MASK))
    return key


def bits_of(key: Array, n: int) -> Array:
    """Draw n integers of 32 bits for each key (..., 1), shape (..., n). No two are equal."""
    return bits_at(key, np.arange(n, dtype=np.uint32))


def bits_at(key: Array, cells: Array) -> Array:
    """Draw the integers of 32 bits that stand in some cells (n,) of a key (..., 1)."""
    return mix(key ^ mix(cells.astype(np.uint32) * np.uint32(GOLDEN)))


def row_order(seeds: Array, epoch: int, n_rows: int) -> Array:
    """Return the order in which each network sees n rows in an epoch: sorted by their hash.

    Parameters
    ----------
    seeds : array of uint32, shape (...)
        One seed for each network.
    epoch : int
    n_rows : int < 2^32

    Returns
    -------
    array of int64, shape (..., n_rows)
        Permutations of 0 ... n_rows - 1.

    Examples
    --------
    >>> row_order(np.array([1, 2], np.uint32), epoch=0, n_rows=5)
    array([[0, 1, 3, 2, 4],
           [2, 1, 0, 3, 4]])
    """
    return bits_of(key_of(seeds, epoch, 0), n_rows).argsort(-1)  # dropout counts draws from 1


class CounterRng:
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
        bits = bits_of(key_of(self.seeds, self.step, self.draw), rows * units)
        return (bits >= np.uint32(rate * 2**32)).reshape(*self.seeds.shape, rows, units)
