"""A fitted model, as plain data."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from jubako.core.activations import Array
from jubako.data.casting.reading import Reading
from jubako.data.column_encoding import Column, Dropped
from jubako.data.one_row import OneRow
from jubako.data.target import ClassTarget, NumericTarget
from jubako.data.target_column import Task
from jubako.data.unscaled_target import UnscaledTarget
from jubako.i18n.messages import Message
from jubako.training.engines.base import Problem
from jubako.training.engines.native.engine import best_engine

from .calibration import soften
from .conformal import Conformal, Spread
from .contributions import contributions
from .decision import cheapest
from .errors import ModelFileError
from .fitted_network import FittedNetwork
from .schema import Schema
from .training_log import TrainingLog

CHUNK = 65_536  # rows of a table predicted at a time: bounds the memory

Target = ClassTarget | NumericTarget | UnscaledTarget


@dataclass(frozen=True, eq=False, kw_only=True)
class Model:
    """A fitted model.

    Parameters
    ----------
    target : ClassTarget, NumericTarget or UnscaledTarget
        How the target is encoded.
    networks : list of FittedNetwork
        Their weights sum to one.
    log : TrainingLog
        How the model was trained.
    schema : Schema or None
        How a table is encoded; None if the networks were trained on an array.
    feature_names : tuple of str
        Column names of that array, if it had any.
    temperature : float > 0 or None
        Temperature scaling: probabilities become proportional to p^(1 / temperature). None for no
        calibration.
    conformal : Conformal or None
        How far predictions were off on held-out rows, for intervals and sets.
    costs : array, shape (n_classes, n_classes), or None
        The cost of each error: rows are true classes, columns are predicted ones. The class with
        the lowest expected cost is predicted. None means that all errors cost the same.
    """

    target: Target
    networks: list[FittedNetwork]
    log: TrainingLog
    schema: Schema | None = None
    feature_names: tuple[str, ...] = ()
    temperature: float | None = None
    conformal: Conformal | None = None
    costs: Array | None = None

    @property
    def task(self) -> Task:
        """The task: "classify" or "regress"."""
        return "classify" if isinstance(self.target, ClassTarget) else "regress"

    @property
    def classes(self) -> Array | None:
        """The sorted labels, shape (n_classes,); None for regression."""
        return self.target.classes if isinstance(self.target, ClassTarget) else None

    @property
    def target_reading(self) -> Reading | None:
        """How the texts of a numeric target are read; None if it had no texts, or has classes."""
        return self.target.reading if isinstance(self.target, NumericTarget) else None

    @property
    def columns(self) -> list[Column]:
        """The encoding of each column of a table; empty for arrays."""
        return self.schema.columns if self.schema else []

    @property
    def columns_by_name(self) -> dict[str, Column]:
        """The columns that are used, by name: see `Schema.columns_by_name`; empty for arrays."""
        return self.schema.columns_by_name if self.schema else {}

    @property
    def dropped(self) -> list[Dropped]:
        """The columns of the table that are not used, and why."""
        return self.schema.dropped if self.schema else []

    @property
    def n_networks(self) -> int:
        """The number of networks in the ensemble, of all folds."""
        return sum(len(network.theta) for network in self.networks)

    @property
    def strongest(self) -> FittedNetwork:
        """The network with the largest weight in the ensemble."""
        return max(self.networks, key=lambda network: network.weight)

    @property
    def input_names(self) -> list[str] | None:
        """The names of the inputs of the networks, if they have any."""
        return self.schema.input_names if self.schema else list(self.feature_names) or None

    def with_theta(self, theta: Array) -> "Model":
        """Return the model of a single network with other parameters, shape (K, P)."""
        (network,) = self.networks
        return replace(self, networks=[replace(network, theta=theta)])

    def output_names(self, target: str = "y") -> list[str]:
        """Return the name of each output of a network: a class, or a column of the target.

        Parameters
        ----------
        target : str
            Name of the target.

        Returns
        -------
        list of str
        """
        n_outputs = self.strongest.net.layers[-1].n_out
        if self.classes is not None:
            return [str(label) for label in self.classes[-n_outputs:]]
        return [target] if n_outputs == 1 else [f"{target}{i + 1}" for i in range(n_outputs)]

    # Predicting

    def predict_raw(self, X: Any) -> Array:
        """Return the weighted mean of the networks' predictions.

        Parameters
        ----------
        X : pyarrow.Table or OneRow, or array or sparse array of shape (N, n_inputs)
            A table or a row if there is a schema, else numbers in the precision of the networks.

        Returns
        -------
        array, shape (N, n_outputs)

        Raises
        ------
        ModelFileError
            If a prediction is not finite.
        """
        if self.schema is None:
            prediction = self._average({False: X})
        else:
            parts = [self._average(self._encode(part)) for part in in_chunks(X)]
            prediction = parts[0] if len(parts) == 1 else np.concatenate(parts)
        check_finite(prediction)
        return prediction

    def _encode(self, table: pa.Table | OneRow, spread: Spread | None = None) -> dict[bool, Array]:
        """Return a table as numbers: by `FittedNetwork.quantiles`, what those networks take."""
        assert self.schema is not None
        networks = [*self.networks, spread.network] if spread else self.networks
        return self.schema.encode_views(table, {network.quantiles for network in networks})

    def _average(self, views: dict[bool, Any]) -> Array:
        """Return the weighted mean of the networks' predictions of encoded rows.

        It is float64, but that of a single network has the network's precision.
        """
        engine = best_engine()
        if len(self.networks) == 1:
            return self.networks[0].predict(engine, views[self.networks[0].quantiles])
        mean: Any = 0.0
        for network in self.networks:
            prediction = network.predict(engine, views[network.quantiles])
            mean = mean + np.float64(network.weight) * prediction
        return mean

    def predict_proba(self, X: Any) -> Array:
        """Return the probability of each class.

        Parameters
        ----------
        X : as in `predict_raw`

        Returns
        -------
        array, shape (N, n_classes)
            Rows sum to one, except in multilabel problems.

        Raises
        ------
        ModelFileError
            If a prediction is not finite.
        """
        return self._probabilities(self.predict_raw(X))

    def _probabilities(self, raw: Array) -> Array:
        """Return the probability of each class, given raw predictions."""
        p = self._calibrate(raw)
        is_single = p.shape[1] == 1 and self.classes is not None and len(self.classes) == 2
        return np.hstack([1 - p, p]) if is_single else p

    def _calibrate(self, p: Array) -> Array:
        """Return calibrated probabilities."""
        return p if self.temperature is None else soften(p.astype(np.float64), self.temperature)

    def predict(self, X: Any) -> Array:
        """Return the most probable classes, or the predicted numbers.

        Parameters
        ----------
        X : as in `predict_raw`

        Returns
        -------
        array, shape (N,), or (N, n) if y had n columns

        Raises
        ------
        ModelFileError
            If a prediction is not finite.
        """
        raw = self.predict_raw(X)
        target = self.target
        if isinstance(target, ClassTarget):
            p = self._calibrate(raw)
            if p.shape[1] == target.n_outputs and self.costs is None:
                return target.decode(target.choose(p))
            return self.decide(p)  # two classes may have an output for each
        if isinstance(target, NumericTarget):
            raw = raw.astype(np.float64)
        with np.errstate(over="ignore"):
            prediction = target.decode_predictions(raw)
        check_finite(prediction)
        return prediction

    def decide(self, p: Array) -> Array:
        """Return the labels to predict, given probabilities; see `costs`.

        Parameters
        ----------
        p : array, shape (N, n_classes)

        Returns
        -------
        array of labels, shape (N,)
        """
        assert isinstance(self.target, ClassTarget)
        return self.target.decode(cheapest(p, self.costs)[:, None])

    def predict_interval(self, X: pa.Table | OneRow, coverages: list[float]) -> Array:
        """Return intervals that hold the true number in a share of the rows.

        Parameters
        ----------
        X : pyarrow.Table of N rows, or OneRow
        coverages : list of float, in (0, 1)
            These shares.

        Returns
        -------
        array, shape (N, 2, n_coverages)
            The lower and the upper ends, in the units of the target, within its range.

        Raises
        ------
        ParameterError
            If a coverage is not in (0, 1), or too high for the number of held-out rows.
        ModelFileError
            If the model has no scores, or an end is not finite.
        """
        return self.predict_with_intervals(X, coverages)[1]

    def predict_with_intervals(
        self, X: pa.Table | OneRow, coverages: list[float]
    ) -> tuple[Array, Array]:
        """Return predictions as `predict`, and intervals as `predict_interval`, in one pass.

        Parameters
        ----------
        X : pyarrow.Table of N rows, or OneRow
        coverages : list of float, in (0, 1)

        Returns
        -------
        predictions : array, shape (N,)
        intervals : array, shape (N, 2, n_coverages)

        Raises
        ------
        ParameterError, ModelFileError
            See `predict_interval`.
        """
        conformal, target = self._conformal(), self.target
        assert isinstance(target, NumericTarget)
        q, engine = np.array([conformal.scores.quantile(c) for c in coverages]), best_engine()
        predictions, parts = list[Array](), list[Array]()
        for part in in_chunks(X):
            views, n_rows = self._encode(part, conformal.spread), part.num_rows
            center = self._average(views).astype(np.float64)
            reach = conformal.expected_errors(engine, views, n_rows)[:, None] * q
            ends = np.stack([center - reach, center + reach], 1)
            predictions.append(target.decode_predictions(center))
            parts.append(target.decode_predictions(ends.reshape(-1, 1)).reshape(ends.shape))
        prediction, intervals = np.concatenate(predictions), np.concatenate(parts)
        check_finite(prediction)
        check_finite(intervals)
        return prediction, intervals

    def predict_set(self, X: pa.Table | OneRow, coverages: list[float]) -> Array:
        """Return sets that hold the true class in a share of the rows.

        Parameters
        ----------
        X : pyarrow.Table of N rows, or OneRow
        coverages : list of float, in (0, 1)
            These shares.

        Returns
        -------
        array of bool, shape (N, n_classes, n_coverages)
            Whether a class is in the set of a row; the likeliest always is.

        Raises
        ------
        ParameterError, ModelFileError
            See `predict_interval`.
        """
        conformal, p = self._conformal(), self.predict_proba(X)
        return np.stack([conformal.sets(p, coverage) for coverage in coverages], -1)

    def contributions(self, X: pa.Table) -> dict[str, Array]:
        """Return the change of each prediction when a value replaces the typical one.

        Typical are the median of numbers and dates, and a missing value of categories and booleans.
        The prediction of a classifier is the probability of the class that is predicted.

        Parameters
        ----------
        X : pyarrow.Table of N rows

        Returns
        -------
        dict of str to array, shape (N,)
            By the names of the columns that the model uses. They need not sum to the prediction.

        Raises
        ------
        ModelFileError
            If a prediction is not finite.
        """
        assert self.schema is not None
        return contributions(self._encode(X), self.schema, self._outputs, self._chosen)

    def _outputs(self, views: dict[bool, Array]) -> Array:
        """Return probabilities (N, n_classes), or numbers (N, 1), of encoded rows."""
        raw = self._average(views)
        if isinstance(self.target, NumericTarget):
            outputs = self.target.decode_predictions(raw.astype(np.float64)).reshape(len(raw), -1)
        else:
            outputs = self._probabilities(raw)
        check_finite(outputs)
        return outputs

    def _chosen(self, outputs: Array) -> Array:
        """Return the number of the output that is predicted, shape (N,)."""
        return (
            cheapest(outputs, self.costs)
            if self.task == "classify"
            else np.zeros(len(outputs), int)
        )

    def _conformal(self) -> Conformal:
        """Return the scores of held-out rows."""
        if self.conformal is None:
            raise ModelFileError(
                Message(
                    "The model has no held-out errors to make intervals or sets from: it was "
                    "trained by an earlier version, on too few held-out rows, or distilled without "
                    "rows. Train it again, or distill it with rows."
                )
            )
        return self.conformal

    # Training, as far as a single step shows it

    def problem(self, X: Any, y: Any) -> Problem:
        """Return rows as the training problem of the strongest network, in float64.

        Parameters
        ----------
        X : as in `predict_raw`
        y : array, shape (N,) or (N, n_outputs)
            Labels or numbers.

        Returns
        -------
        Problem

        Raises
        ------
        TableError
            If y has unknown classes, or values that are not numbers in regression.
        """
        network, w = self.strongest, np.ones(X.num_rows if self.schema else X.shape[0])
        x: Any = self.schema.encode(X, network.quantiles) if self.schema else X
        x = np.asarray(x.toarray() if hasattr(x, "toarray") else x, np.float64)
        codes, step = self.target.encode(y), network.step
        if isinstance(self.target, ClassTarget) and step.class_weight is not None:
            w = self.target.weights(codes, w, step.class_weight)
        if network.net.loss.target != "class":
            codes = codes.astype(np.float64)
        problem = Problem(network.net, x, codes, w, step.alpha_for(len(x)))
        return problem if w.all() else problem.only(np.flatnonzero(w))


def in_chunks(table: pa.Table | OneRow) -> Sequence[pa.Table | OneRow]:
    """Return a table in slices of at most `CHUNK` rows.

    Parameters
    ----------
    table : pyarrow.Table or OneRow

    Returns
    -------
    sequence of pyarrow.Table or OneRow
    """
    if isinstance(table, OneRow) or table.num_rows <= CHUNK:
        return [table]
    return [table.slice(begin, CHUNK) for begin in range(0, table.num_rows, CHUNK)]


def check_finite(prediction: Array) -> None:
    """Refuse predictions that are infinite or NaN.

    Parameters
    ----------
    prediction : array

    Raises
    ------
    ModelFileError
        With the first such row, counted from 1.
    """
    if not np.isfinite(prediction).all():
        row = int((~np.isfinite(prediction).reshape(len(prediction), -1)).any(1).argmax())
        raise ModelFileError(
            Message(
                "The prediction of row {row} is not finite: the weights of the network, or values "
                "in the row, are too large. Train the model again, or scale the row as in "
                "training.",
                row=row + 1,
            )
        )
