"""The base classes of estimators for raw tables."""

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from jubako.core.activations import Array
from jubako.data.casting.reading import Reading
from jubako.data.column_encoding import Column, Dropped
from jubako.data.inference import infer_table
from jubako.data.one_row import OneRow
from jubako.model.features import Features
from jubako.model.model import Model, Target
from jubako.model.schema import Schema

from .callbacks import CallbackSupport
from .fit_inputs import open_rows
from .reporting import Reporting
from .saving import Saving
from .validation import NONE, Rule

COLUMN_TYPES = NONE | Rule(
    "a dict of column names to types", lambda value: isinstance(value, Mapping)
)


class TableEstimator(Saving, Reporting, CallbackSupport, BaseEstimator):
    """An estimator for raw tables, which decides how columns are encoded."""

    codes = False  # whether a category becomes its code, or one number for each level

    if TYPE_CHECKING:  # set by fit
        model_: Model
        readings_: dict[str, Reading]
        notes_: tuple[str, ...]
        column_types: Mapping[str, Any] | None
        feature_names_in_: Array

    @property
    def schema_(self) -> Schema:
        """The encoding of tables.

        Raises
        ------
        NotFittedError
            Before `fit`.
        """
        if not hasattr(self, "model_"):  # scikit-learn's check takes as long as a prediction
            check_is_fitted(self, "model_")
        schema = self.model_.schema
        assert schema is not None
        return schema

    @property
    def columns_(self) -> list[Column]:
        """The encoding of each column."""
        return self.schema_.columns

    @property
    def dropped_(self) -> list[Dropped]:
        """The columns that are not used, and why."""
        return self.schema_.dropped

    @property
    def n_features_in_(self) -> int:
        """The number of columns in `fit`."""
        if not hasattr(self, "model_"):
            raise AttributeError(f"This {type(self).__name__} has no features: call fit first.")
        return len(self.schema_.features.names)

    @property
    def target_(self) -> Target:
        """The encoding of the target."""
        check_is_fitted(self, "model_")
        return self.model_.target

    @property
    def stopped_(self) -> str:
        """Why training ended."""
        check_is_fitted(self, "model_")
        return self.model_.log.stopped

    def predict(self, X: object) -> Array:
        """Predict the most probable class, or the number, of each row.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, or array of shape (n_samples, n_features)

        Returns
        -------
        array of shape (n_samples,)
        """
        rows = self.find_rows(X)
        return self.model_.predict(rows)

    def _adopt_schema(self, schema: Schema) -> None:
        """Set the fitted attributes besides the model, after loading."""
        self.readings_ = {column.name: column.reading for column in schema.columns}
        self.notes_ = ()
        self._name_features(schema.features)

    def _name_features(self, features: Features) -> None:
        """Set `feature_names_in_` if the columns have names, as in scikit-learn."""
        if features.named:
            self.feature_names_in_ = np.array(features.names, object)
        elif hasattr(self, "feature_names_in_"):
            del self.feature_names_in_

    def find_features(self, X: object, source: str = "X") -> pa.Table:
        """Return X as a table with the columns that the model uses; see `Features.find`.

        Raises
        ------
        NotFittedError
            Before `fit`.
        TableError
            If a column is missing, or X has another number of features where they are found by
            position.
        """
        schema = self.schema_
        used = [column.name for column in schema.columns]
        # shap's KernelExplainer sets the attribute to None where it passes arrays on purpose
        by_position = getattr(self, "feature_names_in_", None) is None
        return schema.features.find(X, used, type(self).__name__, source, warn=not by_position)

    def find_rows(self, X: object) -> pa.Table | OneRow:
        """Return X as `find_features` does, or as one row, which is predicted faster.

        Raises
        ------
        NotFittedError, TableError
            As `find_features`; of one row, the second is raised when it is predicted.
        """
        row = self.schema_.features.find_row(X, lambda: self.find_features(X))
        return self.find_features(X) if row is None else row

    def check_rows(self, X: object, y: object) -> tuple[pa.Table, Array]:
        """Validate X and y, and return them in the form that the model requires.

        Raises
        ------
        NotFittedError, TableError
            Before `fit`, or if they do not fit the fitted estimator.
        """
        return open_rows(self.find_features(X), y)

    def _read_columns(self, table: pa.Table) -> None:
        """Decide how the values of each column are read, from all rows; warn of each ambiguity."""
        self.readings_, self.notes_, _ = infer_table(table, self.column_types)
        for note in self.notes_:
            warnings.warn(note, UserWarning, stacklevel=5)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        tags.input_tags.string = True
        return tags


class TableClassifier:
    """A classifier for raw tables."""

    if TYPE_CHECKING:
        model_: Model
        find_rows: Any

    @property
    def classes_(self) -> Array:
        """The sorted labels, shape (n_classes,)."""
        check_is_fitted(self, "model_")
        classes = self.model_.classes
        assert classes is not None
        return classes

    def predict_proba(self, X: object) -> Array:
        """Predict the probability of each class, in the order of `classes_`.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, or array of shape (n_samples, n_features)

        Returns
        -------
        array of shape (n_samples, n_classes)
            Each row sums to one.
        """
        rows = self.find_rows(X)
        return self.model_.predict_proba(rows)
