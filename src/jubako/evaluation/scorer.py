"""The score by which feature importance is measured, and the predictions that it is of."""

import numpy as np
import pyarrow as pa
from sklearn.metrics import log_loss, r2_score

from jubako.core.activations import Array
from jubako.data.dataset import Dataset
from jubako.i18n.messages import Message
from jubako.model.model import Model

CHANGES = {"log_loss": Message("log loss increase"), "r2": Message("R² decrease")}
"""What an importance is, by the metric: its change when a column is shuffled."""


class Scorer:
    """Scores the predictions of a model for its rows, also where a column was changed.

    The score of a classifier is the log loss: accuracy would be the same for every column where one
    class prevails. That of a regressor is R².

    Parameters
    ----------
    model : Model
    rows : Dataset
        Of classes that the model knows.

    Attributes
    ----------
    metric : {"log_loss", "r2"}
    value : float
        The metric of the rows as they are.
    """

    def __init__(self, model: Model, rows: Dataset) -> None:
        self.model: Model = model
        self.rows: Dataset = rows
        self.metric = "log_loss" if model.task == "classify" else "r2"
        self.value: float = abs(self.score(rows.table)) if self.lower else self.score(rows.table)

    @property
    def lower(self) -> bool:
        """Whether a lower value of the metric is better."""
        return self.metric == "log_loss"

    def predict(self, table: pa.Table) -> Array:
        """Return probabilities (N, n_classes), or numbers (N, 1)."""
        x = model_input(self.model, table)
        if self.model.task == "classify":
            return self.model.predict_proba(x)
        return self.model.predict(x)[:, None]

    def score(self, table: pa.Table) -> float:
        """Return the negative log loss or R²; higher is better."""
        y, prediction = self.rows.target, self.predict(table)
        if self.lower:
            return -float(log_loss(y, prediction, labels=self.model.classes))
        return float(r2_score(y, prediction))


def model_input(model: Model, table: pa.Table) -> pa.Table | Array:
    """Return a table as the model takes it: as an array if it has no schema.

    Parameters
    ----------
    model : Model
    table : pyarrow.Table
        Columns of numbers, in the order of the inputs, if the model has no schema.

    Returns
    -------
    pyarrow.Table or array
    """
    if model.schema is not None:
        return table
    dtype = model.networks[0].theta.dtype
    return np.column_stack([column.to_numpy() for column in table.columns]).astype(dtype)
