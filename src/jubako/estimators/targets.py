"""Targets: from labels to the numbers that a loss takes, and back."""

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

import numpy as np
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.table.errors import TableError


@dataclass(frozen=True)
class Labels:
    """The classes of a problem, and how they stand in the network's outputs.

    Parameters
    ----------
    classes : array
        Sorted labels; for multilabel problems the numbers of the columns.
    kind : {"binary", "multiclass", "multilabel"}
        One output for two classes, one for each class, or one for each label.
    """

    classes: Array
    kind: Literal["binary", "multiclass", "multilabel"]

    @classmethod
    def of(cls, y: Any, single_class: bool = False) -> "Labels":
        """Return the classes of y, as passed by the user.

        With `single_class`, y may hold only one, which gets an output of its own.

        Raises
        ------
        TableError
            If y holds no labels, or only one class.
        """
        if getattr(y, "dtype", None) in (np.float32, np.float64) and not np.isfinite(y).all():
            raise TableError("y holds infinity or NaN, which is no class: leave those rows out.")
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y")
        if kind == "multilabel-indicator":
            return cls(np.arange(y.shape[1]), "multilabel")
        if kind == "multiclass-multioutput":
            raise TableError(
                "y has several columns that are not all 0 or 1 (multiclass-multioutput): fit one "
                "classifier for each column, for example with MultiOutputClassifier."
            )
        classes = np.unique(column_or_1d(y))
        if len(classes) == 1 and not single_class:
            raise TableError(
                f"The data contains only one class, {classes.tolist()[0]!r}: a classifier needs at "
                "least two classes to tell apart."
            )
        return cls(classes, "binary" if len(classes) == 2 else "multiclass")

    @property
    def split_evenly(self) -> bool:
        """Whether rows are held out class by class."""
        return self.kind != "multilabel"

    @property
    def n_outputs(self) -> int:
        """The number of units in the output layer."""
        return 1 if self.kind == "binary" else len(self.classes)

    def encode(self, y: Any, where: str = "y") -> Array:
        """Return (N, n_outputs) of 0 and 1, or (N, 1) class numbers if multiclass.

        Raises
        ------
        TableError
            If y has labels that are not among the classes.
        """
        if self.kind == "multilabel":
            y = y.toarray() if hasattr(y, "toarray") else np.asarray(y)
            if y.ndim != 2 or y.shape[1] != len(self.classes):
                raise TableError(
                    f"`{where}` has shape {y.shape}, but the network has {len(self.classes)} "
                    "labels: pass a table of 0 and 1 with a column for each."
                )
            if not np.isin(y, (0, 1)).all():
                raise TableError(
                    f"`{where}` has several columns, so all its numbers must be 0 or 1, but it "
                    f"holds {y[~np.isin(y, (0, 1))][0]!r}."
                )
            return y.astype(np.int64)
        y = column_or_1d(y, warn=True)
        classes = self.classes.tolist()
        known = set(classes)
        new = [label for label in dict.fromkeys(y.tolist()) if label not in known]
        if new:
            hint = ": give labels of one type" if type(new[0]) is not type(classes[0]) else ""
            raise TableError(
                f"`{where}` has classes that are not in `self.classes_`: {listed(new)} is not "
                f"among {listed(classes)}{hint}."
            )
        return np.searchsorted(self.classes, y)[:, None]

    def weights(self, codes: Array, w: Array, class_weight: Mapping[Any, float] | str) -> Array:
        """Return the factor by which the class of each row counts more, shape (N,).

        "balanced" makes the weights of the rows of each class sum to the same.

        Raises
        ------
        ParameterError
            If class_weight names a class that there is not, or the problem is multilabel.
        """
        if self.kind == "multilabel":
            raise ParameterError(
                "class_weight is for one label a row; use sample_weight with several."
            )
        n_classes = len(self.classes)
        if isinstance(class_weight, str):
            mass = np.bincount(codes[:, 0].astype(int), w, minlength=n_classes)
            by_class = np.divide(w.sum() / n_classes, mass, out=np.zeros(n_classes), where=mass > 0)
        else:
            new = set(class_weight) - set(self.classes.tolist())
            if new:
                raise ParameterError(
                    f"class_weight names {sorted(new, key=str)}, which is not among the classes "
                    f"{self.classes.tolist()}."
                )
            for c, value in class_weight.items():
                if not isinstance(value, Real) or not 0 <= float(value) < np.inf:
                    raise ParameterError(
                        f"class_weight gives class {c!r} the weight {value!r}: it must be a number "
                        ">= 0."
                    )
            by_class = np.array([class_weight.get(c, 1.0) for c in self.classes.tolist()], float)
            if not by_class[codes[:, 0].astype(int)].any():
                raise ParameterError(
                    "class_weight gives all rows the weight zero: nothing is left."
                )
        return by_class[codes[:, 0].astype(int)]

    def choose(self, probabilities: Array) -> Array:
        """Return the codes of the likeliest classes, in the form of `encode`."""
        if self.kind == "multiclass":
            return probabilities.argmax(-1, keepdims=True)
        return (probabilities > 0.5).astype(np.int64)

    def decode(self, codes: Array) -> Array:
        """Return labels, shape (N,), or (N, n_outputs) of 0 and 1 if multilabel."""
        return codes if self.kind == "multilabel" else self.classes[codes[:, 0]]


@dataclass(frozen=True)
class Numbers:
    """Targets of a regression.

    Parameters
    ----------
    n_outputs : int
        Columns of y.
    counts : bool
        Whether negative ones make no sense.
    """

    n_outputs: int
    counts: bool = False
    split_evenly = False

    def encode(self, y: Array, where: str = "y") -> Array:
        """Return shape (N, n_outputs).

        Raises
        ------
        TableError
            If y has another number of columns, or negative counts.
        """
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        y = y.reshape(len(y), -1)
        if y.shape[1] != self.n_outputs:
            raise TableError(
                f"`{where}` has {y.shape[1]} columns, but the network has {self.n_outputs} outputs."
            )
        if self.counts and (y < 0).any():
            raise TableError(
                f"loss='poisson' is for counts, but `{where}` holds a negative one: {y.min()}."
            )
        return y


def listed(labels: list[Any], most: int = 10) -> str:
    """Return labels as a list in a message, cut off where there are many."""
    more = f" and {len(labels) - most} more" if len(labels) > most else ""
    return f"{labels[:most]}{more}"


def split_rows(
    codes: Array | None, n_rows: int, fraction: float, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Choose rows to train on and to validate on, with every class of `codes` (N, 1) in both.

    Of a class with m rows, about fraction * m are held out, and at least one is kept to train on.

    Raises
    ------
    ParameterError
        If fewer than two rows could be held out.
    """
    order = rng.permutation(n_rows)
    groups = [order] if codes is None else [order[codes[order, 0] == c] for c in np.unique(codes)]
    n_val = min(int(np.ceil(fraction * n_rows)), n_rows - len(groups))
    if n_val < 2:
        raise ParameterError(
            f"The validation set is too small: validation_fraction={fraction} of {n_rows} rows. "
            "Raise it, pass X_val and y_val, or set early_stopping=False."
        )
    # Spread the rows of each class evenly over (0, 1) and hold out those that come first: each
    # class then gives its share, to within one row. The last of each class comes after all.
    place = np.empty(n_rows)
    for rows in groups:
        place[rows] = (np.arange(len(rows)) + rng.random()) / len(rows)
        place[rows[-1]] += 1
    by_place = np.argsort(place)
    return by_place[n_val:], by_place[:n_val]
