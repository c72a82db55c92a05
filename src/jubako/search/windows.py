"""Windows: the rows of a file that are in memory in each epoch."""

from dataclasses import dataclass, replace

import numpy as np

from jubako.core.activations import Array
from jubako.core.counter_rng import row_order

from .row_file import RowFile

WINDOW = 2**27  # bytes of rows in memory
BLOCKS = 8  # per window, in a new combination in each pass


@dataclass(frozen=True)
class Windows:
    """The rows of a file in windows; each pass over them has new windows, in a new order.

    A row of the file has n_inputs standardized inputs, the continuous ones first; then these once
    more, quantile-transformed; then the target and the weight.

    Parameters
    ----------
    file : RowFile
    first : int
        Number of rows at the start of the file that are not trained on.
    n_inputs, n_continuous : int
    seed : int
    """

    file: RowFile
    first: int
    n_inputs: int
    n_continuous: int
    seed: int

    @property
    def n_rows(self) -> int:
        """The number of training rows."""
        return self.file.n_rows - self.first

    @property
    def n_windows(self) -> int:
        """The number of windows in a pass."""
        return max(1, -(-self.n_rows * 4 * self.file.width // WINDOW))

    @property
    def n_in_block(self) -> int:
        """The number of rows in a block."""
        return -(-self.n_rows // (BLOCKS * self.n_windows))

    @property
    def n_in_window(self) -> int:
        """The number of rows in a window."""
        return BLOCKS * self.n_in_block

    def of_all_rows(self) -> "Windows":
        """Return the windows of all rows of the file."""
        return replace(self, first=0)

    def load(self, epoch: int, quantiles: bool) -> tuple[Array, Array, Array]:
        """Return the rows of an epoch: x (N, n_inputs), y (N, 1) and w (N,).

        A pass takes `n_windows` epochs. Blocks overlap by a row where their number does not divide
        that of the rows.
        """
        n_blocks, n = BLOCKS * self.n_windows, self.n_in_block
        a_pass, i = divmod(epoch, self.n_windows)
        order = row_order(np.array(self.seed & 0xFFFFFFFF, np.uint32), a_pass, n_blocks)
        rows = np.empty((self.n_in_window, self.file.width), np.float32)
        last = max(self.n_rows - n, 0)
        for k, block in enumerate(order[BLOCKS * i : BLOCKS * (i + 1)].tolist()):
            start = self.first + round(block * last / max(n_blocks - 1, 1))
            rows[k * n : (k + 1) * n] = self.file.read(start, n)
        return self.parts(rows, quantiles)

    def parts(self, rows: Array, quantiles: bool) -> tuple[Array, Array, Array]:
        """Return x (N, n_inputs), y (N, 1) and w (N,) of rows of the file."""
        n_in, n_continuous = self.n_inputs, self.n_continuous
        x = np.ascontiguousarray(rows[:, :n_in])
        if quantiles:
            x[:, :n_continuous] = rows[:, n_in : n_in + n_continuous]
        return x, rows[:, -2:-1].copy(), rows[:, -1].copy()


@dataclass(frozen=True)
class HeldOutRows:
    """The held-out rows in memory: from `Candidate.quantiles` to x (N, n_inputs).

    Parameters
    ----------
    windows : Windows
    rows : array of float32, shape (N, width)
        Rows of the file.
    """

    windows: Windows
    rows: Array

    def __call__(self, quantiles: bool) -> Array:
        """Return the encoded rows, shape (N, n_inputs)."""
        return self.windows.parts(self.rows, quantiles)[0]
