"""Validation: the loss and the score of held-out rows after each epoch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from jubako.core.activations import Array
from jubako.core.network import Network

from .engines.base import Engine


class Validator(Protocol):
    """Computes the validation loss and score of networks after each epoch."""

    @property
    def stops(self) -> bool:
        """Whether the score decides when to stop, and which epoch's weights to keep."""
        ...

    def measure(self, engine: Engine, net: Network, theta: Array) -> tuple[Array, Array]:
        """Return the loss and the score of each network, shape (K,); higher scores are better."""
        ...


@dataclass(frozen=True, slots=True)
class Validation:
    """A validation set, whose loss and score are recorded after each epoch.

    Parameters
    ----------
    x, y, w : as in Problem
    score : callable
        From the prediction, shape (N, n_out), to a number; higher is better.
    stops : bool
        Whether the score decides when to stop, and which epoch's weights to keep.
    """

    x: Any
    y: Array
    w: Array
    score: Callable[[Array], float]
    stops: bool = True

    def measure(self, engine: Engine, net: Network, theta: Array) -> tuple[Array, Array]:
        """Return the loss and the score of each network, shape (K,)."""
        b = engine.predict(net, theta, self.x)
        loss = (net.loss.value(b, self.y) * self.w).sum(-1, dtype=np.float64) / self.w.sum()
        prediction = net.loss.mean(b)
        score = np.full(len(theta), -np.inf)  # of a network that has diverged
        for k in np.flatnonzero(np.isfinite(b).all((1, 2)) & np.isfinite(prediction).all((1, 2))):
            score[k] = self.score(prediction[k])
        return loss, score
