"""`TabularClassifier` and `TabularRegressor`: raw tables in, best predictions out."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Self, cast

import numpy as np
import pyarrow as pa
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from jubako.core.activations import Array
from jubako.core.losses import CrossEntropy, Loss, SquaredError
from jubako.ensemble.folds import FEW, MANY, folds, latest, same
from jubako.ensemble.pack import Rows, Trained
from jubako.ensemble.selection import select, soften, temperature
from jubako.ensemble.trials import FIRST, PRESETS, Progress, Trials, affordable_rows
from jubako.storage.plain import from_value
from jubako.table.columns import Column, encode, levels_of, n_sizes, width
from jubako.table.frames import to_table
from jubako.table.inference import check_readable
from jubako.table.validation import joined
from jubako.training.engines.native.engine import best_engine

from .base import all_or_nothing
from .callbacks import EndEpoch, fit_task, with_callbacks
from .door import BOOL, NONE, RULES, Rule, number, one_of, whole
from .features import Features
from .metric import KnownClasses, KnownNumbers, check_name, find_metric
from .progress import Status, progress
from .raw import COLUMN_TYPES, RawTable
from .rows import Given, check_given, check_tails, in_range, target_numbers, target_reading
from .saving import (
    check_finite,
    describe_members,
    describe_targets,
    restore_board,
    restore_members,
    restore_targets,
)
from .targets import Labels

CHUNK = 65_536  # rows predicted at a time: bounds the memory
TRIES = 0.6  # share of the time for trying, where members are trained again afterwards
READ = 0.3  # share of the time that it may take to make numbers of the table,
CELLS_A_SECOND = 1e6  # at so many values a second
ROWS_A_SECOND = 50  # of the time limit, with which "best" can draw folds of them several times
PILOT = 2048  # rows by which the cost of an epoch over all of them is estimated

LEAST = float(np.finfo(np.float32).tiny)  # weight of a row, as a share of the largest, that counts

Weigh = Callable[[Array], Array]
"""From encoded targets (N, 1) to the factors by which rows count more, shape (N,)."""

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
        members_: list[Trained]
        shares_: Array
        loss_: float
        board_: list[dict[str, Any]]
        stopped_: str
        seconds_: float

    # What the classifier and the regressor answer differently

    def _learn_target(self, y: Array, w: Array) -> tuple[Loss, Weigh]:
        """Decide how targets are encoded; return the loss, and by what rows count more."""
        raise NotImplementedError

    def _first_output(self, codes: Array, w: Array) -> Array:
        """Return the output before training, shape (n_out,), given encoded targets and weights."""
        raise NotImplementedError

    def encode_target(self, y: Array, name: str = "y") -> Array:
        """Return targets (N, 1) as the networks have learned them."""
        raise NotImplementedError

    def _known(self, outputs: Array) -> BaseEstimator:
        """Return an estimator that has made these predictions (N, n_out), for scorers."""
        raise NotImplementedError

    def _decode_target(self, codes: Array) -> Array:
        """Return encoded targets (N, 1) in the user's labels or units, shape (N,)."""
        raise NotImplementedError

    def _made_up(self, codes: Array) -> Array:
        """Return predictions (N, n_out) such as networks could make of these targets (N, 1)."""
        raise NotImplementedError

    def _own_loss(self, codes: Array, w: Array) -> Callable[[Array], float]:
        """Return what computes the log-loss or the squared error of predictions (N, n_out)."""
        raise NotImplementedError

    def _loss_of(self, codes: Array, w: Array) -> Callable[[Array], float]:
        """Return what computes the loss of predictions (N, n_out) of targets (N, 1).

        Raises
        ------
        ParameterError
            If `eval_metric` can't judge them.
        """
        if self.eval_metric is None:
            return self._own_loss(codes, w)
        y = self._decode_target(codes)
        metric = find_metric(self.eval_metric, self._known(self._made_up(codes)), y, w)
        return lambda outputs: metric.loss(self._known(outputs), y, w)

    def _finish(self, guess: Array, loss: Callable[[Array], float]) -> None:
        """Adjust what the mean of the members says, given its guess of rows not seen."""

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
        """Check, encode, train and choose."""
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
        given = check_given(table, y, sample_weight, groups, times, X_val, y_val)
        seed = int(check_random_state(self.random_state).randint(2**31 - 1))
        given, codes, w, loss = self._weighted(given)
        n = len(given.y)  # rows to learn from, before those that are only judged by
        first = self._first_output(codes[:n], w[:n])
        kept = self._learn_columns_in_time(given.table, codes, loss, first, end, seed)
        given, both = given.take(kept), np.r_[kept, n : len(codes)]
        codes, w = codes[both], w[both]
        held = self._hold_out(given, codes, loss, seed)
        table = given.table
        if given.table_val is not None:
            table = joined(table, given.table_val, self.readings_)
        rows = self._rows(Views(self.columns_, table), codes, w, loss, first, held, seed)
        loss_of = self._loss_of(codes[rows.judged], rows.w[rows.judged])
        with fit_task(self, X, y, sample_weight, dict) as end_epoch:
            stopped = self._train(rows, loss_of, began, end, end_epoch)
            self.stopped_ = "time" if stopped == "complete" and len(kept) < n else stopped
            self.seconds_ = time.perf_counter() - began
        return self

    def _train(
        self,
        rows: Rows,
        loss_of: Callable[[Array], float],
        began: float,
        end: float,
        end_epoch: EndEpoch | None,
    ) -> str:
        """Train candidates, choose the ensemble, refit it if wanted; return what ended it."""
        with ExitStack() as stack:
            callbacks = list(self.callbacks or ())
            if end_epoch:  # there is no ensemble yet that could be scored
                callbacks.append(lambda now: end_epoch(None))
            if self.verbose:
                show = stack.enter_context(progress(self.time_limit))
                callbacks.append(lambda now: show(status_of(now)))
            trials = Trials(rows, self.preset, began, end, self.n_jobs, callbacks)
            tried = trials.run(TRIES if self.refit else 1.0)
            try:
                self._choose(tried, loss_of)
            except KeyboardInterrupt:  # what was trained is not lost: the choice takes seconds
                trials.stopped = "interrupted"
                self._choose(tried, loss_of)
            if self.refit and not trials.is_over:
                self.members_ = trials.again(self.members_)
        return trials.stopped

    def _weighted(self, given: Given) -> tuple[Given, Array, Array, Loss]:
        """Encode targets, weigh classes, and leave out the rows that then count as good as nothing.

        Returns
        -------
        given : Given
        codes, w : arrays, shapes (N, 1) and (N,)
            Of the rows to learn from, and of those that only judge after them.
        loss : Loss
        """
        n = len(given.y)
        loss, weigh = self._learn_target(given.y, given.w)
        codes = self.encode_target(given.y)
        if given.table_val is not None:
            codes = np.concatenate([codes, self.encode_target(given.y_val, "y_val")])
        w = in_range(np.r_[given.w, np.full(len(codes) - n, given.w.mean())] * weigh(codes))
        counts = w >= LEAST * w.max()
        given = given.take(np.flatnonzero(counts[:n])).take_val(np.flatnonzero(counts[n:]))
        return given.check_enough(), codes[counts], w[counts], loss

    def _hold_out(self, given: Given, codes: Array, loss: Loss, seed: int) -> list[Array]:
        """Return the rows that each network is judged on."""
        n, n_all = len(given.y), len(codes)
        if given.table_val is not None:
            return same(np.arange(n, n_all), n_all, self.n_folds)
        if given.times is not None:
            return latest(given.times, self.n_folds)
        few = FEW  # rows up to which folds are drawn several times: "best" has the time for more
        if self.preset == "best":
            few = MANY if self.time_limit is None else max(FEW, ROWS_A_SECOND * self.time_limit)
        classes = codes[:, 0].astype(int) if loss.target == "class" else None
        n_in = width(self.columns_, codes=True)
        return folds(n, classes, given.groups, seed, self.n_folds, n_in, few)

    def _rows(
        self,
        view: Callable[[bool], Array],
        y: Array,
        w: Array,
        loss: Loss,
        first: Array,
        held: list[Array],
        seed: int,
    ) -> Rows:
        """Return rows as networks learn them: y (N, 1) as the loss takes it, with weights w."""
        y, w = y.astype(np.float32), (w / w.mean()).astype(np.float32)
        n_numbers, levels = n_sizes(self.columns_), levels_of(self.columns_)
        return Rows(view, n_numbers, levels, y, w, loss, first, held, seed)

    def _learn_columns_in_time(
        self, table: pa.Table, codes: Array, loss: Loss, first: Array, end: float, seed: int
    ) -> Array:
        """Decide how columns become numbers, and return the rows that there is the time to use.

        Those are all, or a random part: such that a share of the time is enough to make numbers of
        them, and another for one pass of the first member's networks.
        """
        rows = np.arange(table.num_rows)
        if end == np.inf:
            self._learn_columns(table)
            return rows
        rows = np.random.default_rng(seed).permutation(rows)
        seconds = READ * cast(float, self.time_limit)
        rows = rows[: max(4, int(seconds * CELLS_A_SECOND / table.num_columns))]
        self._learn_columns(table.take(np.sort(rows)))
        if len(rows) > PILOT:
            some, alone = rows[:PILOT], [np.arange(1)]
            views = Views(self.columns_, table.take(some))
            pilot = self._rows(views, codes[some], np.ones(PILOT), loss, first, alone, seed)
            seconds = FIRST * (end - time.perf_counter())
            rows = rows[: affordable_rows(pilot, seconds, self.n_folds)]
        return np.sort(rows)

    def _choose(self, tried: list[list[Trained]], loss_of: Callable[[Array], float]) -> None:
        """Give each candidate its share, and keep those that have one."""
        found = [(i, one) for i, some in enumerate(tried) for one in some]
        shares = select([one.guess for _, one in found], loss_of)
        guess = np.tensordot(shares, np.stack([one.guess for _, one in found]), 1)
        self._finish(guess, loss_of)
        self.loss_ = loss_of(guess)
        total = np.bincount([i for i, _ in found], shares, minlength=len(tried))
        self.board_ = [
            line(some[0], loss_of(some[0].guess), share)
            for some, share in zip(tried, total, strict=True)
        ]
        nothing = np.empty((0, 0))  # out-of-fold predictions take memory, and are not needed now
        self.members_ = [
            replace(one, guess=nothing)
            for (_, one), share in zip(found, shares, strict=True)
            if share
        ]
        self.shares_ = shares[shares > 0]

    # What was learned

    @property
    def leaderboard_(self) -> Any:
        """The candidates, best first: a DataFrame of pandas, or a pyarrow.Table without pandas.

        Its columns are rank, layers, activation, special (the rest of the configuration), loss
        (out-of-fold; optimistic, since each network has stopped at its best epoch on these rows),
        share (the weight in the ensemble), epochs, best (epoch) and seconds.
        """
        check_is_fitted(self, "board_")
        board = sorted(self.board_, key=lambda line: line["loss"])
        table = pa.Table.from_pylist([{"rank": i, **line} for i, line in enumerate(board, 1)])
        try:
            return table.to_pandas()
        except ImportError:
            return table

    def _predict(self, X: Any) -> Array:
        """Return the mean prediction of the members, shape (N, n_out)."""
        check_is_fitted(self, "members_")
        table, engine = self._find_features(X), best_engine()
        n_out = self.members_[0].net.layers[-1].n_out
        result = np.zeros((table.num_rows, n_out))
        for begin in range(0, table.num_rows, CHUNK):
            part = table.slice(begin, CHUNK)
            views = {
                ranks: encode(self.columns_, part, "X", ranks, codes=True)
                for ranks in {one.member.ranks for one in self.members_}
            }
            for share, one in zip(self.shares_, self.members_, strict=True):
                guess = one.predict(engine, views[one.member.ranks])
                result[begin : begin + CHUNK] += share * guess
        check_finite(result)
        return result

    def describe(self) -> tuple[dict[str, Any], dict[str, Array]]:
        check_is_fitted(self, "members_")
        members, arrays = describe_members(self.members_, self.shares_)
        words = self.describe_columns() | {
            "preset": self.preset,
            "members": members,
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
        wanted = width(self.columns_, codes=True), levels_of(self.columns_), *self._output()
        self.members_, self.shares_ = restore_members(words["members"], arrays, *wanted)
        self.board_ = restore_board(words["leaderboard"])

    def _output(self) -> tuple[int, type[Loss]]:
        """Return the number of outputs of each network, and the class of its loss."""
        return 1, SquaredError


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
        "drop", or a `jubako.table.reading.Reading`.

    Attributes
    ----------
    leaderboard_ : DataFrame
        The candidates, the best first: their configuration, loss, ensemble weight and cost.
    members_, shares_ : list, array
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
        How the values of each column are read: a `jubako.table.reading.Reading`.
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

    preset: str = "default"
    _: KW_ONLY
    class_weight: Mapping[Any, float] | str | None = None

    def _learn_target(self, y: Array, w: Array) -> tuple[Loss, Weigh]:
        targets = Labels.of(y)
        codes, factors = targets.encode(y), np.ones(len(targets.classes))
        if self.class_weight is not None:
            factors[codes[:, 0]] = targets.weights(codes, w, self.class_weight)
        self._targets, factors = targets, in_range(factors)
        return CrossEntropy(), lambda codes: factors[codes[:, 0].astype(int)]

    def _first_output(self, codes: Array, w: Array) -> Array:
        mass = np.bincount(codes[:, 0].astype(int), w, minlength=len(self.classes_))
        return np.log((mass / w.sum()).clip(1e-6))

    def encode_target(self, y: Array, name: str = "y") -> Array:
        return self._targets.encode(y, name).astype(np.float64)

    def _known(self, outputs: Array) -> BaseEstimator:
        return KnownClasses(self.classes_, outputs)

    def _decode_target(self, codes: Array) -> Array:
        return self.classes_[codes[:, 0].astype(int)]

    def _made_up(self, codes: Array) -> Array:
        n_classes = len(self.classes_)
        guess = codes[:, 0].astype(int)
        guess[::3] = (guess[::3] + 1) % n_classes  # not all of them are right
        return np.eye(n_classes)[guess] / 2 + 0.5 / n_classes

    def _own_loss(self, codes: Array, w: Array) -> Callable[[Array], float]:
        classes, rows = codes[:, 0].astype(int), np.arange(len(codes))
        return lambda p: float(np.average(-np.log(p[rows, classes].clip(1e-12)), weights=w))

    def _finish(self, guess: Array, loss: Callable[[Array], float]) -> None:
        self.temperature_ = 1.0 if self.eval_metric is not None else temperature(guess, loss)

    @property
    def classes_(self) -> Array:
        """The labels in order."""
        check_is_fitted(self, "_targets")
        return self._targets.classes

    def predict(self, X: Any) -> Array:
        """Predict the likeliest class of each row, shape (n_samples,)."""
        return self.classes_[self.predict_proba(X).argmax(1)]

    def predict_proba(self, X: Any) -> Array:
        """Predict the probability of each class, shape (n_samples, n_classes)."""
        return soften(self._predict(X), self.temperature_)

    def describe(self) -> tuple[dict[str, Any], dict[str, Array]]:
        words, arrays = super().describe()
        target = describe_targets(self._targets) | {"temperature": self.temperature_}
        return words | {"target": target}, arrays

    def restore(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        targets = restore_targets(words["target"])
        if not isinstance(targets, Labels) or targets.kind == "multilabel":
            raise ValueError("a classifier without labels")
        self._targets = targets
        self.temperature_ = from_value(float, words["target"]["temperature"], "temperature")
        if not 0.01 <= self.temperature_ <= 100:
            raise ValueError(f"the temperature {self.temperature_}")
        super().restore(words, arrays)

    def _output(self) -> tuple[int, type[Loss]]:
        return len(self.classes_), CrossEntropy


@dataclass(eq=False, repr=False)
class TabularRegressor(RegressorMixin, BaseTabular):
    """Predicts a number, given a raw table: numbers, categories, dates, missing values.

    All parameters and attributes are those of `TabularClassifier`, but those about classes and
    probabilities. Predictions stay within the range of the targets that it has learned.
    """

    preset: str = "default"
    _: KW_ONLY

    def _learn_target(self, y: Array, w: Array) -> tuple[Loss, Weigh]:
        self._target_reading = target_reading(y)
        y = target_numbers(y, self._target_reading)
        check_tails(y)
        size = float(abs(y).max()) or 1.0  # squares of huge numbers would overflow
        self.center_ = float(np.average(y / size, weights=w)) * size
        spread = np.sqrt(np.average(((y - self.center_) / size) ** 2, weights=w)) * size
        self.scale_ = float(spread) or 1.0
        # to tenths of the spread, so that nobody's own number is in a saved model
        low, high = (y.min() - self.center_, y.max() - self.center_)
        tenth = self.scale_ / 10
        self.range_ = (
            self.center_ + float(np.floor(low / tenth)) * tenth,
            self.center_ + float(np.ceil(high / tenth)) * tenth,
        )
        return SquaredError(), lambda codes: np.ones(len(codes))

    def _first_output(self, codes: Array, w: Array) -> Array:
        return np.zeros(1)

    def encode_target(self, y: Array, name: str = "y") -> Array:
        y = target_numbers(y, getattr(self, "_target_reading", None), name)
        return ((y - self.center_) / self.scale_)[:, None]

    def _decode(self, b: Array) -> Array:
        """Return predictions (N, 1) in the target's own units, shape (N,)."""
        return (b[:, 0] * self.scale_ + self.center_).clip(*self.range_)

    def _known(self, outputs: Array) -> BaseEstimator:
        return KnownNumbers(self._decode(outputs))

    def _decode_target(self, codes: Array) -> Array:
        return codes[:, 0] * self.scale_ + self.center_

    def _made_up(self, codes: Array) -> Array:
        return (2 * codes + codes.mean()) / 3

    def _own_loss(self, codes: Array, w: Array) -> Callable[[Array], float]:
        low, high = (np.array(self.range_) - self.center_) / self.scale_
        return lambda b: float(np.average((b.clip(low, high) - codes)[:, 0] ** 2, weights=w))

    def predict(self, X: Any) -> Array:
        """Predict the target of each row, shape (n_samples,)."""
        return self._decode(self._predict(X))

    def describe(self) -> tuple[dict[str, Any], dict[str, Array]]:
        words, arrays = super().describe()
        target = {"center": self.center_, "scale": self.scale_, "range": list(self.range_)}
        return words | {"target": target}, arrays

    def restore(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        super().restore(words, arrays)
        target = words["target"]
        self.center_, self.scale_ = (
            from_value(float, target[name], name) for name in ("center", "scale")
        )
        low, high = from_value(tuple[float, ...], target["range"], "range")
        self.range_ = low, high
        if not (low <= high and self.scale_ > 0):
            raise ValueError(f"a target around {self.center_} with a spread of {self.scale_}")


@dataclass
class Views:
    """A table as numbers: by size or by rank, whichever was asked for last.

    Threads may share it.
    """

    columns: list[Column]
    table: pa.Table
    ranks: bool | None = None
    x: Array | None = None
    lock: Any = field(default_factory=Lock, repr=False)

    def __call__(self, ranks: bool) -> Array:
        with self.lock:
            if self.x is None or ranks != self.ranks:
                self.x = None  # so that there is never more than one
                self.x = encode(self.columns, self.table, ranks=ranks, codes=True)
                self.ranks = ranks
            return self.x

    def __reduce__(self) -> Any:
        """Travel to another process without the lock."""
        with self.lock:
            return Views, (self.columns, self.table, self.ranks, self.x)


def status_of(now: Progress) -> Status:
    """Return what the display shows after an epoch of a candidate."""
    layers = "-".join(map(str, now.member.hidden)) or "linear"
    loss = "" if now.record.val_loss is None else f", held-out loss {now.record.val_loss:.4f}"
    text = (
        f"{'refit, ' if now.again else ''}candidate {now.number} of {now.n_members} ({layers}), "
        f"epoch {now.epoch} of {now.n_epochs}{loss}"
    )
    return Status("refit" if now.again else "search", now.number, now.done, now.seconds, text)


def line(one: Trained, loss: float, share: float) -> dict[str, Any]:
    """Describe a member's line of the leaderboard."""
    return {
        "layers": "-".join(map(str, one.member.hidden)) or "linear",
        "activation": one.member.activation if one.member.hidden else "",
        "special": one.member.describe(),
        "loss": float(loss),
        "share": float(share),
        "epochs": one.epochs,
        "best": one.best,
        "seconds": round(one.seconds, 3),
    }
