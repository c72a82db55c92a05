"""`jubako predict`: a prediction for each row, in the order of the rows."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
from rich.console import Console
from sklearn.base import is_classifier

from jubako.estimators.saving import load_with_note
from jubako.storage.atomic import whole_or_not_at_all
from jubako.table.columns import Flag, Number, check_names
from jubako.table.errors import TableError
from jubako.table.read import read_batches, typed_column
from jubako.table.values import is_text

from .loaded import check_tabular, tell_unseen

err = Console(stderr=True, soft_wrap=True, highlight=False)


def run(
    path: Path,
    data: str,
    out: Path | None,
    proba: bool,
    keep: str,
    encoding: str | None,
    force: bool,
) -> None:
    """Read, predict and write piece by piece."""
    model, note = load_with_note(path)
    check_tabular(model, path)
    if proba and not is_classifier(model):
        raise ValueError("--proba is for classes, but this model predicts a number.")
    if out is not None:
        check_out(out, data, force)
    kept = [name.strip() for name in keep.split(",") if name.strip()]
    name = str(note.get("target", "prediction"))
    used = [column.name for column in model.columns_]
    sizes = [column.name for column in model.columns_ if isinstance(column, Number)]
    flags = [column.name for column in model.columns_ if isinstance(column, Flag)]
    n_rows = 0
    with writer(out) as write:
        for piece in read_batches(data, encoding, used + kept, decimal_columns=sizes):
            check_names(used + kept, piece, data)
            piece = with_truths(piece, flags)
            tell_unseen(model, piece, err)
            try:
                write(predictions(model, piece, name, kept, proba))
            except TableError as error:
                begin = f" (counted from row {n_rows + 1})" if n_rows else ""
                raise TableError(f"{data!r}{begin}: {error}") from error
            n_rows += piece.num_rows
    if out is not None:
        err.print(f"{n_rows} rows written to {out}.", markup=False)


def with_truths(piece: pa.Table, flags: list[str]) -> pa.Table:
    """Return the table with truth values in the columns that should hold such, if they do."""
    for name in flags:
        values = typed_column(piece[name]) if is_text(piece[name].type) else piece[name]
        piece = piece.set_column(piece.column_names.index(name), name, values)
    return piece


def predictions(model: Any, piece: pa.Table, name: str, kept: list[str], proba: bool) -> pa.Table:
    """Return the table to write: columns to repeat, the prediction, the probabilities."""
    columns = {column: piece[column] for column in kept}
    if not proba:
        return pa.table({**columns, free(name, kept): pa.array(model.predict(piece).tolist())})
    probabilities = model.predict_proba(piece)
    likeliest = model.classes_[probabilities.argmax(1)]
    columns[free(name, kept)] = pa.array(likeliest.tolist())
    for label, p in zip(model.classes_, probabilities.T, strict=True):
        columns[free(f"p({label})", kept)] = pa.array(p)
    return pa.table(columns)


def free(name: str, taken: list[str]) -> str:
    """Return a column name that is not taken."""
    return f"predicted {name}" if name in taken else name


def check_out(out: Path, data: str, force: bool) -> None:
    """Refuse an output of another kind, or one that would overwrite something.

    Raises
    ------
    ValueError
        With what to do instead.
    """
    if out.suffix not in (".csv", ".parquet"):
        raise ValueError(f"--out {str(out)!r} must end with .csv or .parquet.")
    if not out.parent.is_dir():
        raise ValueError(f"There is no folder {str(out.parent)!r}.")
    if out.exists() and (not force or (Path(data).exists() and out.samefile(data))):
        raise ValueError(f"{str(out)!r} exists: choose another name, or --force.")


@contextmanager
def writer(out: Path | None) -> Iterator[Callable[[pa.Table], None]]:
    """Give what writes one piece after the other: CSV to standard output, or a whole file."""
    opened: list[Any] = []

    def write_to(place: Any, is_csv: bool) -> Callable[[pa.Table], None]:
        def write(piece: pa.Table) -> None:
            if not opened:
                kind: Any = pyarrow.csv.CSVWriter if is_csv else pyarrow.parquet.ParquetWriter
                opened.append(kind(place, piece.schema))
            opened[0].write_table(piece)

        return write

    if out is None:
        try:
            yield write_to(sys.stdout.buffer, True)
        finally:
            for one in opened:
                one.close()
            sys.stdout.flush()
        return
    with whole_or_not_at_all(out) as part, part.open("wb") as file:
        yield write_to(file, out.suffix == ".csv")
        for one in opened:
            one.close()
