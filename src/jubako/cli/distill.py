"""`jubako distill`: one small network that predicts like an ensemble."""

from pathlib import Path
from typing import Any

import pyarrow as pa
from rich.table import Table

from jubako.data.column_encoding import check_names, unseen_notes
from jubako.data.errors import TableError
from jubako.data.inference import check_readable
from jubako.data.memory import available_memory
from jubako.data.target import NumericTarget
from jubako.data.target_column import known_words
from jubako.estimators.base_tabular import BaseTabular, seed_of
from jubako.estimators.loading import load_with_note
from jubako.evaluation.latency import latency
from jubako.evaluation.metric_names import NAMES, value_text
from jubako.i18n.messages import Message
from jubako.model.errors import ModelFileError
from jubako.model.model import Model
from jubako.search.distill import Distilled, distill

from .console import err, out, print_json, print_notes
from .errors import DONE, STOPPED_EARLY
from .large_tables import read_or_sample, size_of
from .leaderboard import plain_table, time_text
from .output_files import check_output, whole_file
from .table_options import TextFormat


def run(
    path: Path, data: str | None, out_path: Path, text: TextFormat, as_json: bool, force: bool
) -> int:
    """Distill a model, save the student, and print what it has lost and gained.

    Parameters
    ----------
    path : Path
        File of the model.
    data : str or None
        Rows like those that will be predicted.
    out_path : Path
        File to write.
    text : TextFormat
    as_json : bool
    force : bool
        Whether an existing file is overwritten.

    Returns
    -------
    int
        The exit code.

    Raises
    ------
    ModelFileError, TableError, UsageError
        If the model is no ensemble, the rows do not fit it, or the file can't be written.
    """
    check_output(out_path, [path, data], (".jubako",), force)
    teacher, note = load_with_note(path)
    if teacher.model_.schema is None:
        raise ModelFileError(
            Message(
                "{path!r} is a {kind}, not an ensemble: there is nothing to distill.",
                path=str(path),
                kind=type(teacher).__name__,
            )
        )
    table = None if data is None else read_rows(teacher, data, text)
    if teacher.model_.n_networks > 1:
        err.print(Message("Distilling {n} networks into one ...", n=teacher.model_.n_networks))
    try:
        found = distill(teacher.model_, table, seed_of(teacher.random_state))
    except TableError as error:
        if data is None:
            raise
        message = Message("{source!r}: {error}", source=data, error=error.args[0])
        raise TableError(message) from error
    student = teacher.with_model(found.model)
    with whole_file(out_path) as part:
        student.save(part, note | {"teacher": path.name})
    facts = comparison(teacher, found, path, out_path, is_drawn=data is None)
    if as_json:
        print_json({"model": str(out_path), "data": data} | facts)
    else:
        show(facts, found, out_path, is_drawn=data is None)
    return STOPPED_EARLY if found.model.log.stopped == "interrupted" else DONE


def read_rows(model: Any, data: str, text: TextFormat) -> pa.Table:
    """Read rows that a model can predict; the target may be missing.

    Raises
    ------
    TableError
        If they do not fit the model.
    """
    size = size_of(data, text)
    fits = not size or size.n_bytes_to_read < available_memory()
    table, _, notes = read_or_sample(data, text, known_words(model.columns_), size, fits)
    check_names([column.name for column in model.columns_], table, data)
    check_readable(table, {column.name: column.reading for column in model.columns_}, data)
    print_notes([*notes, *unseen_notes(model.columns_, table)])
    return table


def comparison(
    teacher: BaseTabular, found: Distilled, path: Path, out_path: Path, *, is_drawn: bool
) -> dict[str, Any]:
    """Compare a student with its teacher.

    Parameters
    ----------
    teacher : BaseTabular
    found : Distilled
    path, out_path : Path
        Files of the teacher and of the student.
    is_drawn : bool
        Whether the rows were drawn, so that they do not show the loss on real ones.

    Returns
    -------
    dict of JSON values
    """
    loss = None if teacher.eval_metric is not None else teacher.loss_
    own_loss = None if loss is None or is_drawn else loss + found.added_loss
    return {
        "held_out_rows": found.n_held_out,
        "agreement": found.agreement,
        "added_loss": found.added_loss,
        "teacher": facts_of(teacher.model_, path, loss),
        "student": facts_of(found.model, out_path, own_loss),
    }


def facts_of(model: Model, path: Path, loss: float | None) -> dict[str, Any]:
    """Return the size and speed of a model, and its log loss or RMSE, given its loss.

    Parameters
    ----------
    model : Model
    path : Path
        Its file.
    loss : float or None
        Log loss, or squared error of the standardized target.

    Returns
    -------
    dict of JSON values
    """
    metric = {"log_loss": loss}
    if isinstance(model.target, NumericTarget):
        metric = {"rmse": None if loss is None else loss**0.5 * model.target.scale}
    return {
        "file": str(path),
        "networks": model.n_networks,
        "bytes": path.stat().st_size,
        "seconds": {str(n): seconds for n, seconds in latency(model).items()},
        "expected": metric,
    }


def show(facts: dict[str, Any], found: Distilled, out_path: Path, *, is_drawn: bool) -> None:
    """Print the comparison, with what to know and what to do next."""
    out.print(comparison_table(facts))
    if is_drawn:
        err.print(
            Message(
                "The rows were drawn from what the model knows of each column. With DATA, the "
                "student would be better, and could predict intervals and sets."
            )
        )
    else:
        out.print(agreement_text(found))
    if found.model.log.stopped == "interrupted":
        err.print(Message("Interrupted: the student is as of the last complete epoch."))
    err.print(Message("Saved as {path}. Try: jubako predict {path} DATA", path=str(out_path)))


def comparison_table(facts: dict[str, Any]) -> Table:
    """Show the size, the speed and the expected metric of the teacher and the student."""
    teacher, student = facts["teacher"], facts["student"]
    table = plain_table()
    table.add_column("")
    heads = [Message("networks"), Message("bytes"), *map(rows_text, teacher["seconds"])]
    metrics = [NAMES[name] for name in teacher["expected"]]
    for head in (*heads, *(Message("expected\n{metric}", metric=name) for name in metrics)):
        table.add_column(head, justify="right")
    for label, each in ((Message("teacher"), teacher), (Message("student"), student)):
        table.add_row(
            label,
            str(each["networks"]),
            f"{each['bytes']:,}",
            *map(time_text, each["seconds"].values()),
            *(value_text(name, value) for name, value in each["expected"].items()),
        )
    return table


def rows_text(n: str) -> Message:
    """Return the heading of the time for a number of rows."""
    return Message("1 row") if n == "1" else Message("{n:,} rows", n=int(n))


def agreement_text(found: Distilled) -> Message:
    """Return a sentence on how far the student predicts like the teacher."""
    if found.model.task == "classify":
        return Message(
            "On {n} held-out rows, the student predicts the class that the teacher does in "
            "{share:.1%}.",
            n=found.n_held_out,
            share=found.agreement,
        )
    return Message(
        "On {n} held-out rows, R² of the student's predictions of the teacher's is {r2:.4f}.",
        n=found.n_held_out,
        r2=found.agreement,
    )
