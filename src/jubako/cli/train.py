"""`jubako train`: one network for one table, measured on rows that it has not seen."""

import warnings
from difflib import get_close_matches
from typing import Any

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from sklearn.base import clone, is_classifier
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

from jubako import MLPClassifier, MLPRegressor
from jubako.core.activations import Array
from jubako.table.columns import Numeric, encode, fit_columns
from jubako.table.errors import TableError
from jubako.table.read import BUILT_IN, read_table
from jubako.training.loop import Record

TEST_SHARE = 0.25
MOST_CLASSES = 20  # whole numbers with at most so many different values are taken for classes

out, err = Console(), Console(stderr=True, soft_wrap=True, highlight=False)


def run(
    data: str, target: str | None, hidden: str, activation: str, epochs: int, seed: int
) -> None:
    """Read, split, train, and print what came of it."""
    table = read_table(data)
    target = find_target(table, data, target)
    kept = table.filter(table[target].is_valid())
    if kept.num_rows < 4:
        raise TableError(f"{data!r} has {kept.num_rows} rows with a {target!r}: 4 are too few.")
    x_table, y = kept.drop_columns([target]), labels(kept[target])
    model: Any = default_network(y, hidden, activation, epochs, seed)
    classify = is_classifier(model)
    rows = train_test_split(
        np.arange(len(y)),
        test_size=TEST_SHARE,
        random_state=seed,
        stratify=y if classify and np.unique(y, return_counts=True)[1].min() > 1 else None,
    )
    columns = fit_columns(x_table.take(rows[0]))
    if not columns:
        raise TableError(f"{data!r} has no column to learn from besides {target!r}.")
    x = encode(columns, x_table)
    numbers = sum(isinstance(column, Numeric) for column in columns)
    err.print(
        f"{data}: {len(y)} rows, {numbers} number and {len(columns) - numbers} category columns "
        f"-> {target} ({'classes: ' + str(len(np.unique(y))) if classify else 'a number'})"
    )

    x_train, x_test = x[rows[0]], x[rows[1]]
    y_train, y_test = y[rows[0]], y[rows[1]]
    before = with_epochs(model, 0).fit(x_train, y_train)
    after = fit_with_progress(model, x_train, y_train, epochs)

    score = "accuracy" if classify else "R²"
    result = Table(title=f"{target}: {score}", title_justify="left")
    result.add_column("")
    result.add_column(f"{len(y_train)} rows to learn from", justify="right")
    result.add_column(f"{len(y_test)} rows not seen", justify="right")
    for name, fitted in (("before training", before), ("after training", after)):
        scores = fitted.score(x_train, y_train), fitted.score(x_test, y_test)
        result.add_row(name, *(f"{value:.3f}" for value in scores))
    out.print(result)
    suggest(data, target, hidden)


def find_target(table: pa.Table, data: str, target: str | None) -> str:
    """Return the name of the target column."""
    names = table.column_names
    if target is None:
        if data not in BUILT_IN:
            raise TableError(
                f"Which column of {data!r} is to be predicted? Say it with --target: "
                f"{', '.join(names[:20])}."
            )
        return names[-1]
    if target not in names:
        near = get_close_matches(target, names, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names[:20])}."
        raise TableError(f"{data!r} has no column {target!r}: {hint}")
    return target


def labels(column: pa.ChunkedArray) -> Array:
    """Return the target: numbers as they are, everything else as strings."""
    kind = column.type
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return np.asarray(column.to_numpy())
    return np.asarray(column.cast(pa.string()).to_pylist())


def default_network(y: Array, hidden: str, activation: str, epochs: int, seed: int) -> Any:
    """Return the estimator for this target, not yet trained."""
    try:
        sizes = tuple(int(size) for size in hidden.split(",") if size.strip())
    except ValueError:
        raise ValueError(f"--hidden {hidden!r} is no list of sizes such as 64,64.") from None
    parts = activation.split(",")
    batch_size = min(64, len(y))
    settings: dict[str, Any] = {
        "hidden_layer_sizes": sizes,
        "activation": parts[0] if len(parts) == 1 else parts,
        "init": "he",
        "schedule": "cosine",
        "learning_rate_init": 0.01,
        "batch_size": batch_size,
        "alpha": 2 * batch_size / len(y),  # the penalty is then |w|² / len(y)
        "max_iter": epochs,
        "n_iter_no_change": np.inf,
        "random_state": seed,
    }
    if y.dtype.kind == "f" or (len(np.unique(y)) > MOST_CLASSES and y.dtype.kind in "iu"):
        return TransformedTargetRegressor(MLPRegressor(**settings), transformer=StandardScaler())
    return MLPClassifier(**settings)


def with_epochs(model: Any, epochs: int) -> Any:
    """Return a copy of the model that trains for so many epochs."""
    name = "max_iter" if is_classifier(model) else "regressor__max_iter"
    copy: Any = clone(model)
    return copy.set_params(**{name: epochs})


def fit_with_progress(model: Any, x: Array, y: Array, epochs: int) -> Any:
    """Train, and show how far it is on stderr."""
    bar = Progress(
        TextColumn("training"),
        BarColumn(),
        TextColumn("epoch {task.completed:.0f} of {task.total:.0f}, loss {task.fields[loss]:.4f}"),
        TimeRemainingColumn(),
        console=err,
        disable=not err.is_terminal,
    )
    with bar:
        task = bar.add_task("training", total=epochs, loss=np.nan)

        def show(record: Record) -> None:
            bar.update(task, completed=record.epoch, loss=record.train_loss)
            if record.message:
                err.print(record.message)

        network: Any = model if is_classifier(model) else model.regressor
        network.set_params(callbacks=[show])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # `show` has said it
            return model.fit(x, y)


def suggest(data: str, target: str, hidden: str) -> None:
    """Print commands to try next."""
    option = "" if data in BUILT_IN else f" --target {target}"
    err.print("\nTry next:")
    if hidden:
        err.print(f"  jubako train {data}{option} --hidden ''    # no hidden layer: a linear model")
    err.print(f"  jubako train {data}{option} --hidden 128,128,128 --activation silu")
    other = "breast_cancer" if data == "iris" else "iris"
    err.print(f"  jubako train {other}")
    if data in BUILT_IN:
        err.print("  jubako train your.csv --target COLUMN")
