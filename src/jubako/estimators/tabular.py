"""`TabularClassifier` and `TabularRegressor`: raw tables in, best predictions out."""

import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
import pyarrow as pa
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from jubako.core.activations import Array
from jubako.data.inference import check_readable
from jubako.data.readers.frames import to_table
from jubako.data.table_files import TableFiles
from jubako.data.table_size import estimated_size
from jubako.data.target import NumericTarget
from jubako.data.target_column import Task
from jubako.data.unscaled_target import UnscaledTarget
from jubako.model.features import Features
from jubako.model.fitted_network import FittedNetwork
from jubako.model.model import Model
from jubako.model.model_json import model_from_plain
from jubako.search.config import PRESETS, Progress, SearchConfig
from jubako.search.metric import check_name
from jubako.search.prepared_files import PreparedFiles, prepare_files
from jubako.search.search import prepare_search, search

from .base_mlp import all_or_nothing
from .callbacks import EndEpoch, fit_task, with_callbacks
from .file_inputs import check_file_input, is_file_input, read_whole
from .fit_inputs import check_fit_inputs
from .progress import Status, progress
from .saving import as_param
from .table_estimator import COLUMN_TYPES, RawTable
from .validation import BOOL, NONE, RULES, Rule, number, one_of, whole

TIME_SHARE = 0.95  # of the time limit, after which the search ends
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
    task: ClassVar[Task]

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
        model_: Model

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
            Or the path of a file, a folder or a glob, or a dataset of pyarrow. Such a table need
            not fit into memory; y is then the name of the target column, and the other arguments
            can't be given.
        y : array or column of shape (n_samples,), or str
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
        others = sample_weight, groups, time, X_val, y_val
        with all_or_nothing(self):
            if is_file_input(X):
                files = check_file_input(X, y, others)
                if isinstance(files, PreparedFiles) or not estimated_size(files).fits:
                    return self._fit_files(files, y)
                rows = read_whole(files, y, self.task, self.column_types)
                X, y = rows.table, rows.target
            return self._fit(X, y, *others)

    @with_callbacks
    def _fit(
        self, X: Any, y: Any, sample_weight: Any, groups: Any, times: Any, X_val: Any, y_val: Any
    ) -> Self:
        """Check and encode the data, and search."""
        began = time.perf_counter()
        self._check_params()
        table = to_table(X)
        features = Features.of(X, table)
        self._name_features(features)
        self._read_columns(table)
        if X_val is not None:
            X_val = features.find(X_val, table.column_names, type(self).__name__, "X_val")
            check_readable(X_val, self.readings_, "X_val")
        train, val = check_fit_inputs(table, y, sample_weight, groups, times, X_val, y_val)
        config = self._config(began)
        inputs = prepare_search(train, val, features, self.readings_, config)
        with fit_task(self, X, y, sample_weight, dict) as end_epoch, ExitStack() as stack:
            self.model_ = search(inputs, config, self._callbacks(stack, end_epoch)).model
        return self

    @with_callbacks
    def _fit_files(self, files: TableFiles | PreparedFiles, y: str) -> Self:
        """Encode a table that does not fit into memory on disk, and search."""
        began = time.perf_counter()
        self._check_params()
        if isinstance(files, TableFiles):
            files = prepare_files(files, y, self.task, self.column_types)
            for note in files.notes:
                warnings.warn(note, UserWarning, stacklevel=5)
        self._name_features(files.schema.features)
        self.readings_, self.notes_ = files.readings, tuple(files.notes)
        config = self._config(began)
        with TemporaryDirectory(prefix="jubako-") as folder, ExitStack() as stack:
            inputs = files.encode(Path(folder), config)
            end_epoch = stack.enter_context(fit_task(self, files, y, None, dict))
            self.model_ = search(inputs, config, self._callbacks(stack, end_epoch)).model
        return self

    def _check_params(self) -> None:
        """Refuse parameters of a wrong type, or outside their range."""
        for name, value in self.get_params(deep=False).items():
            TABULAR_RULES[name].check(type(self).__name__, name, value)
        check_name(self.eval_metric)

    def _config(self, began: float) -> SearchConfig:
        """Return how to search, given when the fit began."""
        return SearchConfig(
            preset=self.preset,
            began=began,
            end=np.inf if self.time_limit is None else began + TIME_SHARE * self.time_limit,
            refit=self.refit,
            n_jobs=self.n_jobs,
            task=self.task,
            eval_metric=self.eval_metric,
            class_weight=getattr(self, "class_weight", None),
            n_folds=self.n_folds,
            seed=int(check_random_state(self.random_state).randint(2**31 - 1)),
            time_limit=self.time_limit,
        )

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

    # What was learned

    @property
    def leaderboard_(self) -> Any:
        """The candidates, best first: a DataFrame of pandas, or a pyarrow.Table without pandas.

        Its columns are rank, layers, activation, configuration (the other settings), oof_loss
        (out-of-fold; optimistic, since each network has stopped at its best epoch on these rows),
        weight (in the ensemble), epochs, best_epoch and seconds.
        """
        check_is_fitted(self, "model_")
        board = sorted(self.model_.log.leaderboard, key=lambda line: line["oof_loss"])
        table = pa.Table.from_pylist([{"rank": i, **line} for i, line in enumerate(board, 1)])
        try:
            return table.to_pandas()
        except ImportError:
            return table

    @property
    def ensemble_(self) -> list[FittedNetwork]:
        """The networks in the ensemble."""
        check_is_fitted(self, "model_")
        return self.model_.networks

    @property
    def weights_(self) -> Array:
        """The weights of the networks in the ensemble, which sum to one."""
        return np.array([network.weight for network in self.ensemble_])

    @property
    def target_(self) -> Any:
        """How the target is encoded."""
        check_is_fitted(self, "model_")
        return self.model_.target

    @property
    def loss_(self) -> float:
        """The out-of-fold loss of the ensemble."""
        check_is_fitted(self, "model_")
        return self.model_.log.loss

    @property
    def stopped_(self) -> str:
        """What ended the fit."""
        check_is_fitted(self, "model_")
        return self.model_.log.stopped

    @property
    def seconds_(self) -> float:
        """How long the fit took."""
        check_is_fitted(self, "model_")
        return self.model_.log.seconds

    def predict(self, X: Any) -> Array:
        """Predict the likeliest class of each row, or its number; shape (n_samples,)."""
        table = self.find_features(X)
        return self.model_.predict(table)

    def restore(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        self.set_params(**{key: as_param(value) for key, value in words["params"].items()})
        for name, value in self.get_params(deep=False).items():
            TABULAR_RULES[name].check("the model", name, value)
        model = model_from_plain(words, arrays)
        if (
            model.schema is None
            or not model.schema.codes
            or isinstance(model.target, UnscaledTarget)
        ):
            raise ValueError("a network for arrays, where an ensemble for tables is needed")
        if (model.task == "classify") != (model.temperature is not None):
            raise ValueError(f"the temperature {model.temperature}")
        if model.task != self.task:
            raise ValueError(f"a model to {model.task}")
        if (
            isinstance(model.target, NumericTarget)
            and not np.isfinite(model.target.encoded_range).all()
        ):
            raise ValueError("a target without a range")
        loss = "class" if self.task == "classify" else "real"
        if any(network.net.loss.target != loss for network in model.networks):
            raise ValueError("a network with another loss than a search uses")
        self.readings_ = {column.name: column.reading for column in model.columns}
        self.notes_ = ()
        self._name_features(model.schema.features)
        self.model_ = model


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

    task = "classify"

    preset: str = "default"
    _: KW_ONLY
    class_weight: Mapping[Any, float] | str | None = None

    @property
    def classes_(self) -> Array:
        """The labels in order."""
        return self.target_.classes

    @property
    def temperature_(self) -> float:
        """Probabilities are raised to the power of 1 / temperature."""
        check_is_fitted(self, "model_")
        assert self.model_.temperature is not None
        return self.model_.temperature

    def predict_proba(self, X: Any) -> Array:
        """Predict the probability of each class, shape (n_samples, n_classes)."""
        table = self.find_features(X)
        return self.model_.predict_proba(table)


@dataclass(eq=False, repr=False)
class TabularRegressor(RegressorMixin, BaseTabular):
    """Predicts a number, given a raw table: numbers, categories, dates, missing values.

    All parameters and attributes are those of `TabularClassifier`, but those about classes and
    probabilities. Predictions stay within the range of the targets that it has learned.
    """

    task = "regress"

    preset: str = "default"
    _: KW_ONLY


def status_of(now: Progress) -> Status:
    """Return what the display shows after an epoch of a candidate."""
    layers = "-".join(map(str, now.candidate.hidden)) or "linear"
    loss = "" if now.record.val_loss is None else f", held-out loss {now.record.val_loss:.4f}"
    text = (
        f"{'refit, ' if now.refit else ''}candidate {now.number} of {now.n_candidates} ({layers}), "
        f"epoch {now.epoch} of {now.n_epochs}{loss}"
    )
    return Status("refit" if now.refit else "search", now.number, now.done, now.seconds, text)
