"""Target coding: labels and numbers as the targets of a loss, and back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from numbers import Real
from typing import Any, Literal, Self

import numpy as np
import pyarrow as pa
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import column_or_1d

from jubako.core.activations import Array
from jubako.core.errors import ParameterError
from jubako.data.arrow_compute import pc
from jubako.i18n.messages import Message

from .casting.reading import Reading, cast
from .casting.values import as_numbers, is_text
from .errors import TableError
from .inference import infer_reading
from .readers.frames import to_array

FARTHEST = 1e6  # distances of the quartiles between a target and the median; see `check_tails`


@dataclass(frozen=True)
class ClassTarget:
    """The classes of a target, and their encoding.

    Parameters
    ----------
    classes : array, shape (n_classes,)
        Sorted labels; for multilabel problems the numbers of the columns.
    kind : {"binary", "multiclass", "multilabel"}
        One output for two classes, one for each class, or one for each label.
    """

    classes: Array
    kind: Literal["binary", "multiclass", "multilabel"]

    @classmethod
    def fit(cls, y: Any, single_class: bool = False) -> Self:
        """Return the classes of y.

        Parameters
        ----------
        y : array-like, shape (N,) or (N, n_labels)
            As passed by the user.
        single_class : bool
            Whether y may hold only one class, which then gets one output.

        Returns
        -------
        ClassTarget

        Raises
        ------
        TableError
            If y does not hold labels, or only one class.
        """
        if getattr(y, "dtype", None) in (np.float32, np.float64) and not np.isfinite(y).all():
            raise TableError(
                Message("y holds infinity or NaN, which is not a class: leave those rows out.")
            )
        check_classification_targets(y)
        kind = type_of_target(y, input_name="y")
        if kind == "multilabel-indicator":
            return cls(np.arange(y.shape[1]), "multilabel")
        if kind == "multiclass-multioutput":
            raise TableError(
                Message(
                    "y has several columns that are not all 0 or 1 (multiclass-multioutput): fit "
                    "one classifier for each column, for example with MultiOutputClassifier."
                )
            )
        classes = np.unique(column_or_1d(y))
        if len(classes) == 1 and not single_class:
            raise TableError(
                Message(
                    "The data contains only one class, {label!r}: a classifier needs at least two "
                    "classes.",
                    label=classes.tolist()[0],
                )
            )
        return cls(classes, "binary" if len(classes) == 2 else "multiclass")

    @property
    def split_evenly(self) -> bool:
        """Whether splits are stratified by class."""
        return self.kind != "multilabel"

    @property
    def n_outputs(self) -> int:
        """The number of units in the output layer."""
        return 1 if self.kind == "binary" else len(self.classes)

    def encode(self, y: Any, where: str = "y") -> Array:
        """Encode labels.

        Parameters
        ----------
        y : array-like, shape (N,) or (N, n_labels)
        where : str
            Name of y in messages.

        Returns
        -------
        array of int
            Class numbers (N, 1); for multilabel problems 0 and 1, (N, n_labels).

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

    def weights(self, codes: Array, w: Array, class_weight: Mapping[object, float] | str) -> Array:
        """Return the weight of the class of each row.

        Parameters
        ----------
        codes : array, shape (N, 1)
            Encoded labels.
        w : array, shape (N,)
            Sample weights.
        class_weight : mapping of label to float, or "balanced"
            "balanced" gives all classes the same total weight.

        Returns
        -------
        array, shape (N,)

        Raises
        ------
        ParameterError
            If class_weight has an unknown class, or the problem is multilabel.
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

    def constant_output(self, codes: Array, w: Array) -> Array:
        """Return the best constant output: the logarithms of the class frequencies (n_classes,)."""
        mass = np.bincount(codes[:, 0].astype(int), w, minlength=len(self.classes))
        return np.log((mass / w.sum()).clip(1e-6))

    def choose(self, probabilities: Array) -> Array:
        """Return the codes of the most probable classes, as returned by `encode`."""
        if self.kind == "multiclass":
            return probabilities.argmax(-1, keepdims=True)
        return (probabilities > 0.5).astype(np.int64)

    def decode(self, codes: Array) -> Array:
        """Return the labels of codes (N,); for multilabel problems 0 and 1, (N, n_outputs)."""
        return codes if self.kind == "multilabel" else self.classes[codes[:, 0].astype(int)]


@dataclass(frozen=True)
class NumericTarget:
    """The standardization of a numeric target.

    Parameters
    ----------
    center, scale : float
        Encoded targets are (y - center) / scale.
    low, high : float
        Range of predictions.
    reading : Reading or None
        How texts are read as numbers; None infers it.
    """

    center: float
    scale: float
    low: float = -np.inf
    high: float = np.inf
    reading: Reading | None = None

    @classmethod
    def fit(cls, y: Array, w: Array) -> Self:
        """Return the weighted mean and standard deviation of a target, and its range.

        Parameters
        ----------
        y : array, shape (N,)
        w : array, shape (N,)
            Sample weights.

        Returns
        -------
        NumericTarget

        Raises
        ------
        TableError
            If a value is not a number, or is far from all others.
        """
        reading = target_reading(y)
        y = target_numbers(y, reading)
        check_tails(y)
        largest = float(abs(y).max()) or 1.0  # squares of huge numbers would overflow
        center = float(np.average(y / largest, weights=w)) * largest
        spread = np.sqrt(np.average(((y - center) / largest) ** 2, weights=w)) * largest
        scale = float(spread) or 1.0
        return cls(center, scale, reading=reading).with_range(float(y.min()), float(y.max()))

    def with_range(self, low: float, high: float) -> Self:
        """Return this coding with the range of targets from `low` to `high`.

        It is rounded outwards to tenths of the scale, so that a saved model does not contain the
        number of any row.
        """
        tenth = self.scale / 10
        low = self.center + float(np.floor((low - self.center) / tenth)) * tenth
        high = self.center + float(np.ceil((high - self.center) / tenth)) * tenth
        return replace(self, low=low, high=high)

    def encode(self, y: Array, where: str = "y") -> Array:
        """Return standardized targets, shape (N, 1).

        Raises
        ------
        TableError
            If a value of y is not a number.
        """
        return ((target_numbers(y, self.reading, where) - self.center) / self.scale)[:, None]

    def decode(self, codes: Array) -> Array:
        """Return standardized targets (N, 1) in the original units, shape (N,)."""
        return codes[:, 0] * self.scale + self.center

    def decode_predictions(self, outputs: Array) -> Array:
        """Return predictions (N, 1) in the original units, clipped to the range, shape (N,)."""
        return self.decode(outputs).clip(self.low, self.high)

    def constant_output(self, codes: Array, w: Array) -> Array:
        """Return the best constant output, the mean, shape (1,)."""
        return np.zeros(1)

    @property
    def encoded_range(self) -> tuple[float, float]:
        """The range of predictions, standardized."""
        return (self.low - self.center) / self.scale, (self.high - self.center) / self.scale


def listed(labels: list[object], most: int = 10) -> str:
    """Return labels as a list for a message, truncated if there are many.

    Parameters
    ----------
    labels : list
    most : int
        Maximum number of labels.

    Returns
    -------
    str
    """
    more = f" and {len(labels) - most} more" if len(labels) > most else ""
    return f"{labels[:most]}{more}"


def target_reading(y: Array) -> Reading | None:
    """Return how the texts of a target are read as numbers; None if it has no texts.

    Parameters
    ----------
    y : array, shape (N,)

    Returns
    -------
    Reading or None

    Raises
    ------
    TableError
        If they are not numbers.
    """
    values = pa.chunked_array([to_array(y, "y")])
    reading = infer_reading("y", values, "numeric").reading
    return reading if is_text(values.type) else None


def target_numbers(y: Array, reading: Reading | None = None, name: str = "y") -> Array:
    """Return a target as finite numbers.

    Parameters
    ----------
    y : array, shape (N,)
        Numbers or texts.
    reading : Reading or None
        How texts are read; None infers it.
    name : {"y", "y_val"}
        For messages.

    Returns
    -------
    array of float64, shape (N,)

    Raises
    ------
    TableError
        If a value is not a number, or they are dates.
    """
    if y.dtype.kind in "mM":
        raise TableError(
            Message(
                "{name} holds dates, and not numbers: predict the days since one of them.",
                name=name,
            )
        )
    values = pa.chunked_array([to_array(y, name)])
    if is_text(values.type):
        reading = reading or infer_reading(name, values, "numeric").reading
        values = cast(values, reading, name)
        good = pc.is_valid(values)
    else:
        good = pc.is_finite(y) if y.dtype.kind == "f" else pc.is_valid(values)
    row = pc.index(good, False).as_py()
    if row >= 0:
        n = len(good) - pc.sum(good).as_py()
        raise TableError(
            Message(
                "{name}, row {row}: {value!r} is not a number: classes are for a classifier, and "
                "rows without a number ({n} in all) must be left out.",
                name=name,
                row=row + 1,
                value=y.tolist()[row],
                n=n,
            )
        )
    return as_numbers(values, name)


def check_tails(y: Array, sample: Array | None = None) -> None:
    """Check that no target is so far from the others that these are practically equal.

    Parameters
    ----------
    y : array, shape (N,)
    sample : array, optional
        Targets whose quartiles are used; default y.

    Raises
    ------
    TableError
        If the distance of one from the median is more than `FARTHEST` times the IQR: then the
        squared error would depend on that row alone.
    """
    # a quarter of each, so that no difference overflows
    first, middle, third = np.quantile((y if sample is None else sample) / 4, [0.25, 0.5, 0.75])
    far = abs(y / 4 - middle)
    row = int(far.argmax())
    if third > first and far[row] / FARTHEST > third - first:
        raise TableError(
            Message(
                "The target of row {row} is {value:.4g}, but half of them lie between {low:.4g} "
                "and {high:.4g}: correct it, leave the row out, or predict the logarithm.",
                row=row + 1,
                value=float(y[row]),
                low=float(4 * first),
                high=float(4 * third),
            )
        )
