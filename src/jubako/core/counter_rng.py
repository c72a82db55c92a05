"""Counter-based random numbers: a function of where they are used, not of earlier draws.

The mask of dropout is a hash of (seed of the network, step, draw within the step, row, unit), and
the order of rows a hash of (seed of the network, epoch, row). So K networks in one buffer are
trained as in K separate runs; a run that is resumed, or computed by another engine in other pieces,
has the same masks and order; and no state of a generator has to be saved or restored.
"""

import numpy as np

from .activations import Array

MASK = 0xFFFFFFFF
GOLDEN = 0x9E3779B9  # 2^32 / golden ratio: consecutive numbers land far apart


def mix(h: Array) -> Array:
    """Hash each number, one to one, with lowbias32 (C. Wellons, 2018).

    Parameters
    ----------
    h : array of uint32, any shape

    Returns
    -------
    array of uint32, shape of h
    """
    h = (h ^ (h >> 16)) * np.uint32(0x7FEB352D)
    h = (h ^ (h >> 15)) * np.uint32(0x846CA68B)
    return h ^ (h >> 16)


def key_of(seeds: Array, *numbers: int) -> Array:
    """Return one key for each seed, a hash of the seed and the given numbers.

    Parameters
    ----------
    seeds : array of uint32, shape (...)
    *numbers : int
        The same for each seed, such as the step and the draw.

    Returns
    -------
    array of uint32, shape (..., 1)
    """
    key = seeds[..., None]  # an array even for one network
    for number in numbers:
        key = mix(key + np.uint32(number * GOLDEN & MASK))
    return key


def bits_of(key: Array, n: int) -> Array:
    """Return n distinct uint32 for each key of shape (..., 1), shape (..., n)."""
    return bits_at(key, np.arange(n, dtype=np.uint32))


def bits_at(key: Array, cells: Array) -> Array:
    """Return the uint32 of keys (..., 1) at the counters `cells` (n,), shape (..., n)."""
    return mix(key ^ mix(cells.astype(np.uint32) * np.uint32(GOLDEN)))


def row_order(seeds: Array, epoch: int, n_rows: int) -> Array:
    """Return the order of the rows of an epoch for each network: sorted by their hash.

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
        self.draw: int = 0

    def keep(self, rate: float, rows: int, units: int) -> Array:
        """Return a mask that is True with probability 1 - rate.

        Parameters
        ----------
        rate : float in [0, 1)
        rows, units : int

        Returns
        -------
        array of bool, shape (..., rows, units)
            For each network, with the leading axes of the seeds.
        """
        self.draw += 1
        bits = bits_of(key_of(self.seeds, self.step, self.draw), rows * units)
        return (bits >= np.uint32(rate * 2**32)).reshape(*self.seeds.shape, rows, units)
