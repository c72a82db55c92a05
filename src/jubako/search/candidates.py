"""Candidates: the configurations of a network that are tried on a table.

A candidate is plain data. Adding one is one line in `CANDIDATES`; the order is that in which they
are tried, so the first ones must suit most tables, and later ones differ from them.
"""

from dataclasses import dataclass

import numpy as np

from jubako.core.layers import Dense, Dropout, Layer, Lookup, Periodic, Residual, Scale
from jubako.core.losses import Loss
from jubako.core.network import Network

MOST_WITH_WAVES = 200  # numbers in a row; with more the waves would make most of the work


@dataclass(frozen=True)
class Candidate:
    """A configuration: how to build and train a network.

    Parameters
    ----------
    hidden : tuple of int
        Units of each hidden layer.
    activation : str
        A name in `ACTIVATIONS`.
    ranks : bool
        Whether continuous columns are quantile-transformed, or else standardized.
    waves : float >= 0
        Spread of the initial frequencies of the periodic layer. 0: there is no such layer.
    dropout : float in [0, 1)
    weight_decay : float >= 0
    rate : float > 0
        The usual learning rate is multiplied by this.
    residual : bool
        Whether hidden layers as wide as the one before are bridged.
    smoothing : float in [0, 1)
        Of the labels (`CrossEntropy.smoothing`); numbers to predict are left as they are.
    """

    hidden: tuple[int, ...] = (128, 128, 128)
    activation: str = "mish"
    ranks: bool = True
    waves: float = 0.3
    dropout: float = 0.15
    weight_decay: float = 0.0
    rate: float = 1.0
    residual: bool = False
    smoothing: float = 0.0

    def network(
        self, n_in: int, n_numbers: int, levels: tuple[int, ...], n_out: int, loss: Loss
    ) -> Network:
        """Return its network, for rows that begin with so many numbers.

        They end with a code for each category, whose numbers of levels are given.
        """
        layers, n = list[Layer](), n_in
        if levels:
            layers.append(Lookup(n, levels))
            n = layers[-1].n_out
        if self.waves and 0 < n_numbers <= MOST_WITH_WAVES:
            layers.append(Periodic(n, n_numbers, spread=self.waves))
            n = layers[-1].n_out
        layers.append(Scale(n))
        for units in self.hidden:
            box: tuple[Layer, ...] = (Dense(n, units, self.activation),)
            if self.dropout:
                box += (Dropout(units, self.dropout),)
            layers += (Residual(box),) if self.residual and n == units else box
            n = units
        return Network((*layers, Dense(n, n_out)), loss)

    def describe(self) -> str:
        """Return the settings but the hidden layers: inputs, embedding, regularization.

        PBLD is the periodic embedding of numbers, with its frequency scale.
        """
        words = ["quantile-transformed" if self.ranks else "standardized"]
        if self.waves:
            words.append(f"PBLD {self.waves:.2g}")
        if self.residual:
            words.append("residual")
        settings = {
            "dropout": self.dropout,
            "weight decay": self.weight_decay,
            "label smoothing": self.smoothing,
        }
        words += [f"{name} {value:.2g}" for name, value in settings.items() if value]
        if self.rate != 1:
            words.append(f"learning rate x {self.rate:.2g}")
        return ", ".join(words)


CANDIDATES = (
    Candidate(),
    Candidate((), "identity", ranks=False, waves=0, dropout=0),  # a linear model
    Candidate(ranks=False, waves=1.0),
    Candidate(waves=5.0, dropout=0.3),
    Candidate((256, 256), "relu", waves=0, dropout=0.3, weight_decay=0.02),
    Candidate((256, 256, 256)),
    Candidate(dropout=0),
    Candidate((128, 128, 128), "selu", ranks=False, waves=0.1, dropout=0.3),
    Candidate((512,), waves=1.0, dropout=0.2),
    Candidate((128, 128, 128, 128), "silu", residual=True, waves=1.0, dropout=0.2),
    Candidate(smoothing=0.1),  # for classes only
)


def random_candidate(rng: np.random.Generator) -> Candidate:
    """Draw another candidate, near those that have done well on many tables."""
    depth, width = int(rng.integers(1, 5)), int(rng.choice([64, 128, 192, 256]))
    return Candidate(
        hidden=(width,) * depth,
        activation=str(rng.choice(["mish", "selu", "relu", "silu"])),
        ranks=bool(rng.random() < 0.6),
        waves=float(np.exp(rng.uniform(np.log(0.05), np.log(6)))) * bool(rng.random() < 0.8),
        dropout=float(rng.choice([0, 0.1, 0.2, 0.3, 0.4])),
        weight_decay=float(rng.choice([0, 0.02, 0.05])),
        rate=float(np.exp(rng.uniform(np.log(0.3), np.log(1.5)))),
        residual=bool(rng.random() < 0.3),
    )
