"""`jubako explain`: feature importance, partial dependence and Shapley values."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from jubako.data.errors import TableError
from jubako.evaluation.dependence import dependence_on
from jubako.evaluation.importance import Importance, contributions, importances
from jubako.evaluation.metric_names import NAMES
from jubako.evaluation.scorer import CHANGES, Scorer
from jubako.i18n.messages import Message

from .console import err, out, print_json
from .explain_picture import picture
from .explain_tables import MOST_COLUMNS, as_object, curve_table, importance_table, shapley_table
from .loading import Loaded, load_with_rows
from .output_files import check_output, whole_file
from .progress import progress_bar
from .table_options import TextFormat

MOST_ROWS = 2000  # to measure on: a random part of larger tables
ROWS_OF_CURVES = 300
MOST_ALONE = 30  # columns with a separate Shapley value; the others share one
POINTS = 9  # of a curve


def run(
    path: Path,
    data: str,
    target: str | None,
    n_curves: int,
    n_rows: int,
    seconds: float,
    picture_path: Path | None,
    seed: int,
    text: TextFormat,
    as_json: bool,
    force: bool,
) -> None:
    """Compute, print and draw the explanations."""
    if picture_path is not None:
        check_output(picture_path, [data, path], (".svg",), force)
    loaded = load_with_rows(path, data, target, text)
    check_rows(loaded, data)
    model, rows = loaded.model, loaded.rows
    names = [column.name for column in model.columns_]
    rng = np.random.default_rng(seed)
    first = rows.table.slice(0, n_rows)
    sample = rows.take(rng.permutation(len(rows.target))[:MOST_ROWS])
    scorer = Scorer(model.model_, sample)
    found = shuffled(scorer, names, rng, seconds)
    few = sample.table.slice(0, ROWS_OF_CURVES)
    by_name = {column.name: column for column in model.columns_}
    curves = [
        curve
        for column in found[:n_curves]
        if (curve := dependence_on(scorer.predict, few, by_name[column.name], POINTS))
    ]
    classes = model.model_.classes
    labels = [loaded.target] if classes is None else [f"p({label})" for label in classes]
    background = pa.concat_tables([first, few])
    groups = groups_of(names, [column.name for column in found])
    values = [
        contributions(scorer.predict, background, row, list(groups.values()), rng)
        for row in range(len(first))
    ]
    if picture_path is not None:
        with whole_file(picture_path) as part:
            drawn = picture(found[:MOST_COLUMNS], curves, labels, CHANGES[scorer.metric])
            part.write_text(drawn, "utf-8")
    if as_json:
        answer = {"model": str(path), "metric": scorer.metric, "metric_value": scorer.value}
        answer |= as_object(found, curves, labels, list(groups), values)
        print_json(answer | {"notes": loaded.notes})
        return
    out.print(importance_table(found, title_of(scorer), CHANGES[scorer.metric]))
    for curve in curves:
        out.print(curve_table(curve, labels))
    for row, (shares, start) in enumerate(values):
        b = scorer.predict(first.slice(row, 1))[0]
        out.print(shapley_table(row, first, groups, shares, start, b, labels))
    err.print(
        Message("These values describe the model; a column that matters need not be a cause.")
    )
    if picture_path is not None:
        err.print(Message("Drawn as {path}.", path=str(picture_path)))


def groups_of(names: list[str], by_importance: list[str]) -> dict[str, list[str]]:
    """Return the columns with a Shapley value, by their label.

    If there are many, the most important ones have one each, and all others one together.
    """
    if len(names) <= MOST_ALONE:
        return {name: [name] for name in names}
    alone = by_importance[: MOST_ALONE - 1]
    others = [name for name in names if name not in set(alone)]
    return {name: [name] for name in alone} | {
        Message("({n} other columns)", n=len(others)): others
    }


def check_rows(loaded: Loaded, data: str) -> None:
    """Check that the metric is defined for the rows.

    Raises
    ------
    TableError
        If not, with the reason.
    """
    y = loaded.rows.target
    if len(y) < 2:
        raise TableError(
            Message(
                "{data!r} has only one row with a value of {target!r}: nothing to compare.",
                data=data,
                target=loaded.target,
            )
        )
    if loaded.model.model_.task == "regress" and np.ptp(y) == 0:
        raise TableError(
            Message(
                "{target!r} is {value:g} in all rows of {data!r}: R² is undefined.",
                target=loaded.target,
                value=float(y[0]),
                data=data,
            )
        )


def shuffled(
    scorer: Scorer, names: Sequence[str], rng: np.random.Generator, seconds: float
) -> list[Importance]:
    """Return the permutation importance of columns, and show the progress."""
    with progress_bar(Message("shuffling columns"), "") as bar:
        task = bar.add_task("", total=1)
        found = importances(
            scorer.score,
            scorer.rows.table,
            names,
            rng,
            seconds=seconds,
            report=lambda fraction: bar.update(task, completed=fraction),
        )
    if len(found) < len(names):
        err.print(
            Message(
                "Only {n} of {total} columns were shuffled in time; a longer --time covers more.",
                n=len(found),
                total=len(names),
            )
        )
    return found


def title_of(scorer: Scorer) -> Message:
    """Return the title of the importances."""
    return Message(
        "Permutation importance on {n} rows ({metric} {value:.3f})",
        n=len(scorer.rows.target),
        metric=NAMES[scorer.metric],
        value=scorer.value,
    )
