"""What the commands that use a saved model have in common."""

from pathlib import Path
from typing import Any

import pyarrow as pa
from rich.console import Console

from jubako.estimators.raw import RawTable
from jubako.storage.errors import ModelFileError
from jubako.table.columns import unseen


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


def tell_unseen(model: Any, table: pa.Table, err: Console) -> None:
    """Say which categories the model has never seen; it treats them as unknown."""
    for name, (count, value) in unseen(model.columns_, table).items():
        rows = "1 row" if count == 1 else f"{count} rows"
        err.print(
            f"Note: {rows} with a {name!r} that was not seen in training, such as {value!r}.",
            markup=False,
        )
