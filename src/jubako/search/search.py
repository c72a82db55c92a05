"""Model search: from the rows of a table to a model."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np

from jubako._version import __version__
from jubako.core.activations import Array
from jubako.core.losses import CrossEntropy, Loss, SquaredError
from jubako.data.casting.reading import Reading
from jubako.data.dataset import Dataset, concatenate
from jubako.data.errors import rows_of_file
from jubako.data.target import ClassTarget, NumericTarget
from jubako.model.calibration import soften
from jubako.model.features import Features
from jubako.model.model import Model
from jubako.model.model_json import schema_to_plain
from jubako.model.schema import Schema
from jubako.model.target_json import target_to_plain
from jubako.model.training_log import TrainingLog
from jubako.training.history import Record

from .budget import FIRST_SHARE, PILOT, affordable_rows, encodable_rows, rows_to_repeat
from .config import Progress, SearchConfig, candidates_of
from .conformal import TIME_SHARE, class_scores, number_scores
from .decision import DEFAULT, Decision, decision_for
from .encoded import EncodedRows, encode_rows
from .fold_losses import fold_losses
from .folds import MANY, hold_out
from .metric import loss_function
from .run_folder import open_run
from .run_settings import earlier_settings
from .search_run import search_ensemble
from .targets import encode_targets
from .workers import worker_count


@dataclass(frozen=True, slots=True)
class SearchInputs:
    """The inputs of a search.

    Parameters
    ----------
    target : ClassTarget or NumericTarget
        The encoding of the target.
    schema : Schema
        The encoding of the table.
    rows : EncodedRows
        All rows, with those of each fold.
    loss : callable
        From an out-of-fold prediction (n_held_out, n_out) to a number.
    n_left_out : int
        Number of training rows that are not used because of the time limit.
    decision : Decision
        By which classes are predicted.
    has_folds : bool
        Whether there is time to train networks on all folds; otherwise there are two networks.
    """

    target: ClassTarget | NumericTarget
    schema: Schema
    rows: EncodedRows
    loss: Callable[[Array], float]
    n_left_out: int
    decision: Decision = DEFAULT
    has_folds: bool = True


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The result of a search.

    Parameters
    ----------
    model : Model
    leaderboard : list of dict
        One for each candidate that was tried.
    histories : list of lists of Record
        The epochs of each candidate that was tried.
    oof_prediction : array, shape (n_held_out, n_out)
        Out-of-fold prediction of the ensemble before the refit, not calibrated: probabilities, or
        standardized numbers, of `EncodedRows.held_out`.
    """

    model: Model
    leaderboard: list[dict[str, Any]]
    histories: list[list[Record]]
    oof_prediction: Array


def prepare_search(
    train: Dataset,
    val: Dataset | None,
    features: Features,
    readings: Mapping[str, Reading],
    config: SearchConfig,
) -> SearchInputs:
    """Encode the rows of a table, and decide which rows each network is validated on.

    Parameters
    ----------
    train : Dataset
        With weights > 0.
    val : Dataset or None
        Validation rows for all networks, instead of folds.
    features : Features
        The columns of the table.
    readings : dict of str to Reading
        How the values of each column are read.
    config : SearchConfig

    Returns
    -------
    SearchInputs

    Raises
    ------
    ParameterError, TableError
        If the target, a column or the metric can't be used, or too few rows are left.
    """
    target = fit_target(train, config)
    train, val = encode_targets(train, val, target, config.class_weight)
    start, n_rows = target.constant_output(train.target, train.w), len(train.target)
    loss: Loss = CrossEntropy() if config.task == "classify" else SquaredError()
    schema, train, has_folds = fit_schema_in_time(train, features, readings, loss, start, config)
    held = hold_out(
        len(train.target),
        0 if val is None else len(val.target),
        classes=train.target[:, 0].astype(int) if config.task == "classify" else None,
        groups=train.groups,
        times=train.time,
        seed=config.seed,
        n_folds=config.n_folds,
        n_in=schema.n_inputs,
        few=rows_to_repeat(config.preset, config.time_limit),
        many=MANY if has_folds else 0,
    )
    both = concatenate(train, val, readings)
    rows = encode_rows(schema, both, loss, start, held, config.seed)
    codes, w = both.target[rows.held_out], rows.w[rows.held_out]
    decision = decision_for(config, target, codes, w)
    metric = loss_function(config.eval_metric, target, codes, w, decision.costs)
    n_left_out = n_rows - len(train.target)
    return SearchInputs(target, schema, rows, metric, n_left_out, decision, has_folds)


def search(
    inputs: SearchInputs,
    config: SearchConfig,
    callbacks: Sequence[Callable[[Progress], object]] = (),
) -> SearchResult:
    """Search for the ensemble with the lowest out-of-fold loss.

    Parameters
    ----------
    inputs : SearchInputs
    config : SearchConfig
        The one that the inputs were prepared with.
    callbacks : sequence of callables
        Each is called with a `Progress` after each epoch; the search ends if one returns True.

    Returns
    -------
    SearchResult
    """
    is_class = config.task == "classify"
    calibrate = is_class and config.eval_metric is None
    began, end = config.began, config.end
    if not is_class:
        config = replace(config, end=began + (1 - TIME_SHARE) * (end - began))
    has_workers = worker_count(config.n_jobs) > 1
    if config.run_dir is None and not has_workers:
        found = search_ensemble(inputs.rows, config, inputs.loss, calibrate, callbacks)
    else:
        with open_run(config.run_dir, run_settings(inputs, config), inputs.rows) as (
            folder,
            stored,
        ):
            found = search_ensemble(
                stored.load(), config, inputs.loss, calibrate, callbacks, folder, stored
            )
    rows, oof, stopped = inputs.rows, found.oof_prediction, found.stopped
    costs = None
    if is_class:
        calibrated = soften(oof, found.temperature)
        conformal, costs = class_scores(rows, calibrated), inputs.decision.choose(calibrated)
    else:
        is_over = stopped not in ("complete", "time")
        try:
            conformal = number_scores(rows, oof, -np.inf if is_over else end)
        except KeyboardInterrupt:  # what was trained is not lost
            conformal, stopped = number_scores(rows, oof, -np.inf), "interrupted"
    if stopped == "complete" and inputs.n_left_out:
        stopped = "time"
    seconds = time.perf_counter() - config.began
    model = Model(
        target=inputs.target,
        networks=found.networks,
        log=TrainingLog(
            stopped,
            found.loss,
            seconds,
            leaderboard=found.leaderboard,
            val_losses=[[record.val_loss for record in records] for records in found.histories],
            fold_losses=fold_losses(
                oof, rows, config.eval_metric, inputs.target, inputs.decision.costs
            ),
        ),
        schema=inputs.schema,
        temperature=found.temperature if is_class else None,
        conformal=conformal,
        costs=costs,
    )
    return SearchResult(model, found.leaderboard, found.histories, found.oof_prediction)


def run_settings(inputs: SearchInputs, config: SearchConfig) -> dict[str, object]:
    """Return the settings that must be the same to resume a search, besides the encoded rows.

    Parameters
    ----------
    inputs : SearchInputs
    config : SearchConfig

    Returns
    -------
    dict of JSON values
    """
    metric = config.eval_metric
    if callable(metric):  # a function's repr has an address
        metric = getattr(metric, "__qualname__", None) or repr(metric)
    words = schema_to_plain(inputs.schema), target_to_plain(inputs.target)
    columns, target = (sha256(json.dumps(plain).encode()).hexdigest() for plain in words)
    return {
        "library_version": __version__,
        "task": config.task,
        "n_rows": len(inputs.rows.y),
        "has_folds": inputs.has_folds,
        "columns": columns,
        "target": target,
        "preset": config.preset,
        "n_folds": config.n_folds,
        "refit": config.refit,
        "eval_metric": metric,
        "seed": config.seed,
        "n_candidates": len(candidates_of(config.preset, config.task == "classify", config.seed)),
    }


def fit_target(train: Dataset, config: SearchConfig) -> ClassTarget | NumericTarget:
    """Decide how the target is encoded.

    Parameters
    ----------
    train : Dataset
    config : SearchConfig

    Returns
    -------
    ClassTarget or NumericTarget
    """
    if config.task == "classify":
        return ClassTarget.fit(train.target)
    with rows_of_file(train.row_numbers):
        return NumericTarget.fit(train.target, train.w)


def fit_schema_in_time(
    train: Dataset,
    features: Features,
    readings: Mapping[str, Reading],
    loss: Loss,
    start: Array,
    config: SearchConfig,
) -> tuple[Schema, Dataset, bool]:
    """Decide how columns are encoded, and select the rows that there is time to use.

    These are all rows, or a random part for which a fraction of the time limit suffices to encode
    them, and another fraction for one epoch of the first candidate.

    Parameters
    ----------
    train : Dataset
    features : Features
    readings : dict of str to Reading
    loss : Loss
    start : array, shape (n_out,)
        Output before training.
    config : SearchConfig

    Returns
    -------
    Schema
    Dataset
        The selected rows.
    bool
        Whether there is time to train networks on all folds; otherwise two have to suffice.
    """
    if config.time_limit is None:
        return Schema.fit(features, train.table, readings, codes=True), train, True
    n_rows, n_columns = len(train.target), train.table.num_columns
    rows = encodable_rows(n_rows, n_columns, config.time_limit, config.seed)
    schema = Schema.fit(features, train.take(np.sort(rows)).table, readings, codes=True)
    n_affordable, has_folds = len(rows), True
    if len(rows) > PILOT:
        part, held = replace(train.take(rows[:PILOT]), weights=None), [np.arange(1)]
        pilot = encode_rows(schema, part, loss, start, held, config.seed)
        seconds = FIRST_SHARE * (config.end - time.perf_counter())
        n_affordable, has_folds = affordable_rows(pilot, seconds, len(rows), config.n_folds)
        earlier = earlier_settings(config.run_dir)  # another time limit may afford others
        n_affordable = earlier.get("n_rows", n_affordable)
        has_folds = earlier.get("has_folds", has_folds)
    return schema, train.take(np.sort(rows[:n_affordable])), has_folds
