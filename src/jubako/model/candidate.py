"""A candidate: the configuration of a network for tables, how to build and how to train it."""

from dataclasses import dataclass

from jubako.core.layers import Dense, Dropout, Embedding, Layer, Periodic, Residual, Scale
from jubako.core.losses import Loss
from jubako.core.network import Network
from jubako.training.optimizers import Adam, Update

from .training_step import TrainingStep

MOST_PERIODIC = 200  # numbers in a row; with more the periodic layer would be most of the work
RATES = {"class": 0.04, "real": 0.07}  # learning rates, by what the loss is for


@dataclass(frozen=True)
class Candidate:
    """A configuration: how to build and train a network.

    Parameters
    ----------
    hidden : tuple of int
        Units of each hidden layer.
    activation : str
        A name in `ACTIVATIONS`.
    quantiles : bool
        Whether continuous columns are quantile-transformed, or else standardized.
    frequency_scale : float >= 0
        Spread of the initial frequencies of the periodic layer. 0: there is no such layer.
    dropout : float in [0, 1)
    weight_decay : float >= 0
    lr_multiplier : float > 0
        The usual learning rate is multiplied by this.
    residual : bool
        Whether hidden layers as wide as the one before are bridged.
    label_smoothing : float in [0, 1)
        Of the labels (`CrossEntropy.smoothing`); numbers to predict are left as they are.
    """

    hidden: tuple[int, ...] = (128, 128, 128)
    activation: str = "mish"
    quantiles: bool = True
    frequency_scale: float = 0.3
    dropout: float = 0.15
    weight_decay: float = 0.0
    lr_multiplier: float = 1.0
    residual: bool = False
    label_smoothing: float = 0.0

    def network(
        self, n_in: int, n_numbers: int, levels: tuple[int, ...], n_out: int, loss: Loss
    ) -> Network:
        """Return its network, for rows of `n_in` inputs.

        The first `n_numbers` are numeric; the last are a code for each category, whose numbers of
        levels are given.
        """
        layers, n = list[Layer](), n_in
        if levels:
            layers.append(Embedding(n, levels))
            n = layers[-1].n_out
        if self.frequency_scale and 0 < n_numbers <= MOST_PERIODIC:
            layers.append(Periodic(n, n_numbers, spread=self.frequency_scale))
            n = layers[-1].n_out
        layers.append(Scale(n))
        for units in self.hidden:
            box: tuple[Layer, ...] = (Dense(n, units, self.activation),)
            if self.dropout:
                box += (Dropout(units, self.dropout),)
            layers += (Residual(box),) if self.residual and n == units else box
            n = units
        return Network((*layers, Dense(n, n_out)), loss)

    def update(self) -> Update:
        """Return the update rule of its training."""
        return Update(Adam(beta_2=0.95), self.weight_decay, per_parameter=True)

    def learning_rate(self, loss: Loss) -> float:
        """Return the highest learning rate of its training."""
        return self.lr_multiplier * RATES["real" if loss.target == "real" else "class"]

    def training_step(self, loss: Loss) -> TrainingStep:
        """Return how its networks are trained, as far as a single step shows it."""
        return TrainingStep(self.update(), self.learning_rate(loss), zero_output=True)

    def describe(self) -> str:
        """Return the settings but the hidden layers: inputs, embedding, regularization.

        PBLD is the periodic embedding of numbers, with its frequency scale.
        """
        words = ["quantile-transformed" if self.quantiles else "standardized"]
        if self.frequency_scale:
            words.append(f"PBLD {self.frequency_scale:.2g}")
        if self.residual:
            words.append("residual")
        settings = {
            "dropout": self.dropout,
            "weight decay": self.weight_decay,
            "label smoothing": self.label_smoothing,
        }
        words += [f"{name} {value:.2g}" for name, value in settings.items() if value]
        if self.lr_multiplier != 1:
            words.append(f"learning rate x {self.lr_multiplier:.2g}")
        return ", ".join(words)
