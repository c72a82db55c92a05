"""What the estimators for raw tables share: columns, their encoding, and how they are saved."""

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from sklearn.base import BaseEstimator

from jubako.core.activations import Array
from jubako.data.casting.reading import Reading
from jubako.data.errors import TableError
from jubako.data.inference import infer_table
from jubako.data.schema import Column, Dropped, fit_columns
from jubako.i18n.messages import Message
from jubako.model.schema_json import from_plain, from_value, to_plain

from .callbacks import CallbackSupport
from .features import Features
from .saving import Saving
from .validation import NONE, Rule

MOST_SHOWN = 10  # columns that are named in a message
COLUMN_TYPES = NONE | Rule(
    "a dict of column names to types", lambda value: isinstance(value, Mapping)
)


class RawTable(Saving, CallbackSupport, BaseEstimator):
    """An estimator that is given tables as they are, and decides how columns become numbers."""

    codes = False  # whether categories become codes, or else places

    if TYPE_CHECKING:  # set by fit
        columns_: list[Column]
        dropped_: list[Dropped]
        readings_: dict[str, Reading]
        notes_: tuple[str, ...]
        column_types: Mapping[str, Any] | None
        features_: Features
        feature_names_in_: Array

    @property
    def n_features_in_(self) -> int:
        """The number of columns in `fit`."""
        if not hasattr(self, "features_"):
            raise AttributeError(f"This {type(self).__name__} has no features: call fit first.")
        return len(self.features_.names)

    def set_features(self, features: Features) -> None:
        """Set the features of the fit, and `feature_names_in_` if the user has named them."""
        self.features_ = features
        if features.named:
            self.feature_names_in_ = np.array(features.names, object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def _find_features(self, X: Any, source: str = "X") -> pa.Table:
        """Return X as a table with the columns that the model uses; see `Features.find`."""
        used = [column.name for column in self.columns_]
        # shap's KernelExplainer sets the attribute to None where it passes arrays on purpose
        by_position = getattr(self, "feature_names_in_", None) is None
        return self.features_.find(X, used, type(self).__name__, source, warn=not by_position)

    def _read_columns(self, table: pa.Table) -> None:
        """Decide how the values of each column are read, given all rows; warn of each choice."""
        self.readings_, self.notes_, _ = infer_table(table, self.column_types)
        for note in self.notes_:
            warnings.warn(note, UserWarning, stacklevel=5)

    def _learn_columns(self, table: pa.Table) -> None:
        """Decide how each column becomes numbers."""
        columns, dropped = fit_columns(table, self.codes, self.readings_)
        if not columns:
            raise nothing_to_learn_from(dropped)
        self.columns_, self.dropped_ = columns, dropped

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags

    def describe_columns(self) -> dict[str, Any]:
        """Return the columns as plain words."""
        return {
            "features": list(self.features_.names),
            "named": self.features_.named,
            "columns": [to_plain(column) for column in self.columns_],
            "dropped": [[column.name, column.reason] for column in self.dropped_],
        }

    def restore_columns(self, words: dict[str, Any]) -> None:
        """Take back what `describe_columns` has returned."""
        self.columns_ = [from_plain("column", column) for column in words["columns"]]
        self.readings_ = {column.name: column.reading for column in self.columns_}
        self.notes_ = ()
        self.dropped_ = [Dropped(str(name), str(reason)) for name, reason in words["dropped"]]
        names = from_value(tuple[str, ...], words["features"], "features")
        self.set_features(Features(names, from_value(bool, words.get("named", True), "named")))


def nothing_to_learn_from(dropped: Sequence[Dropped]) -> TableError:
    """Say why each column is left out, where all are."""
    shown = ", ".join(f"{column.name!r} ({column.reason})" for column in dropped[:MOST_SHOWN])
    more = f" and {len(dropped) - MOST_SHOWN} more" if len(dropped) > MOST_SHOWN else ""
    return TableError(
        Message("There is no column to learn from: {columns}{more}.", columns=shown, more=more)
    )
