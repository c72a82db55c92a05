"""The canvas: the points over which a network is looked at."""

import numpy as np

from jubako.lab.data import grid
from jubako.lab.snapshot import Snapshot

FINE, COARSE = 48, 20  # pixels along the side of the large picture, and of a unit's


class Canvas:
    """The points over which a network is looked at: they stay as long as data and axes do."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.data = snapshot.data
        names = snapshot.data.axes
        chosen = [name for name in snapshot.setup.axes if name in names]
        chosen += [name for name in names if name not in chosen]
        # "" is no column: with one of numbers, the picture is over that alone
        self.axes = (chosen[0], chosen[1] if len(chosen) > 1 else "") if chosen else None
        if self.axes:
            self.fine, self.edges = grid(snapshot.data, self.axes, FINE)
            self.coarse, _ = grid(snapshot.data, self.axes, COARSE)
        else:  # no column of numbers: a pixel is a row
            n = COARSE * COARSE
            self.coarse = self.fine = snapshot.data.x[np.arange(n) % len(snapshot.data.x)]
