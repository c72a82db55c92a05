"""`jubako train`: train networks on a table, save them, and evaluate them on held-out rows."""

import warnings
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np

from jubako.data.column_encoding import encode, fit_columns
from jubako.data.dataset import Dataset
from jubako.data.errors import rows_of_file
from jubako.data.target_column import Task
from jubako.estimators.loading import load_with_note
from jubako.estimators.single_network import SingleNetworkClassifier, SingleNetworkRegressor
from jubako.estimators.tabular import TabularClassifier, TabularRegressor
from jubako.evaluation.baselines import baselines
from jubako.evaluation.metrics import Metrics, evaluate
from jubako.i18n.messages import Message
from jubako.model.schema_json import plain_value
from jubako.search.run_settings import has_run

from .cluster import cluster_workers
from .console import err, print_json, print_notes
from .errors import DONE, STOPPED_EARLY, UsageError
from .interrupts import interrupts
from .metric_tables import TASKS
from .output_files import saved
from .progress import fit_many, fit_one
from .train_data import TrainData
from .train_files import read_in_memory_or_not
from .train_options import TrainOptions, seconds
from .train_report import (
    MODEL,
    UNTRAINED,
    facts,
    report_early_stop,
    run_text,
    seconds_of,
    show_columns,
    show_data,
    show_metrics,
    show_training,
    suggest,
)

MOST_COMPARED = 50_000  # rows on which the baselines are trained, whose inputs take much memory


def run(options: TrainOptions) -> int:
    """Read, train, save, evaluate and report. Return the exit code."""
    options.check()
    data = read_in_memory_or_not(options)
    print_notes(data.notes)
    one = options.single_network
    model = resumed(options.path, data.task) if options.resume else new(data.task, options)
    limit = seconds(options.time)
    if limit is not None:
        limit = max(min(1.0, limit), limit - data.seconds)
    settings = {"time_limit": limit, "column_types": data.prepared.readings}
    model.set_params(**settings)
    show_data(options.data, data)
    untrained: Any = None
    if data.files:
        show_columns(data.files.schema.columns, data.files.schema.dropped)
    elif not one:
        show_columns(*fit_columns(data.train.table, model.codes, data.prepared.readings))
    elif not options.resume:
        untrained = fit_columns_only(model, data.train)
        show_columns(untrained.columns_, untrained.dropped_)
        if options.run is not None:  # which continues from its own checkpoint
            model = new(data.task, options).set_params(**settings)
    if one:
        has_val = data.val is not None or bool(data.files and data.files.val)
        model.set_params(early_stopping=has_val, run_dir=options.run)
        if options.epochs is not None:
            model.set_params(max_iter=options.epochs)
    with interrupts.held():  # or one could come between training and saving
        try:
            fit(model, data, options)
        except KeyboardInterrupt:
            if options.run is not None and has_run(options.run):
                err.print(run_text(options.run))
            raise
        if untrained is not None:
            model.set_params(warm_start=False, max_iter=options.epochs)
        note = note_of(model, data, options)
        model.save(options.path, note)  # before measuring, so that it is safe
        saved.append(options.path)
        err.print(Message("Saved as {path}.", path=str(options.path)))
    metrics = measure(model, untrained, data)
    if options.json:
        answer = {"model": str(options.path), **as_json(note), "test_rows": len(data.test.target)}
        print_json(answer | {"notes": data.notes, "metrics": metrics, **facts(model)})
    else:
        show_training(model)
        show_metrics(metrics, data)
    early = report_early_stop(model, options.time, options.run)
    suggest(options, data.target)
    return STOPPED_EARLY if early else DONE


def fit(model: object, data: TrainData, options: TrainOptions) -> None:
    """Train a network, or search over candidates."""
    with rows_of_file(data.train.row_numbers):
        if options.single_network:
            fit_one(model, data.files or data.train, data.val)
        else:
            with cluster_workers(options.cluster):
                fit_many(model, data.files or data.train, data.val)


def new(task: Task, options: TrainOptions) -> Any:
    """Return the unfitted estimator that the options describe."""
    if not options.single_network:
        search: Any = TabularClassifier if task == "classify" else TabularRegressor
        preset = options.preset or "default"
        return search(
            preset,
            refit=options.refit,
            random_state=options.seed,
            n_jobs=options.jobs,
            run_dir=options.run,
        )
    activations = options.activations()
    single: Any = SingleNetworkClassifier if task == "classify" else SingleNetworkRegressor
    return single(
        options.hidden_sizes(),
        activations[0] if len(activations) == 1 else activations,
        dropout=options.dropout,
        random_state=options.seed,
    )


def resumed(path: Path, task: Task) -> Any:
    """Load the model whose training is to be resumed."""
    model, note = load_with_note(path)
    if note.get("task") != task:
        raise UsageError(
            Message(
                "{path} was trained for {earlier}, not for {task}.",
                path=str(path),
                earlier=TASKS.get(note.get("task", ""), note.get("task")),
                task=TASKS[task],
            )
        )
    if model.model_.log.leaderboard:
        raise UsageError(
            Message(
                "{path} holds an ensemble, whose training has ended: --resume continues a single "
                "network, trained with --plain.",
                path=str(path),
            )
        )
    return model.set_params(warm_start=True)


def fit_columns_only(model: Any, rows: Dataset) -> Any:
    """Fit the columns and the initial weights, and return a copy of the untrained model.

    Training then continues from there, with bit-identical results, without fitting the columns
    again.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("default", "Jubako computes with")  # it comes only once
        model.set_params(max_iter=0).fit(rows.table, rows.target)
    untrained = deepcopy(model)
    model.set_params(max_iter=None)
    model.set_params(warm_start=True, max_iter=model.epochs(len(rows.target)))
    return untrained


def note_of(model: object, data: TrainData, options: TrainOptions) -> dict[str, Any]:
    """Return the note that is saved with a model."""
    return {
        "data": Path(options.data).name,
        "target": data.target,
        "task": data.task,
        "target_reading": plain_value(data.prepared.target_reading),
        "rows": data.files.n_rows if data.files else len(data.train.target),
        "seed": options.seed,
        "seconds": round(seconds_of(model), 3),
    }


def as_json(note: dict[str, Any]) -> dict[str, Any]:
    """Return a note for the JSON output."""
    names = {"rows": "train_rows"}
    return {names.get(key, key): value for key, value in note.items() if key != "target_reading"}


def measure(model: Any, untrained: object, data: TrainData) -> dict[str, Metrics]:
    """Compute the metrics of the model and of the baselines on the test set."""
    rows, test = data.train, data.test
    if len(rows.target) > MOST_COMPARED:
        order = np.random.default_rng(0).permutation(len(rows.target))
        rows = rows.take(np.sort(order[:MOST_COMPARED]))
    metrics = {MODEL: evaluate(model, test.table, test.target)}
    if untrained is not None:
        metrics[UNTRAINED] = evaluate(untrained, test.table, test.target)
    if not model.model_.log.leaderboard:
        columns = model.columns_
    else:  # with fewer levels of categories
        columns, _ = fit_columns(rows.table, readings=data.prepared.readings)
    x, x_test = encode(columns, rows.table), encode(columns, test.table)
    classify = data.task == "classify"
    return metrics | baselines(x, rows.target, x_test, test.target, classify)
