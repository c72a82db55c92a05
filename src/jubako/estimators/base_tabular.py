"""The base class of `TabularClassifier` and `TabularRegressor`."""

import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self, cast

import numpy as np
import pyarrow as pa
from sklearn.base import clone
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from jubako.core.activations import Array
from jubako.data.casting.reading import Reading
from jubako.data.inference import check_readable
from jubako.data.readers.frames import to_table
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
from jubako.search.prepared_files import PreparedFiles
from jubako.search.run_folder import folder_for_rows
from jubako.search.run_settings import earlier_settings
from jubako.search.search import prepare_search, search

from .base_mlp import all_or_nothing
from .callbacks import EndEpoch, fit_task, with_callbacks
from .file_inputs import FileInputs, check_file_input, is_file_input
from .fit_inputs import check_fit_inputs
from .progress import Status, progress
from .saving import as_param
from .table_estimator import COLUMN_TYPES, TableEstimator
from .validation import BOOL, NONE, RULES, Rule, number, one_of, whole

TIME_SHARE = 0.95  # of the time limit, after which the search ends


def is_matrix(value: Any) -> bool:
    """Return whether a value could be a matrix; `decision_for` looks at what is in it."""
    return not isinstance(value, str) and hasattr(value, "__len__")


METRIC = Rule("a scorer of scikit-learn, or its name", lambda value: callable(value))
TABULAR_RULES = {
    "preset": one_of(PRESETS),
    "time_limit": NONE | number("(0, inf)"),
    "eval_metric": NONE | METRIC | Rule("its name", lambda value: isinstance(value, str)),
    "class_weight": RULES["class_weight"],
    "threshold": NONE | number("(0, 1)") | one_of(["auto"]),
    "cost_matrix": NONE | Rule("an array of shape (n_classes, n_classes)", is_matrix),
    "n_folds": whole(2),
    "refit": BOOL,
    "n_jobs": NONE | Rule("an int", lambda value: isinstance(value, int) and value != 0),
    "random_state": RULES["random_state"],
    "verbose": RULES["verbose"],
    "callbacks": RULES["callbacks"],
    "column_types": COLUMN_TYPES,
    "run_dir": RULES["run_dir"],
}


@dataclass(eq=False, repr=False)
class BaseTabular(TableEstimator):
    """Base class of `TabularClassifier`, which documents the parameters, and `TabularRegressor`."""

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
    run_dir: str | os.PathLike[str] | None = None

    if TYPE_CHECKING:  # set by fit
        model_: Model

    # Fitting

    def fit(
        self,
        X: Any,
        y: Any,
        sample_weight: object = None,
        *,
        groups: object = None,
        time: object = None,
        X_val: object = None,
        y_val: object = None,
    ) -> Self:
        """Decide how each column is encoded, and search for an ensemble of networks.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, or array of shape (n_samples, n_features)
            Or a table in files, which need not fit into memory: the path of a file, a folder or a
            glob, or a dataset of pyarrow. Then y, sample_weight, groups and time are names of
            columns, of which only that of time is also an input, and X_val is a path or a dataset.
        y : array or column of shape (n_samples,), or str
        sample_weight : array of shape (n_samples,), >= 0, optional
            Sample weights, for training and validation.
        groups : array of shape (n_samples,), optional
            Rows of the same group are never split between training and validation. Use it if rows
            of the same person, place or day are similar, and predictions are for others.
        time : array of shape (n_samples,), numbers or dates, optional
            Time of each row. Networks are validated on the latest rows, and trained on earlier
            ones. Use it for forecasts, preferably with `refit`.
        X_val, y_val : like X and y, optional
            Validation rows, instead of folds.

        Returns
        -------
        self
        """
        others = sample_weight, groups, time, X_val, y_val
        with all_or_nothing(self):
            if is_file_input(X):
                given = check_file_input(X, y, *others)
                if isinstance(given, PreparedFiles) or not estimated_size(given.files).fits:
                    return self._fit_files(given)
                rows, val = given.read(self.task, self.column_types)
                others = rows.weights, rows.groups, rows.time
                held_out = (None, None) if val is None else (val.table, val.target)
                return self._fit(rows.table, rows.target, *others, *held_out)
            return self._fit(X, y, *others)

    @with_callbacks
    def _fit(
        self,
        X: object,
        y: object,
        sample_weight: object,
        groups: object,
        times: object,
        X_val: object,
        y_val: object,
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
    def _fit_files(self, files: FileInputs | PreparedFiles) -> Self:
        """Encode a table that does not fit into memory on disk, and search."""
        began = time.perf_counter()
        self._check_params()
        config = self._config(began)
        if isinstance(files, FileInputs):
            if config.run_dir is None:
                files = files.until(began, self.time_limit, config.seed)
            files = files.prepare(self.task, self.column_types, config.seed)
            for note in files.notes:
                warnings.warn(note, UserWarning, stacklevel=5)
        self._name_features(files.schema.features)
        self.readings_: dict[str, Reading] = files.readings
        self.notes_: tuple[str, ...] = tuple(files.notes)
        with folder_for_rows(config.run_dir) as folder, ExitStack() as stack:
            inputs = files.encode(folder, config)
            end_epoch = stack.enter_context(fit_task(self, files, files.target, None, dict))
            self.model_ = search(inputs, config, self._callbacks(stack, end_epoch)).model
        return self

    def _check_params(self) -> None:
        """Validate the types and ranges of the parameters."""
        for name, value in self.get_params(deep=False).items():
            TABULAR_RULES[name].check(type(self).__name__, name, value)
        check_name(self.eval_metric)

    def _config(self, began: float) -> SearchConfig:
        """Return the configuration of the search, given the start of the fit."""
        # absolute, since workers may run in other folders
        run_dir = None if self.run_dir is None else Path(self.run_dir).absolute()
        seed = seed_of(self.random_state)
        if self.random_state is None:  # a killed search is resumed with its seed
            seed = earlier_settings(run_dir).get("seed", seed)
        return SearchConfig(
            preset=self.preset,
            began=began,
            end=np.inf if self.time_limit is None else began + TIME_SHARE * self.time_limit,
            refit=self.refit,
            n_jobs=self.n_jobs,
            run_dir=run_dir,
            task=self.task,
            eval_metric=self.eval_metric,
            class_weight=getattr(self, "class_weight", None),
            threshold=getattr(self, "threshold", None),
            cost_matrix=getattr(self, "cost_matrix", None),
            n_folds=self.n_folds,
            seed=seed,
            time_limit=self.time_limit,
        )

    def _callbacks(
        self, stack: ExitStack, end_epoch: EndEpoch | None
    ) -> list[Callable[[Progress], object]]:
        """Return the callbacks of the search; the stack closes the progress display."""
        callbacks = list(self.callbacks or ())
        if end_epoch:  # there is no ensemble yet
            callbacks.append(lambda now: end_epoch(None))
        if self.verbose:
            show = stack.enter_context(progress(self.time_limit))
            callbacks.append(lambda now: show(status_of(now)))
        return callbacks

    def distill(self, X: Any = None) -> Self:
        """Distill the ensemble into one small network, which predicts much faster.

        The network, the student, is trained to predict like the ensemble, its teacher, on the rows
        of X and on mixtures of them. Its size is the smallest that suffices. Labels are not needed.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, or array of shape (n_samples, n_features)
            Rows like those that will be predicted; those of `fit` are fine. A model does not store
            rows, so without X they are drawn from what it knows of each column: the student is then
            less like the teacher.

        Returns
        -------
        estimator of the same class
            With the same parameters, columns, classes, costs and threshold. Its `loss_` is the loss
            that it adds to the ensemble's, on rows of X that were held out; its `leaderboard_` has
            the sizes that were tried. The scores for intervals and sets are adapted.

        Raises
        ------
        ModelFileError
            If there is only one network already.
        TableError
            If X does not fit the model, or has fewer than 10 rows.
        """
        check_is_fitted(self, "model_")
        table = None if X is None else self.find_features(X)
        from jubako.search.distill import distill

        return self.with_model(distill(self.model_, table, seed_of(self.random_state)).model)

    def with_model(self, model: Model) -> Self:
        """Return an estimator with these parameters and another model."""
        other = cast(Self, clone(self))
        assert model.schema is not None
        other._adopt_schema(model.schema)
        other.model_ = model
        return other

    # Fitted model

    @property
    def leaderboard_(self) -> Any:
        """The candidates, best first: a DataFrame of pandas, or a pyarrow.Table without pandas.

        The columns are rank, layers, activation, configuration (the other settings), oof_loss
        (out-of-fold; optimistic, since the best epochs are chosen on the same rows), weight (in the
        ensemble), epochs, best_epoch and seconds.
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
    def loss_(self) -> float:
        """The out-of-fold loss of the ensemble."""
        check_is_fitted(self, "model_")
        return self.model_.log.loss

    @property
    def seconds_(self) -> float:
        """The duration of the fit."""
        check_is_fitted(self, "model_")
        return self.model_.log.seconds

    def restore(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Restore parameters, columns and networks from the contents of a model file.

        Raises
        ------
        ValueError
            If they are not those of an ensemble for a table, or of another task.
        """
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
        if not model.log.leaderboard or model.log.history:
            raise ValueError("an ensemble without a leaderboard, or with the history of a network")
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
        self._adopt_schema(model.schema)
        self.model_ = model


def seed_of(random_state: object) -> int:
    """Return the seed that `random_state` gives."""
    return int(check_random_state(random_state).randint(2**31 - 1))


def status_of(now: Progress) -> Status:
    """Return the status after an epoch of a candidate, for the progress display."""
    layers = "-".join(map(str, now.candidate.hidden)) or "linear"
    loss = "" if now.record.val_loss is None else f", held-out loss {now.record.val_loss:.4f}"
    text = (
        f"{'refit, ' if now.refit else ''}candidate {now.number} of {now.n_candidates} ({layers}), "
        f"epoch {now.epoch} of {now.n_epochs}{loss}"
    )
    return Status("refit" if now.refit else "search", now.number, now.done, now.seconds, text)
