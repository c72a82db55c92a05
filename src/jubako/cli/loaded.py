"""What the commands that use a saved model have in common."""

from pathlib import Path
from typing import Any

import pyarrow as pa
from rich.console import Console
from sklearn.base import is_classifier

from jubako.estimators.raw import RawTable
from jubako.estimators.saving import load_with_note
from jubako.storage.errors import ModelFileError
from jubako.table.columns import check_names, unseen
from jubako.table.errors import TableError
from jubako.table.read import read_table

from .rows import Rows, find_target, with_target


def check_tabular(model: Any, path: Path) -> None:
    """Refuse a model that knows no columns.

    Raises
    ------
    ModelFileError
        If it was not trained on a table.
    """
    if not isinstance(model, RawTable):
        raise ModelFileError(
            f"{str(path)!r} is a {type(model).__name__}, which takes arrays and knows no columns: "
            "use it in Python, with jubako.load."
        )


def load_with_rows(
    path: Path, data: str, target: str | None, encoding: str | None, err: Console
) -> tuple[Any, Rows, str]:
    """Load a model, and rows that hold the truth; return also the name of the target.

    Raises
    ------
    ModelFileError, TableError
        If one of them is not what it must be.
    """
    model, note = load_with_note(path)
    check_tabular(model, path)
    table = read_table(data, encoding).table
    target = find_target(table, data, target or note.get("target"))
    if is_classifier(model):
        rows, _ = with_target(table, target, "classify", model.classes_)
    else:
        rows, _ = with_target(table, target, "regress")
    if not len(rows.y):
        raise TableError(f"{data!r} has no row with a {target!r} to compare with.")
    check_names([column.name for column in model.columns_], rows.x, data)
    tell_unseen(model, rows.x, err)
    return model, rows, target


def tell_unseen(model: Any, table: pa.Table, err: Console) -> None:
    """Say which categories the model has never seen; it treats them as unknown."""
    for name, (count, value) in unseen(model.columns_, table).items():
        rows = "1 row" if count == 1 else f"{count} rows"
        err.print(
            f"Note: {rows} with a {name!r} that was not seen in training, such as {value!r}.",
            markup=False,
        )
