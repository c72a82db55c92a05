"""The base class of `SingleNetworkClassifier` and `SingleNetworkRegressor`."""

import os
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from copy import copy
from dataclasses import KW_ONLY, dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted

from jubako.core.activations import Array
from jubako.data.casting.reading import Reading
from jubako.data.dataset import Dataset
from jubako.data.errors import TableError, rows_of_file
from jubako.data.target import ClassTarget, NumericTarget
from jubako.data.unscaled_target import UnscaledTarget
from jubako.i18n.messages import Message
from jubako.model.features import Features
from jubako.model.model import Model
from jubako.model.model_json import model_from_plain
from jubako.model.schema import Schema
from jubako.search.prepared_files import PreparedFiles
from jubako.training.history import Record

from .base_mlp import BaseMLP, all_or_nothing
from .callbacks import EpochRelay, fit_task, with_callbacks
from .fit_inputs import open_rows
from .mlp_run import check_run_dir, random_of
from .progress import Status, progress
from .saving import plain_params
from .single_network_files import train_on_files
from .table_estimator import COLUMN_TYPES, TableEstimator
from .validation import NONE, RULES, check_weights, number, whole

STEPS = 16_000  # typical number of updates until convergence
FEW = 2000  # rows up to which a network overfits without dropout
EPOCHS = 20, 200  # minimum and maximum number of epochs
PLAIN_RULES = RULES | {
    "dropout": NONE | RULES["dropout"],
    "max_iter": NONE | whole(0),
    "time_limit": NONE | number("(0, inf)"),
    "column_types": COLUMN_TYPES,
}


@dataclass(eq=False, repr=False)
class BaseSingleNetwork(TableEstimator):
    """Base class of `SingleNetworkClassifier` and `SingleNetworkRegressor`.

    `SingleNetworkClassifier` documents the parameters.
    """

    hidden_layer_sizes: Any = (64, 64)
    activation: Any = "relu"
    _: KW_ONLY
    dropout: float | Sequence[float] | None = None
    max_iter: int | None = None
    time_limit: float | None = None
    early_stopping: bool = False
    warm_start: bool = False
    random_state: Any = None
    verbose: bool | int = False
    callbacks: Sequence[Callable[[Record], object]] | None = None
    column_types: Mapping[str, Any] | None = None
    run_dir: str | os.PathLike[str] | None = None

    if TYPE_CHECKING:  # set by fit
        mlp_: BaseMLP = field(init=False)

    def _new(self, n_rows: int) -> BaseMLP:
        """Return the untrained network that the parameters describe."""
        raise NotImplementedError

    def _fit_target(self, y: Array) -> ClassTarget | NumericTarget:
        """Decide how the target is encoded."""
        raise NotImplementedError

    @classmethod
    def from_network(
        cls, mlp: BaseMLP, schema: Schema, target: ClassTarget | NumericTarget
    ) -> Self:
        """Return an estimator for tables, given a network that was trained on encoded rows.

        Parameters
        ----------
        mlp : MLPClassifier or MLPRegressor
            Fitted.
        schema : Schema
            The encoding of the table.
        target : ClassTarget or NumericTarget
            The encoding of the target; with a `ClassTarget` the network is trained on the labels.
        """
        estimator = cls()
        estimator._wrap(mlp, schema, target)
        return estimator

    def _wrap(self, mlp: BaseMLP, schema: Schema, target: ClassTarget | NumericTarget) -> None:
        """Set the fitted attributes and the parameters from a network."""
        shared = {field.name for field in fields(mlp)} & self.get_params(deep=False).keys()
        self.set_params(**{name: getattr(mlp, name) for name in shared})
        self._adopt_schema(schema)
        self._keep(mlp, schema, target)

    def _keep(
        self,
        mlp: BaseMLP,
        schema: Schema,
        target: ClassTarget | NumericTarget,
        timed_out: bool = False,
    ) -> None:
        """Set the fitted attributes: the network, and the model for tables."""
        (network,), log = mlp.model_.networks, mlp.model_.log
        # its alpha fits its batches, so that the penalty does not depend on the rows of a step
        alpha_rows = None if isinstance(mlp.batch_size, str) else int(mlp.batch_size)
        network = replace(network, step=replace(network.step, alpha_rows=alpha_rows))
        if timed_out and log.stopped == "callback":
            log = replace(log, stopped="time")
        self.mlp_: BaseMLP = mlp
        self.model_: Model = Model(target=target, networks=[network], schema=schema, log=log)

    def fit(
        self,
        X: object,
        y: object,
        sample_weight: object = None,
        *,
        X_val: object = None,
        y_val: object = None,
    ) -> Self:
        """Decide how each column is encoded, and train the network.

        Parameters
        ----------
        X : DataFrame of pandas or polars, pyarrow.Table, or array of shape (n_samples, n_features)
        y : array or column of shape (n_samples,)
        sample_weight : array of shape (n_samples,), >= 0, optional
        X_val, y_val : like X and y, optional
            Validation data. `early_stopping=True` returns to the epoch with the best score on it.

        Returns
        -------
        self
        """
        with all_or_nothing(self):
            if isinstance(X, PreparedFiles):
                return self._fit_files(X)
            return self._fit(X, y, sample_weight, X_val, y_val)

    def _fit_files(self, files: PreparedFiles) -> Self:
        """Train on a table in files."""
        started = time.perf_counter()
        for name, value in self.get_params(deep=False).items():
            PLAIN_RULES[name].check(type(self).__name__, name, value)
        check_run_dir(self, once=False)
        self._name_features(files.schema.features)
        self.readings_: dict[str, Reading] = files.readings
        self.notes_: tuple[str, ...] = tuple(files.notes)
        timed_out = False

        def observe(record: Record) -> bool:
            nonlocal timed_out
            ended = [callback(record) is True for callback in self.callbacks or ()]
            timed_out = (
                self.time_limit is not None and time.perf_counter() - started > self.time_limit
            )
            return any(ended) or timed_out

        random, stored_seed = random_of(self, once=False)
        seeds = int(random.randint(2**31 - 1)), stored_seed
        run_dir = None if self.run_dir is None else Path(self.run_dir)
        mlp, target = train_on_files(self._new, files, seeds, observe, self.max_iter, run_dir)
        self._keep(mlp, files.schema, target, timed_out)
        return self

    @with_callbacks
    def _fit(self, X: Any, y: Any, sample_weight: Any, X_val: Any, y_val: Any) -> Self:
        """Check, encode and train."""
        started = time.perf_counter()
        for name, value in self.get_params(deep=False).items():
            PLAIN_RULES[name].check(type(self).__name__, name, value)
        check_run_dir(self, once=False)
        fresh = not (self.warm_start and hasattr(self, "model_"))
        table, target = open_rows(X if fresh else self.find_features(X), y)
        w = check_weights(sample_weight, len(target))
        features = Features.of(X, table) if fresh else self.schema_.features
        if fresh:
            self._name_features(features)
            self._read_columns(table)
        rows = Dataset(table, target, w).take(np.flatnonzero(w))  # without those of weight 0
        table, target, w = rows.table, rows.target, rows.w
        if fresh:
            if len(target) < 2:
                raise TableError(
                    Message(
                        "{n} rows are too few to learn from (n_samples={n}): give at least 2.",
                        n=len(target),
                    )
                )
            with rows_of_file(rows.row_numbers):
                coding = self._fit_target(target)
            schema = Schema.fit(features, table, self.readings_, self.codes)
            mlp = self._new(len(target))
        else:
            coding, schema, mlp = self.model_.target, self.schema_, self.mlp_
        assert not isinstance(coding, UnscaledTarget)
        with rows_of_file(rows.row_numbers):
            x, target = schema.encode(table), as_learned(coding, target)
        mlp.set_params(warm_start=not fresh, early_stopping=self.early_stopping)
        if self.max_iter is not None:
            mlp.set_params(max_iter=self.max_iter)
        if X_val is not None and y_val is not None:  # one of them alone is refused below
            used = [column.name for column in schema.columns]
            X_val = features.find(X_val, used, type(self).__name__, "X_val")
            table_val, target_val = open_rows(X_val, y_val, "_val")
            X_val, y_val = schema.encode(table_val, source="X_val"), as_learned(coding, target_val)

        def attributes(mlp: BaseMLP) -> dict[str, Any]:
            fitted = copy(self)
            fitted._keep(mlp, schema, coding)
            return {name: getattr(fitted, name) for name in ("mlp_", "model_")}

        task = fit_task(self, X, y, sample_weight, lambda: attributes(mlp), mlp.max_iter)
        with task as end_epoch:
            relay = end_epoch and EpochRelay(lambda mlp: end_epoch(lambda: attributes(mlp)))
            timed_out = self._train(mlp, started, relay, x, target, w, X_val=X_val, y_val=y_val)
        self._keep(mlp, schema, coding, timed_out)
        return self

    def _train(
        self, mlp: BaseMLP, started: float, relay: EpochRelay | None, *rows: object, **val: object
    ) -> bool:
        """Train the network until the time limit, and return whether that was reached."""
        limit = np.inf if self.time_limit is None else started + self.time_limit
        timed_out = False

        def check_time(record: Record) -> bool:
            nonlocal timed_out
            timed_out = time.perf_counter() >= limit
            return timed_out

        callbacks = [*(self.callbacks or ()), check_time]
        try:
            with warnings.catch_warnings(), ExitStack() as stack:
                warnings.simplefilter("ignore", ConvergenceWarning)  # it is in the history
                if self.verbose:
                    show = stack.enter_context(progress(self.time_limit))
                    callbacks.append(lambda record: show(status_of(record, mlp.max_iter)))
                if relay:
                    mlp.set_callbacks(relay)
                mlp.set_params(callbacks=callbacks, run_dir=self.run_dir)
                mlp.fit(*rows, **val)
        finally:
            mlp.set_params(callbacks=None, run_dir=None)
            mlp.__dict__.pop("_skl_callbacks", None)
        return timed_out

    @property
    def n_iter_(self) -> int:
        """The number of epochs of the last fit."""
        check_is_fitted(self, "model_")
        return self.model_.log.epochs

    def epochs(self, n_rows: int) -> int:
        """Return the maximum number of epochs for a table of `n_rows` rows."""
        if self.max_iter is not None:
            return self.max_iter
        return int(np.clip(STEPS / -(-n_rows // rows_in_a_step(n_rows)), *EPOCHS))

    def _settings(self, n_rows: int) -> dict[str, Any]:
        """Return the parameters of a network for a table of `n_rows` rows."""
        batch_size = rows_in_a_step(n_rows)
        return {
            "hidden_layer_sizes": self.hidden_layer_sizes,
            "activation": self.activation,
            "dropout": self.dropout if self.dropout is not None else 0.2 * (n_rows <= FEW),
            "init": "he",
            "schedule": "cosine",
            "learning_rate_init": 0.01,
            "batch_size": batch_size,
            "alpha": 2 * batch_size / n_rows,  # the penalty is then |w|² / n_rows
            "max_iter": self.epochs(n_rows),
            "n_iter_no_change": np.inf,
            "random_state": self.random_state,
        }

    def describe(self) -> tuple[dict[str, Any], dict[str, Array]]:
        """Return the contents of a model file: the model, the parameters and the checkpoint."""
        words, arrays = super().describe()
        checkpoint, more = self.mlp_.describe_checkpoint()
        return words | {"params": plain_params(self.mlp_)} | checkpoint, arrays | more

    def restore(self, words: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Restore the network and its columns from the contents of a model file.

        Raises
        ------
        ValueError
            If they are not those of one network for a table and one target.
        """
        mlp = self._new(1)
        mlp.set_saved_params(words["params"])
        model = model_from_plain(words, arrays, mlp.training_step())
        target, schema = model.target, model.schema
        if schema is None or schema.codes:
            raise ValueError("a network for tables without columns, or with codes of categories")
        several = isinstance(target, ClassTarget) and target.kind == "multilabel"
        if several or isinstance(target, UnscaledTarget):
            raise ValueError("a network for several targets")
        inner = target if isinstance(target, ClassTarget) else UnscaledTarget(1)
        mlp.adopt(replace(model, target=inner, schema=None))
        mlp.restore_checkpoint(words, arrays)
        self._wrap(mlp, schema, target)


def as_learned(target: ClassTarget | NumericTarget, y: Array) -> Array:
    """Return a target in the form for the network: labels, or standardized numbers."""
    return y if isinstance(target, ClassTarget) else target.encode(y)[:, 0]


def status_of(record: Record, epochs: int) -> Status:
    """Return the status after an epoch, for the progress display."""
    loss = f"loss {record.train_loss:.4f}"
    if record.val_loss is not None:
        loss += f", validation loss {record.val_loss:.4f}"
    text = f"epoch {record.epoch} of {epochs}, {loss}"
    return Status("training", 0, record.epoch / epochs, record.seconds, text)


def rows_in_a_step(n_rows: int) -> int:
    """Choose the batch size for a table of `n_rows` rows."""
    return min(64 if n_rows <= 10_000 else 256, n_rows)
