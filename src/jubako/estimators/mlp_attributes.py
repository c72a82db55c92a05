"""The attributes of a fitted multilayer perceptron, with scikit-learn's names."""

from typing import TYPE_CHECKING, Any

import numpy as np

from jubako.core.activations import Array
from jubako.core.losses import BinaryCrossEntropy, CrossEntropy, Poisson
from jubako.core.network import Network
from jubako.model.model import Model


class FittedAttributes:
    """The attributes of a fitted `MLPClassifier` or `MLPRegressor`, except `classes_`."""

    if TYPE_CHECKING:  # set by fit
        model_: Model
        early_stopping: bool
        solver: str

    def _fitted(self) -> Model:
        """Return the model."""
        if not hasattr(self, "model_"):
            raise AttributeError(f"This {type(self).__name__} is not fitted: call fit first.")
        return self.model_

    @property
    def network_(self) -> Network:
        """The architecture: layers and loss."""
        return self._fitted().networks[0].net

    @property
    def theta_(self) -> Array:
        """All parameters, shape (K, P). `coefs_` and `intercepts_` are views of it."""
        return self._fitted().networks[0].theta

    @property
    def n_outputs_(self) -> int:
        """The number of units of the output layer."""
        return self.network_.layers[-1].n_out

    @property
    def n_layers_(self) -> int:
        """The number of layers, including input and output."""
        return len(self.coefs_) + 1

    @property
    def history_(self) -> dict[str, list[Any]]:
        """For each epoch the fields of a `jubako.training.history.Record`."""
        return self._fitted().log.history

    @property
    def n_iter_(self) -> int:
        """The number of epochs of the last call."""
        return self._fitted().log.epochs

    @property
    def t_(self) -> int:
        """The number of rows seen in all epochs."""
        return self._fitted().log.rows_seen

    @property
    def stopped_(self) -> str:
        """Why training ended."""
        return self._fitted().log.stopped

    @property
    def loss_curve_(self) -> list[float]:
        """The training loss of each epoch."""
        return self.history_["train_loss"]

    @property
    def loss_(self) -> float:
        """The training loss of the last epoch; NaN if there was none."""
        return self._fitted().log.loss

    @property
    def coefs_(self) -> list[Array]:
        """The weights of each dense layer, (n_in, n_out), or (K, n_in, n_out) for K networks."""
        return self._parts("w")

    @property
    def intercepts_(self) -> list[Array]:
        """The biases of each dense layer, (n_out,), or (K, n_out) for K networks."""
        return [b[..., 0, :] for b in self._parts("b")]

    def _parts(self, kind: str) -> list[Array]:
        """Return views of theta_: one for each dense layer, in the order of the pass."""
        theta = self.theta_ if len(self.theta_) > 1 else self.theta_[0]
        return [
            part
            for parts in self.network_.views(theta)
            for name, part in parts.items()
            if name.endswith(kind)
        ]

    @property
    def out_activation_(self) -> str:
        """The activation of the output layer, as scikit-learn names it."""
        names: dict[type, str] = {
            BinaryCrossEntropy: "logistic",
            CrossEntropy: "softmax",
            Poisson: "exp",
        }
        return names.get(type(self.network_.loss), "identity")

    def set_best(self) -> None:
        """Set the best loss and scores, given the history of the last fit and the parameters."""
        by_score = self.early_stopping and self.solver != "lbfgs"
        scores = self.history_["val_score"]
        self.validation_scores_: list[float | None] | None = scores if by_score else None
        last = [score for score in scores[len(scores) - self.n_iter_ :] if score is not None]
        best: float | None = max(filter(np.isfinite, last), default=None)
        self.best_validation_score_: float | None = best if by_score else None
        losses = filter(np.isfinite, self.loss_curve_)
        self.best_loss_: float | None = None if by_score else min(losses, default=np.inf)
