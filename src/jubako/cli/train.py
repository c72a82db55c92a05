"""`jubako train`: networks for one table, measured on rows that they have not seen, and saved."""

import json
import re
import warnings
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.table import Table

from jubako.data.casting.reading import cast_numbers
from jubako.data.dataset import Dataset, Prepared, prepare, with_splitting, with_target
from jubako.data.errors import TableError, rows_of_file
from jubako.data.inference import Declared, check_readable
from jubako.data.schema import Column, Dropped, check_names, encode, fit_columns
from jubako.data.split import split
from jubako.data.target_column import SIGNS, Task, find_target, left_out
from jubako.estimators.loading import load_with_note
from jubako.estimators.single_network import PlainClassifier, PlainRegressor
from jubako.estimators.tabular import TabularClassifier, TabularRegressor
from jubako.evaluation.baselines import baselines
from jubako.evaluation.metrics import evaluate
from jubako.model.errors import ModelFileError
from jubako.model.model_file import SUFFIX
from jubako.model.schema_json import plain_value

from .console import err
from .errors import DONE, STOPPED_EARLY, UsageError
from .interrupts import interrupts
from .loading import check_columns, tell
from .output_files import check_output, saved
from .progress import fit_many, fit_one
from .table_options import TextFormat
from .train_report import facts, seconds_of, show, show_training, suggest, tell_if_early

LARGEST = 1e150  # size of a target: scores are computed from squares
MOST_SHOWN = 40  # columns in the summary
ENDINGS = re.compile(
    r"(\.(csv|tsv|tab|txt|dat|data|parquet|pq|arrow|feather|ipc|json|jsonl|ndjson))?"
    r"(\.(gz|bz2|zst|lz4|zip))?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user asked for, as said on the command line."""

    data: str
    target: str | None
    task: str
    test: str
    val: str | None
    groups: str | None
    order_by: str | None
    refit: bool
    preset: str | None
    plain: bool
    hidden: str | None
    activation: str | None
    dropout: float | None
    epochs: int | None
    time: str | None
    seed: int
    out: Path | None
    resume: bool
    text: TextFormat
    types: Mapping[str, Declared]
    json: bool
    force: bool


def run(wish: Wish) -> int:
    """Read, train, save, measure, and print what came of it. Return the exit code."""
    path = wish.out or default_path(wish.data)
    plain = is_plain(wish)
    check_output(
        path, [wish.data, *(file for file in (wish.test, wish.val) if file and is_file(file))]
    )
    keep = {wish.target: SIGNS} if wish.target else {}
    table, taken_for, notes = wish.text.table(wish.data, keep)
    target = find_target(table, wish.data, wish.target)
    if table.num_columns == 1:
        raise TableError(f"{wish.data!r} has no column but the target {target!r} to learn from.")
    check_earlier(path, target, wish)
    types = earlier_readings(path) if wish.resume else wish.types
    prepared = prepare(table, target, wish.task, types)
    rows, task, n_without = prepared.dataset, prepared.task, prepared.left_out
    del table
    if task == "classify" and len(np.unique(rows.target)) < 2:
        label = rows.target[0]
        raise TableError(
            f"The target {target!r} is {label} in all rows: there is nothing to tell apart."
        )
    if task == "regress" and np.abs(rows.target).max(initial=0) > LARGEST:
        raise TableError(
            f"The target {target!r} has numbers that are too large: the square of "
            f"{np.abs(rows.target).max():g} is no number. Divide them by a power of ten."
        )
    n_rows = len(rows.target)
    for option, name in (("--groups", wish.groups), ("--order-by", wish.order_by)):
        check_columns([name] if name else [], rows.table, wish.data, option)
    rows = with_splitting(rows, wish.groups, wish.order_by)
    names = rows.table.column_names  # without that of --groups
    readings = {name: prepared.readings[name] for name in names}
    rows = replace(rows, table=cast_numbers(rows.table, readings))
    prepared = prepared._replace(readings=readings)
    notes = [*notes, *prepared.notes]
    rows, test = part(rows, wish.test, prepared, target, wish, "measuring (--test)", notes)
    val = None
    if wish.val:
        what = "choosing the epoch (--val)"
        rows, val = part(rows, wish.val, prepared, target, wish, what, notes)
    tell(notes)
    model = resumed(path, task) if wish.resume else new(task, wish, plain)
    model.set_params(time_limit=seconds(wish.time), column_types=prepared.readings)
    lacking = f" ({n_without} more lack {target!r})" if n_without else ""
    kind = f"{len(np.unique(rows.target))} classes" if task == "classify" else "a number"
    err.print(f"{wish.data}: {taken_for}, {n_rows} rows{lacking}. {target}: {kind}.")
    before: Any = None
    if not plain:
        show_columns(*fit_columns(rows.table, model.codes, prepared.readings))
    elif not wish.resume:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.set_params(max_iter=0).fit(rows.table, rows.target)
        show_columns(model.columns_, model.dropped_)
        before = deepcopy(model)
        # training goes on from there, with the same bits, and need not fit the columns again
        model.set_params(max_iter=None)
        model.set_params(warm_start=True, max_iter=model.epochs(len(rows.target)))
    if plain:
        model.set_params(early_stopping=val is not None)
        if wish.epochs is not None:
            model.set_params(max_iter=wish.epochs)
    with interrupts.held():  # or one could come between training and saving
        with rows_of_file(rows.row_numbers):
            (fit_one if plain else fit_many)(model, rows, val)
        if before is not None:
            model.set_params(warm_start=False, max_iter=wish.epochs)
        note = {
            "data": Path(wish.data).name,
            "target": target,
            "task": task,
            "target_reading": plain_value(prepared.target_reading),
            "rows": len(rows.target),
            "seed": wish.seed,
            "seconds": round(seconds_of(model), 3),
        }
        model.save(path, note)  # before measuring, so that it is safe
        saved.append(path)
        err.print(f"Saved as {path}.")

    measured = {}
    if before is not None:
        measured["before training"] = evaluate(before, test.table, test.target)
    measured["after training"] = evaluate(model, test.table, test.target)
    if plain:
        columns = model.columns_
    else:  # with fewer levels of categories
        columns, _ = fit_columns(rows.table, readings=prepared.readings)
    x, x_test = encode(columns, rows.table), encode(columns, test.table)
    measured |= baselines(x, rows.target, x_test, test.target, task == "classify")
    if wish.json:
        note = {key: value for key, value in note.items() if key != "target_reading"}
        answer = {"schema_version": 1, "model": str(path), **note, "test_rows": len(test.target)}
        answer |= {"notes": notes, "scores": measured, **facts(model)}
        print(json.dumps(answer, ensure_ascii=False))
    else:
        show_training(model)
        show(measured, test, target, task)
    early = tell_if_early(model, wish.time)
    suggest(wish.data, path, target, plain)
    return STOPPED_EARLY if early else DONE


def is_plain(wish: Wish) -> bool:
    """Tell whether one network is wanted: said so, or one is described.

    Raises
    ------
    UsageError
        If many are wanted too.
    """
    given = {
        "--plain": wish.plain or None,
        "--hidden": wish.hidden,
        "--activation": wish.activation,
        "--dropout": wish.dropout,
        "--epochs": wish.epochs,
        "--resume": wish.resume or None,
    }
    many = {
        f"--preset {wish.preset}": wish.preset,
        "--groups": wish.groups,
        "--order-by": wish.order_by,
        "--refit": wish.refit or None,
    }
    asked, others = (
        [name for name, value in some.items() if value is not None] for some in (given, many)
    )
    if asked and others:
        raise UsageError(
            f"{others[0]} is for many networks, and {asked[0]} for one: leave one of the two out."
        )
    if wish.types and wish.resume:
        raise UsageError("--resume reads columns as before: leave out --as.")
    if wish.groups and wish.order_by:
        raise UsageError("--groups and --order-by both say how to split: leave one of them out.")
    return bool(asked)


def default_path(data: str) -> Path:
    """Return where the model of a table is saved: here, named like the table.

    >>> default_path("old/my.data.v2.csv.gz")
    PosixPath('my.data.v2.jubako')
    """
    name = "" if data.startswith("/dev/") else ENDINGS.sub("", Path(data).name).strip("-")
    return Path((name or "model") + SUFFIX)


def is_file(share: str) -> bool:
    """Tell whether --test or --val names a file, not a share of the rows."""
    try:
        float(share)
    except ValueError:
        return True
    return False


def check_earlier(path: Path, target: str, wish: Wish) -> None:
    """Refuse to overwrite what is not an earlier model of the same target.

    Raises
    ------
    UsageError
        With what to do instead.
    """
    if not path.exists():
        if wish.resume:
            raise UsageError(f"There is no model {str(path)!r} to go on from: leave out --resume.")
        return
    if wish.force and not wish.resume:
        return
    try:
        earlier = load_with_note(path)[1].get("target")
    except ModelFileError as error:
        if wish.resume:
            raise
        raise UsageError(
            f"{str(path)!r} exists and is no model: choose --out, or --force."
        ) from error
    if earlier != target:
        raise UsageError(
            f"{str(path)!r} holds a model for {earlier!r}: choose another --out, or --force."
        )


def part(
    rows: Dataset,
    share: str,
    prepared: Prepared,
    target: str,
    wish: Wish,
    what: str,
    notes: list[str],
) -> tuple[Dataset, Dataset]:
    """Split off a share of the rows, or read other rows from a file and note how it was read."""
    task = prepared.task
    if is_file(share):
        keep = {target: [*SIGNS, *map(str, np.unique(rows.target))]} if task == "classify" else {}
        table, _, more = wish.text.table(share, keep)
        find_target(table, share, target)
        classes = rows.target if task == "classify" else None
        other, _ = with_target(table, target, task, classes, prepared.target_reading)
        if task == "classify":
            new_labels = np.setdiff1d(other.target, rows.target)
            if len(new_labels):
                raise TableError(
                    f"{share!r} has rows of class {new_labels[0]}, of which {wish.data!r} has none."
                )
        check_names(rows.table.column_names, table, share)
        check_readable(table, prepared.readings, share)
        why = left_out(table, target, prepared.target_reading, classes)
        notes += [f"{share}: {note}" for note in (*more, *([why] if why else []))]
        return rows, other
    number = float(share)
    if not 0 < number < 1:
        raise UsageError(f"{share} is no share of the rows: it must lie between 0 and 1.")
    return split(rows, number, task, wish.seed, what).of(rows)


def new(task: Task, wish: Wish, plain: bool) -> Any:
    """Return the estimator that was asked for, not yet trained."""
    if not plain:
        many: Any = TabularClassifier if task == "classify" else TabularRegressor
        return many(wish.preset or "default", refit=wish.refit, random_state=wish.seed)
    hidden = "64,64" if wish.hidden is None else wish.hidden
    try:
        sizes = tuple(int(size) for size in hidden.split(",") if size.strip())
    except ValueError:
        raise UsageError(f"--hidden {hidden!r} is no list of sizes such as 64,64.") from None
    names = (wish.activation or "relu").split(",")
    cls: Any = PlainClassifier if task == "classify" else PlainRegressor
    return cls(
        sizes,
        names[0] if len(names) == 1 else names,
        dropout=wish.dropout,
        random_state=wish.seed,
    )


def earlier_readings(path: Path) -> dict[str, Declared]:
    """Return how the columns of a saved model are read."""
    columns = getattr(load_with_note(path)[0], "columns_", ())
    return {column.name: column.reading for column in columns}


def resumed(path: Path, task: Task) -> Any:
    """Load the model to go on from."""
    model, note = load_with_note(path)
    if note.get("task") != task:
        raise UsageError(f"{path} was trained to {note.get('task')}, not to {task}.")
    if model.model_.log.leaderboard:
        raise UsageError(
            f"{path} holds many networks, which have ended: --resume goes on with one, trained "
            "with --plain."
        )
    return model.set_params(warm_start=True)


def seconds(text: str | None) -> float | None:
    """Read a span of time: 60s, 5m, 1h; without a unit seconds."""
    if text is None:
        return None
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smh]?)", text.strip())
    if not match or float(match[1]) == 0:
        raise UsageError(f"--time {text!r} is no span of time such as 60s, 5m or 1h.")
    return float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]]


def show_columns(columns: list[Column], dropped: list[Dropped]) -> None:
    """List the columns as they were understood."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for column in columns[:MOST_SHOWN]:
        table.add_row("  " + column.name, column.describe())
    if len(columns) > MOST_SHOWN:
        table.add_row(f"  ... and {len(columns) - MOST_SHOWN} more columns")
    for column in dropped[:MOST_SHOWN]:
        table.add_row("  " + column.name, f"dropped: {column.reason}")
    err.print(table)
