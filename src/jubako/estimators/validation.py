"""Validation of parameters and arrays, which are trusted afterwards."""

import os
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any

import numpy as np
from sklearn.utils import check_array

from jubako.core.activations import ACTIVATIONS, Array
from jubako.core.errors import ParameterError
from jubako.core.initializers import INITIALIZERS
from jubako.core.losses import LOSSES
from jubako.data.errors import TableError
from jubako.training.optimizers import OPTIMIZERS
from jubako.training.schedules import SCHEDULES


class Rule:
    """A condition on a parameter: a test, and its description.

    Rules are combined by `|`: the value must satisfy one of them.
    """

    def __init__(self, words: str, test: Callable[[Any], bool], names: Iterable[str] = ()) -> None:
        self.words = words
        self.test = test
        self.names: list[str] = list(names)

    def __or__(self, other: "Rule") -> "Rule":
        return Rule(
            f"{self.words} or {other.words}",
            lambda value: self.test(value) or other.test(value),
            self.names + other.names,
        )

    def check(self, owner: str, name: str, value: Any) -> None:
        """Raise an error for an invalid value, with the valid ones and the most similar one.

        Raises
        ------
        ParameterError
            If the value does not satisfy the rule.
        """
        if self.test(value):
            return
        items = value if isinstance(value, (list, tuple)) else [value]
        wrong = [item for item in items if isinstance(item, str) and item not in self.names]
        near = [name for item in wrong for name in get_close_matches(item, self.names, n=1)]
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise ParameterError(
            f"The {name!r} parameter of {owner} must be {self.words}. Got {value!r} instead.{hint}"
        )


def one_of(names: Iterable[str]) -> Rule:
    """Accept one of these strings."""
    names = list(names)
    return Rule(
        f"one of {', '.join(map(repr, names))}" if len(names) > 1 else repr(names[0]),
        lambda value: isinstance(value, str) and value in names,
        names,
    )


def number(interval: str) -> Rule:
    """Accept a real number in an interval, written as in "[0, 1)"."""
    low, high = (float(end) for end in interval[1:-1].split(","))

    def test(value: Any) -> bool:
        if not isinstance(value, Real) or is_bool(value):
            return False
        x = float(value)
        above = x >= low if interval[0] == "[" else x > low
        below = x <= high if interval[-1] == "]" else x < high
        return above and below

    return Rule(f"a number in {interval}", test)


def whole(lowest: int) -> Rule:
    """Accept an int, not smaller than `lowest`."""
    return Rule(
        f"an int >= {lowest}",
        lambda value: isinstance(value, Integral) and not is_bool(value) and int(value) >= lowest,
    )


def list_of(rule: Rule) -> Rule:
    """Accept a list, tuple or array, each item of which the rule accepts."""

    def test(value: Any) -> bool:
        is_list = isinstance(value, (list, tuple)) or getattr(value, "ndim", 0) == 1
        return is_list and all(rule.test(item) for item in value)

    return Rule("a list of them", test, rule.names)


def is_bool(value: Any) -> bool:
    """Return whether the value is True or False, including NumPy's."""
    return isinstance(value, (bool, np.bool_))


BOOL = Rule("True or False", is_bool)
NONE = Rule("None", lambda value: value is None)
VERBOSE = Rule("True, False or an int >= 0", lambda value: is_bool(value) or whole(0).test(value))
RANDOM_STATE = Rule(
    "None, an int >= 0 or a numpy.random.RandomState",
    lambda value: (
        value is None
        or isinstance(value, np.random.RandomState)
        or (whole(0).test(value) and int(value) < 2**32)
    ),
)
WEIGHTS_BY_CLASS = Rule("a dict of class labels to weights", lambda v: isinstance(v, Mapping))
CALLABLES = Rule(
    "a list of callables", lambda v: isinstance(v, (list, tuple)) and all(map(callable, v))
)


NAMES = one_of(ACTIVATIONS)
FLOATS = np.dtype(np.float32), np.dtype(np.float64)
RULES: dict[str, Rule] = {
    "hidden_layer_sizes": whole(1) | list_of(whole(1)),
    "activation": NAMES | list_of(NAMES),
    "solver": one_of([*OPTIMIZERS, "lbfgs"]),
    "alpha": number("[0, inf)"),
    "batch_size": one_of(["auto"]) | whole(1),
    "learning_rate": one_of(["constant", "invscaling", "adaptive"]),
    "learning_rate_init": number("(0, inf)"),
    "power_t": number("[0, inf)"),
    "max_iter": whole(0),
    "shuffle": BOOL,
    "random_state": RANDOM_STATE,
    "tol": number("[0, inf)"),
    "verbose": VERBOSE,
    "warm_start": BOOL,
    "momentum": number("[0, 1]"),
    "nesterovs_momentum": BOOL,
    "early_stopping": BOOL,
    "validation_fraction": number("[0, 1)"),
    "beta_1": number("[0, 1)"),
    "beta_2": number("[0, 1)"),
    "epsilon": number("(0, inf)"),
    "n_iter_no_change": number("[1, inf]"),
    "max_fun": whole(1),
    "init": one_of(INITIALIZERS),
    "dropout": number("[0, 1)") | list_of(number("[0, 1)")),
    "residual": BOOL,
    "weight_decay": number("[0, inf)"),
    "schedule": one_of(SCHEDULES),
    "warmup_fraction": number("[0, 1)"),
    "max_grad_norm": NONE | number("(0, inf)"),
    "n_networks": whole(1),
    "dtype": one_of(["auto", "float32", "float64"]),
    "callbacks": NONE | CALLABLES,
    "run_dir": NONE | Rule("a path", lambda value: isinstance(value, str | os.PathLike)),
    "class_weight": NONE | one_of(["balanced"]) | WEIGHTS_BY_CLASS,
    "label_smoothing": number("[0, 1)"),
    "loss": one_of(name for name, loss in LOSSES.items() if loss.target in ("real", "count")),
    "huber_delta": number("(0, inf)"),
    "quantile": number("(0, 1)"),
}
"""What each parameter may be."""


def check_weights(sample_weight: Any, n_rows: int) -> Array:
    """Return the sample weights, float64 of shape (n_rows,); None means equal weights.

    Raises
    ------
    TableError
        If their number is not n_rows, or one is negative or not finite, or all are zero.
    """
    if sample_weight is None:
        return np.ones(n_rows)
    if isinstance(sample_weight, Real):
        sample_weight = np.full(n_rows, sample_weight)
    w: Array = check_array(
        sample_weight, ensure_2d=False, dtype="float64", input_name="sample_weight"
    )
    if w.shape != (n_rows,):
        raise TableError(
            f"sample_weight.shape == {w.shape}, expected {(n_rows,)}: one weight for each row of X."
        )
    if (w < 0).any():
        raise TableError(
            f"Negative values in data passed to `sample_weight`: {w.min()} in row {w.argmin() + 1}."
        )
    if not w.any():
        raise TableError("All values of `sample_weight` are zero, so there is nothing to learn.")
    return w


def as_floats(x: Any, where: str) -> Any:
    """Return validated numbers, dense or sparse, as float32 if they are, else as float64.

    Raises
    ------
    TableError
        If they are dates, durations or texts, which NumPy would convert to numbers.
    """
    if x.dtype.kind in "mM":
        raise TableError(
            f"{where} holds {'dates' if x.dtype.kind == 'M' else 'durations'}, and not numbers: "
            "use TabularClassifier or TabularRegressor, or pass the days since one of them."
        )
    if x.dtype.kind in "USV":  # in the words of scikit-learn
        raise TableError(
            f"dtype='numeric' is not compatible with arrays of bytes/strings: {where} holds such. "
            "Convert your data to numeric values explicitly instead."
        )
    return x if x.dtype in FLOATS else x.astype(np.float64)


def is_valid_array(x: object, n_features: int) -> bool:
    """Return whether scikit-learn's validation, of 60 µs, would return this array unchanged.

    Of a frame with the columns of the fit, of 500 µs, it would return `to_numpy` in this case.

    Parameters
    ----------
    x : object
    n_features : int
        The number of features in `fit`.
    """
    return (
        type(x) is np.ndarray
        and x.dtype in FLOATS
        and x.dtype.isnative
        and x.ndim == 2
        and len(x) > 0
        and x.shape[1] == n_features
        and bool(np.isfinite(x).all())
    )


def check_fits(x: Any, dtype: Any, where: str) -> Any:
    """Return numbers, dense or sparse, in the precision of training.

    Raises
    ------
    TableError
        If one is finite in x but not in dtype, or a weight underflows to zero.
    """
    with np.errstate(over="ignore", under="ignore"):
        cast: Any = x.astype(dtype) if hasattr(x, "toarray") else np.ascontiguousarray(x, dtype)
    is_sparse = hasattr(x, "toarray")
    values: Any = x.data if is_sparse else x
    kept: Any = cast.data if is_sparse else cast
    lost = ~np.isfinite(kept)
    if where == "sample_weight":
        lost |= (kept == 0) & (values != 0)
    if lost.any():
        raise TableError(
            f"{where} holds {values[lost][0]:.6g}, which {np.dtype(dtype).name} can't hold: scale "
            f"{where}, or pass dtype='float64'."
        )
    return cast
