"""`TabularClassifier` and `TabularRegressor`: raw tables in, best predictions out."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from jubako.core.activations import Array
from jubako.core.losses import CrossEntropy, Loss, SquaredError
from jubako.data.dataset import Dataset, concatenate
from jubako.data.errors import rows_of_file
from jubako.data.inference import check_readable
from jubako.data.readers.frames import to_table
from jubako.data.schema import level_counts, n_inputs
from jubako.data.target import ClassTarget, NumericTarget
from jubako.model.schema_json import from_value
from jubako.search.budget import FIRST_SHARE, PILOT, affordable_rows, encodable_rows, rows_to_repeat
from jubako.search.calibration import soften
from jubako.search.crossval import FittedCandidate
from jubako.search.encoded import encode_rows
from jubako.search.folds import hold_out
from jubako.search.prediction import predict_mean
from jubako.search.search import PRESETS, Progress, SearchConfig, SearchResult, search

from .base_mlp import all_or_nothing
from .callbacks import EndEpoch, fit_task, with_callbacks
from .features import Features
from .fit_inputs import check_fit_inputs, encode_targets
from .metric import check_name, loss_function
from .progress import Status, progress
from .saving import (
    check_finite,
    describe_ensemble,
    describe_targets,
    restore_board,
    restore_ensemble,
    restore_numeric_target,
    restore_targets,
)
from .table_estimator import COLUMN_TYPES, RawTable
from .validation import BOOL, NONE, RULES, Rule, number, one_of, whole

METRIC = Rule("a scorer of scikit-learn, or its name", lambda value: callable(value))
TABULAR_RULES = {
    "preset": one_of(PRESETS),
    "time_limit": NONE | number("(0, inf)"),
    "eval_metric": NONE | METRIC | Rule("its name", lambda value: isinstance(value, str)),
    "class_weight": RULES["class_weight"],
    "n_folds": whole(2),
    "refit": BOOL,
    "n_jobs": NONE | Rule("an int", lambda value: isinstance(value, int) and value != 0),
    "random_state": RULES["random_state"],
    "verbose": RULES["verbose"],
    "callbacks": RULES["callbacks"],
    "column_types": COLUMN_TYPES,
}


@dataclass(eq=False, repr=False)
class BaseTabular(RawTable):
    """What the classifier and the regressor share. `TabularClassifier` explains the parameters."""

    codes = True
    loss_type: ClassVar[type[Loss]]

    preset: str = "default"
    _: KW_ONLY
    time_limit: float | None = None
    eval_metric: Any = None
    n_folds: int = 5
    refit: bool = False
    n_jobs: int | None = None
    random_state: Any = None
    verbose: bool | int = False
    callbacks: Sequence[Callable[[Progress], object]] | None = None
    column_types: Mapping[str, Any] | None = None

    if TYPE_CHECKING:  # set by fit
        target_: Any
        ensemble_: list[FittedCandidate]
        weights_: Array
        loss_: float
        board_: list[dict[str, Any]]
        temperature_: float
        stopped_: str
        seconds_: float

    def _encode_targets(
        self, train: Dataset, val: Dataset | None
    ) -> tuple[Dataset, Dataset | None]:
        """Decide how targets are encoded; return the rows with encoded targets."""
        raise NotImplementedError

    # Fitting

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: Any = None,
        *,
        groups: Any = None,
        time: Any = None,
        X_val: Any = None,
        y_val: Any = None,
    ) -> Self:
        """Decide how each column becomes numbers, train networks of many kinds, and choose.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, or array of shape (n_samples, n_features)
        y : array or column of shape (n_samples,)
        sample_weight : array of shape (n_samples,), >= 0, optional
            How much each row counts, in learning and in judging.
        groups : array of shape (n_samples,), optional
            Rows of one group are never on both sides of a split: give it where rows of one person,
            place or day are alike, and predictions are for others.
        time : array of shape (n_samples,), numbers or dates, optional
            When each row was. Networks are then judged by the latest rows, knowing only earlier
            ones: give it where predictions are for the future, best with `refit`.
        X_val, y_val : like X and y, optional
            Your own rows to judge the networks by, in place of folds.

        Returns
        -------
        self
        """
        with all_or_nothing(self):
            return self._fit(X, y, sample_weight, groups, time, X_val, y_val)

    @with_callbacks
    def _fit(
        self, X: Any, y: Any, sample_weight: Any, groups: Any, times: Any, X_val: Any, y_val: Any
    ) -> Self:
        """Check and encode the data, and search."""
        began = time.perf_counter()
        for name, value in self.get_params(deep=False).items():
            TABULAR_RULES[name].check(type(self).__name__, name, value)
        check_name(self.eval_metric)
        end = np.inf if self.time_limit is None else began + 0.95 * self.time_limit
        table = to_table(X)
        self.set_features(Features.of(X, table))
        self._read_columns(table)
        if X_val is not None:
            X_val = self.features_.find(X_val, table.column_names, type(self).__name__, "X_val")
            check_readable(X_val, self.readings_, "X_val")
        train, val = check_fit_inputs(table, y, sample_weight, groups, times, X_val, y_val)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        train, val = self._encode_targets(train, val)
        start = self.target_.constant_output(train.target, train.w)
        n_rows = len(train.target)
        train = self._learn_columns_in_time(train, start, end, seed)
        loss = self.loss_type()
        held = hold_out(
            len(train.target),
            0 if val is None else len(val.target),
            classes=train.target[:, 0].astype(int) if loss.target == "class" else None,
            groups=train.groups,
            times=train.time,
            seed=seed,
            n_folds=self.n_folds,
            n_in=n_inputs(self.columns_, codes=True),
            few=rows_to_repeat(self.preset, self.time_limit),
        )
        both = concatenate(train, val, self.readings_)
        rows = encode_rows(self.columns_, both, loss, start, held, seed)
        metric = loss_function(
            self.eval_metric, self.target_, both.target[rows.judged], rows.w[rows.judged]
        )
        config = SearchConfig(self.preset, began, end, self.refit, self.n_jobs)
        calibrate = loss.target == "class" and self.eval_metric is None
        with fit_task(self, X, y, sample_weight, dict) as end_epoch, ExitStack() as stack:
            callbacks = self._callbacks(stack, end_epoch)
            self._keep(search(rows, config, metric, calibrate, callbacks))
            if self.stopped_ == "complete" and len(train.target) < n_rows:
                self.stopped_ = "time"
            self.seconds_ = time.perf_counter() - began
        return self

    def _learn_columns_in_time(
        self, train: Dataset, start: Array, end: float, seed: int
    ) -> Dataset:
        """Decide how columns become numbers; return the rows that there is the time to use.

        Those are all, or a random part: such that a share of the time is enough to encode them, and
        another for one epoch of the first candidate.
        """
        if self.time_limit is None:
            self._learn_columns(train.table)
            return train
        rows = encodable_rows(len(train.target), train.table.num_columns, self.time_limit, seed)
        self._learn_columns(train.take(np.sort(rows)).table)
        if len(rows) > PILOT:
            part, held = replace(train.take(rows[:PILOT]), weights=None), [np.arange(1)]
            pilot = encode_rows(self.columns_, part, self.loss_type(), start, held, seed)
            seconds = FIRST_SHARE * (end - time.perf_counter())
            rows = rows[: affordable_rows(pilot, seconds, self.n_folds)]
        return train.take(np.sort(rows))

    def _callbacks(
        self, stack: ExitStack, end_epoch: EndEpoch | None
    ) -> list[Callable[[Progress], object]]:
        """Return what the search calls after each epoch; the stack closes the progress display."""
        callbacks = list(self.callbacks or ())
        if end_epoch:  # there is no ensemble yet that could be scored
            callbacks.append(lambda now: end_epoch(None))
        if self.verbose:
            show = stack.enter_context(progress(self.time_limit))
            callbacks.append(lambda now: show(status_of(now)))
        return callbacks

    def _keep(self, result: SearchResult) -> None:
        """Keep what was found, but not the out-of-fold predictions, which take memory."""
        self.ensemble_, self.weights_ = result.ensemble, result.weights
        self.loss_, self.board_, self.stopped_ = result.loss, result.leaderboard, result.stopped
        if self.loss_type is CrossEntropy:
            self.temperature_ = result.temperature

    # What was learned

    @property
    def leaderboard_(self) -> Any:
        """The candidates, best first: a DataFrame of pandas, or a pyarrow.Table without pandas.

        Its columns are rank, layers, activation, configuration (the other settings), oof_loss
        (out-of-fold; optimistic, since each network has stopped at its best epoch on these rows),
        weight (in the ensemble), epochs, best_epoch and seconds.
        """
        check_is_fitted(self, "board_")
        board = sorted(self.board_, key=lambda line: line["oof_loss"])
        table = pa.Table.from_pylist([{"rank": i, **line} for i, line in enumerate(board, 1)])
        try:
            return table.to_pandas()
        except ImportError:
            return table

    def _predict(self, X: Any) -> Array:
        """Return the mean prediction of the ensemble, shape (N, n_out)."""
        check_is_fitted(self, "ensemble_")
        table = self._find_features(X)
        result = predict_mean(self.ensemble_, self.weights_, self.columns_, table)
        check_finite(result)
        return result

    def describe(self) -> tuple[dict[str, Any], dict[str, Array]]:
        check_is_fitted(self, "ensemble_")
        ensemble, arrays = describe_ensemble(self.ensemble_, self.weights_)
        words = self.describe_columns() | {
            "preset": self.preset,
            "members": ensemble,
            "leaderboard": self.board_,
            "loss": self.loss_,
            "stopped": self.stopped_,
            "seconds": self.seconds_,
        }
        return words, arrays

    def restore(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        self.restore_columns(words)
        TABULAR_RULES["preset"].check("the model", "preset", words["preset"])
        self.preset = words["preset"]
        self.stopped_ = from_value(str, words["stopped"], "stopped")
        self.seconds_, self.loss_ = (
            from_value(float, words[name], name) for name in ("seconds", "loss")
        )
        n_in, levels = n_inputs(self.columns_, codes=True), level_counts(self.columns_)
        n_out = len(self.classes_) if isinstance(self, ClassifierMixin) else 1
        self.ensemble_, self.weights_ = restore_ensemble(
            words["members"], arrays, n_in, levels, n_out, self.loss_type
        )
        self.board_ = restore_board(words["leaderboard"])


@dataclass(eq=False, repr=False)
class TabularClassifier(ClassifierMixin, BaseTabular):
    """Tells classes apart, given a raw table: numbers, categories, dates, missing values.

    It tries networks of several depths, widths and kinds. Each is trained on folds of the rows, so
    that it can be judged on rows that it has not seen; the prediction is a mean of those that
    predict best together, with probabilities made bolder where they were too cautious.

    Parameters
    ----------
    preset : {"fast", "default", "best"}, default "default"
        How many kinds of networks to try: 2, 11 (numbers: 10) or 32. "best" also trains each of
        them on three times as many folds, if there are fewer than 40,000 rows, or 50 for each
        second of the time limit.
    time_limit : float > 0 or None
        Seconds after which training ends with what there is. If they are too few for one look at
        each row, a random part of the rows is learned from.
    eval_metric : str, callable or None
        A scorer of scikit-learn, such as "roc_auc", by which the ensemble is chosen. None means the
        log-loss, or the squared error. It is tried on made-up predictions before anything is
        trained, and refused if it does not fit the target.
    class_weight : dict, "balanced" or None
        How much the rows of each class count, on top of `sample_weight`.
    n_folds : int >= 2, default 5
    refit : bool, default False
        Whether the candidates in the ensemble are trained again, on all rows, for as many epochs as
        were best. That takes the time of a few candidates more; it pays where the held-out rows are
        the latest, and rarely elsewhere, where most networks have learned from each row anyway.
    n_jobs : int or None
        How many candidates joblib trains at once, with any backend. None means one, whose networks
        use all cores. The result is the same for any number.
    random_state : int, RandomState or None
    verbose : bool or int, default False
        Whether to show progress with the time left on stderr: a bar in a terminal or a notebook
        (with ipywidgets), else lines.
    callbacks : list of callables or None
        Each is called with a `Progress` after each epoch, in the thread that called `fit`; True
        ends the fit, with the candidates that there are. With `n_jobs`, they hear of the epochs of
        all candidates but the first when that candidate has finished.
    column_types : dict or None
        What some columns are, against any guess: "numeric", "categorical", "boolean", "date",
        "drop", or a `jubako.data.casting.reading.Reading`.

    Attributes
    ----------
    leaderboard_ : DataFrame
        The candidates, the best first: their configuration, loss, ensemble weight and cost.
    ensemble_, weights_ : list, array
        The candidates in the ensemble, and their weights.
    loss_ : float
        Out-of-fold loss of the ensemble: the log-loss, the squared error where the target has the
        spread 1, or minus `eval_metric`. It is optimistic, as are the losses of the leaderboard: on
        the same held-out rows the best epoch of each network, the ensemble weights and the
        temperature are chosen. Measure on a test set that `fit` has not had.
    n_features_in_, feature_names_in_ : int, array of str
        The number of columns in `fit`; and their names, if they were all strings.
    columns_, dropped_ : list
        How each column becomes numbers, and the columns that are not used, and why.
    readings_ : dict
        How the values of each column are read: a `jubako.data.casting.reading.Reading`.
    classes_ : array of shape (n_classes,)
    temperature_ : float
        Probabilities are taken to the power of 1 / temperature.
    stopped_ : {"complete", "time", "callback", "interrupted", "memory"}
        What ended the fit: all candidates were trained; or the time limit, a callback, Ctrl-C, or
        a want of memory ended it with those that there were.
    seconds_ : float

    Notes
    -----
    Ctrl-C ends the training with what there is, and raises nothing; `stopped_` is then
    "interrupted". With `n_jobs`, candidates that have not finished are left out. Inside
    `GridSearchCV` or `cross_val_score` it ends the fit that is running, and the search goes on with
    the next: to end the search, press it again between two fits, or raise an exception of your own
    in a callback.

    Examples
    --------
    >>> import pandas as pd
    >>> from jubako import TabularClassifier
    >>> shop = pd.DataFrame({"color": ["red", "blue", None, "red"] * 10, "size": [1, 2, 3, 9] * 10})
    >>> model = TabularClassifier("fast", random_state=0)
    >>> model = model.fit(shop, ["apple", "plum", "plum", "apple"] * 10)
    >>> model.predict(shop[:2]).tolist()
    ['apple', 'plum']
    """

    loss_type = CrossEntropy

    preset: str = "default"
    _: KW_ONLY
    class_weight: Mapping[Any, float] | str | None = None

    if TYPE_CHECKING:  # set by fit
        target_: ClassTarget

    def _encode_targets(
        self, train: Dataset, val: Dataset | None
    ) -> tuple[Dataset, Dataset | None]:
        self.target_ = ClassTarget.fit(train.target)
        return encode_targets(train, val, self.target_, self.class_weight)

    @property
    def classes_(self) -> Array:
        """The labels in order."""
        check_is_fitted(self, "target_")
        return self.target_.classes

    def predict(self, X: Any) -> Array:
        """Predict the likeliest class of each row, shape (n_samples,)."""
        return self.classes_[self.predict_proba(X).argmax(1)]

    def predict_proba(self, X: Any) -> Array:
        """Predict the probability of each class, shape (n_samples, n_classes)."""
        return soften(self._predict(X), self.temperature_)

    def describe(self) -> tuple[dict[str, Any], dict[str, Array]]:
        words, arrays = super().describe()
        target = describe_targets(self.target_) | {"temperature": self.temperature_}
        return words | {"target": target}, arrays

    def restore(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        target = restore_targets(words["target"])
        if not isinstance(target, ClassTarget) or target.kind == "multilabel":
            raise ValueError("a classifier without labels")
        self.target_ = target
        self.temperature_ = from_value(float, words["target"]["temperature"], "temperature")
        if not 0.01 <= self.temperature_ <= 100:
            raise ValueError(f"the temperature {self.temperature_}")
        super().restore(words, arrays)


@dataclass(eq=False, repr=False)
class TabularRegressor(RegressorMixin, BaseTabular):
    """Predicts a number, given a raw table: numbers, categories, dates, missing values.

    All parameters and attributes are those of `TabularClassifier`, but those about classes and
    probabilities. Predictions stay within the range of the targets that it has learned.
    """

    loss_type = SquaredError

    preset: str = "default"
    _: KW_ONLY

    if TYPE_CHECKING:  # set by fit
        target_: NumericTarget

    def _encode_targets(
        self, train: Dataset, val: Dataset | None
    ) -> tuple[Dataset, Dataset | None]:
        with rows_of_file(train.row_numbers):
            self.target_ = NumericTarget.fit(train.target, train.w)
        return encode_targets(train, val, self.target_)

    def predict(self, X: Any) -> Array:
        """Predict the target of each row, shape (n_samples,)."""
        prediction = self._predict(X)  # which first looks whether the model is fitted
        return self.target_.decode_predictions(prediction)

    def describe(self) -> tuple[dict[str, Any], dict[str, Array]]:
        words, arrays = super().describe()
        target = self.target_
        described = {"center": target.center, "scale": target.scale}
        return words | {"target": described | {"range": [target.low, target.high]}}, arrays

    def restore(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        super().restore(words, arrays)
        self.target_ = restore_numeric_target(words["target"], words["target"]["range"])


def status_of(now: Progress) -> Status:
    """Return what the display shows after an epoch of a candidate."""
    layers = "-".join(map(str, now.candidate.hidden)) or "linear"
    loss = "" if now.record.val_loss is None else f", held-out loss {now.record.val_loss:.4f}"
    text = (
        f"{'refit, ' if now.refit else ''}candidate {now.number} of {now.n_candidates} ({layers}), "
        f"epoch {now.epoch} of {now.n_epochs}{loss}"
    )
    return Status("refit" if now.refit else "search", now.number, now.done, now.seconds, text)
