"""The predictions of a model for the rows of a report, computed once."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from jubako.core.activations import Array
from jubako.data.dataset import Dataset
from jubako.evaluation.metrics import Metrics, classification_metrics, regression_metrics
from jubako.evaluation.scorer import model_input
from jubako.model.model import Model


@dataclass(frozen=True, slots=True)
class Predictions:
    """True and predicted values of N rows.

    Parameters
    ----------
    true : array, shape (N,)
        Labels or numbers.
    predicted : array, shape (N,)
    probabilities : array, shape (N, n_classes), or None
    classes : array, shape (n_classes,), or None
        The labels that the model knows.
    """

    true: Array
    predicted: Array
    probabilities: Array | None = None
    classes: Array | None = None

    @classmethod
    def of(cls, model: Model, rows: Dataset) -> Self:
        """Predict the rows of a dataset."""
        x = model_input(model, rows.table)
        if model.classes is None:
            return cls(rows.target, model.predict(x))
        p = model.predict_proba(x)
        return cls(rows.target, model.decide(p), p, model.classes)

    def take(self, rows: Array) -> "Predictions":
        """Return the rows with these numbers, from 0."""
        p = self.probabilities
        p = None if p is None else p[rows]
        return Predictions(self.true[rows], self.predicted[rows], p, self.classes)

    @property
    def known(self) -> Array:
        """The numbers of the rows whose label the model knows: all in regression."""
        if self.classes is None:
            return np.arange(len(self.true))
        return np.flatnonzero(np.isin(self.true, self.classes))

    def coded(self) -> "Predictions":
        """Return the same with class numbers as labels, which compare faster; -1 is unknown."""
        if self.classes is None:
            return self
        true, predicted = (
            np.where(np.isin(labels, self.classes), np.searchsorted(self.classes, labels), -1)
            for labels in (self.true, self.predicted)
        )
        return Predictions(true, predicted, self.probabilities, np.arange(len(self.classes)))

    def metrics(self) -> Metrics:
        """Compute the metrics, as `jubako.evaluation.metrics.evaluate` does."""
        if self.probabilities is None or self.classes is None:
            return regression_metrics(self.true, self.predicted)
        return classification_metrics(self.true, self.probabilities, self.classes, self.predicted)
