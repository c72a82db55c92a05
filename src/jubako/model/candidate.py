"""A candidate: the configuration of a network for tables, and of its training."""

from dataclasses import dataclass

from jubako.core.embeddings import Embedding, Periodic
from jubako.core.layers import Dense, Dropout, Layer, Residual, Scale
from jubako.core.losses import Loss
from jubako.core.network import Network
from jubako.training.optimizers import Adam, Update

from .training_step import TrainingStep

MOST_PERIODIC = 200  # numeric inputs; with more, the periodic layer would dominate the cost
RATES = {"class": 0.04, "real": 0.07}  # maximum learning rate, by the target of the loss


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
        Whether continuous columns are quantile-transformed instead of standardized.
    frequency_scale : float >= 0
        Standard deviation of the initial frequencies of the periodic embedding; 0 for none.
    dropout : float in [0, 1)
    weight_decay : float >= 0
    lr_multiplier : float > 0
        Multiplies the default learning rate.
    residual : bool
        Whether hidden layers as wide as the one before get a residual connection.
    label_smoothing : float in [0, 1)
        `CrossEntropy.smoothing`; not used for regression.
    discrete : bool
        Whether the values of numeric columns with few distinct ones are embedded, too.
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
    discrete: bool = False

    def network(
        self,
        n_in: int,
        n_numbers: int,
        levels: tuple[int, ...],
        n_out: int,
        loss: Loss,
        n_discrete: int = 0,
    ) -> Network:
        """Return the network of this configuration.

        Parameters
        ----------
        n_in : int
            Inputs per row: numbers, other inputs, then one code for each categorical column.
        n_numbers : int
            Number of numeric inputs.
        levels : tuple of int
            Number of levels of each column that is encoded as a code.
        n_out : int
        loss : Loss
        n_discrete : int
            Number of columns, the last of these, that are only used if `discrete`.

        Returns
        -------
        Network
        """
        layers, n = list[Layer](), n_in
        if n_discrete and not self.discrete:
            levels = (*levels[:-n_discrete], *[0] * n_discrete)
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
        """Return the update rule for training."""
        return Update(Adam(beta_2=0.95), self.weight_decay, per_parameter=True)

    def learning_rate(self, loss: Loss) -> float:
        """Return the maximum learning rate."""
        return self.lr_multiplier * RATES["real" if loss.target == "real" else "class"]

    def training_step(self, loss: Loss) -> TrainingStep:
        """Return the settings of a single training step."""
        return TrainingStep(self.update(), self.learning_rate(loss), zero_output=True)

    def describe(self) -> str:
        """Return the settings other than the hidden layers: inputs, embedding, regularization."""
        words = ["quantile-transformed" if self.quantiles else "standardized"]
        if self.discrete:
            words.append("discrete values")
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
