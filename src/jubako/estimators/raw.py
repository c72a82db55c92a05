"""What the estimators for raw tables share: columns, their encoding, and how they are saved."""

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from sklearn.base import BaseEstimator

from jubako.core.activations import Array
from jubako.storage.plain import from_plain, from_value, to_plain
from jubako.table.columns import Column, Dropped, fit_columns
from jubako.table.errors import TableError

from .saving import Saving


class RawTable(Saving, BaseEstimator):
    """An estimator that is given tables as they are, and decides how columns become numbers."""

    codes = False  # whether categories become codes, or else places

    if TYPE_CHECKING:  # set by fit
        columns_: list[Column]
        dropped_: list[Dropped]
        feature_names_in_: Array

    @property
    def n_features_in_(self) -> int:
        """How many columns it was given."""
        return len(self.feature_names_in_)

    def _learn_columns(self, table: pa.Table) -> None:
        """Decide how each column becomes numbers."""
        columns, dropped = fit_columns(table, self.codes)
        if not columns:
            raise TableError("There is no column to learn from: all are empty or always the same.")
        self.columns_, self.dropped_ = columns, dropped
        self.feature_names_in_ = np.array(table.column_names, object)

    def describe_columns(self) -> dict[str, Any]:
        """Return the columns as plain words."""
        return {
            "features": self.feature_names_in_.tolist(),
            "columns": [to_plain(column) for column in self.columns_],
            "dropped": [[column.name, column.reason] for column in self.dropped_],
        }

    def restore_columns(self, words: dict[str, Any]) -> None:
        """Take back what `describe_columns` has returned."""
        self.columns_ = [from_plain("column", column) for column in words["columns"]]
        self.dropped_ = [Dropped(str(name), str(reason)) for name, reason in words["dropped"]]
        self.feature_names_in_ = np.array(
            from_value(tuple[str, ...], words["features"], "features"), object
        )
