"""Target coding of numbers that are not standardized, in one or several columns."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils.validation import column_or_1d

from jubako.core.activations import Array
from jubako.i18n.messages import Message

from .errors import TableError


@dataclass(frozen=True)
class UnscaledTarget:
    """A target of numbers that are not standardized.

    Parameters
    ----------
    n_outputs : int
        Number of columns of y.
    counts : bool
        Whether they are counts >= 0.
    """

    n_outputs: int
    counts: bool = False
    split_evenly = False

    def encode(self, y: Array, where: str = "y") -> Array:
        """Return y with shape (N, n_outputs).

        Raises
        ------
        TableError
            If y has another number of columns, or negative counts.
        """
        y = np.asarray(y)
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        y = y.reshape(len(y), -1)
        if y.shape[1] != self.n_outputs:
            raise TableError(
                Message(
                    "`{name}` has {n} columns, but the network has {n_outputs} outputs.",
                    name=where,
                    n=y.shape[1],
                    n_outputs=self.n_outputs,
                )
            )
        if self.counts and (y < 0).any():
            raise TableError(
                Message(
                    "loss='poisson' is for counts, but `{name}` holds a negative value: {value}.",
                    name=where,
                    value=y.min(),
                )
            )
        return y

    def decode_predictions(self, outputs: Array) -> Array:
        """Return predictions (N, n_outputs), with shape (N,) if there is one output."""
        return outputs[:, 0] if self.n_outputs == 1 else outputs
