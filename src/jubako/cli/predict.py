"""`jubako predict`: a prediction for each row, in the order of the rows."""

import os
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv

from jubako.data.arrow_compute import pc
from jubako.data.column_encoding import check_columns, check_names, unseen_notes
from jubako.data.errors import TableError, rows_of_file
from jubako.data.target_column import known_words
from jubako.estimators.loading import load_with_note
from jubako.i18n.messages import Message
from jubako.model.model import Model
from jubako.model.prediction_table import prediction_table

from .console import err, print_notes
from .errors import UsageError
from .loading import check_tabular
from .output_files import check_output, is_input, whole_file
from .table_options import TextFormat

FORMULA = r"^[=+\-@\t\r\n]"  # how texts begin that spreadsheets evaluate


def run(
    path: Path,
    data: str,
    out: Path | None,
    proba: bool,
    interval: str,
    keep: str,
    text: TextFormat,
    force: bool,
    escape_formulas: bool,
) -> None:
    """Read, predict and write in pieces."""
    model, note = load_with_note(path)
    check_tabular(model, path)
    if proba and model.model_.task != "classify":
        raise UsageError(Message("--proba is for classification, but this model is a regressor."))
    coverages = coverages_of(interval, model.model_)
    if out is not None:
        check_output(out, [data, path], (".csv", ".parquet"), force)
    elif is_input(os.fstat(1), data):
        raise UsageError(
            Message(
                "Standard output goes into {data!r}, an input of the command: choose another file.",
                data=data,
            )
        )
    if escape_formulas and out is not None and out.suffix.lower() != ".csv":
        raise UsageError(
            Message("--escape-formulas is for CSV, which spreadsheets open: leave it out.")
        )
    kept = [name.strip() for name in keep.split(",") if name.strip()]
    name = str(note.get("target", "prediction"))
    used = [column.name for column in model.columns_]
    n_rows = 0
    with writer(out) as write:
        pieces = text.batches(data, used + kept, known_words(model.columns_))
        print_notes(pieces.notes)
        for piece in pieces:
            check_names(used, piece, data)
            check_columns(kept, piece, data, "--keep")
            try:
                with rows_of_file(range(n_rows, n_rows + piece.num_rows)):
                    print_notes(unseen_notes(model.columns_, piece))
                    answer = prediction_table(model.model_, piece, name, kept, proba, coverages)
            except TableError as error:
                raise TableError(
                    Message("{source!r}: {error}", source=data, error=error.args[0])
                ) from error
            write(escaped(answer) if escape_formulas else answer)
            n_rows += piece.num_rows
    if out is not None:
        err.print(Message("{n} rows written to {path}.", n=n_rows, path=str(out)))


def coverages_of(interval: str, model: Model) -> list[float]:
    """Return the coverages that --interval specifies.

    Raises
    ------
    UsageError
        If they are not numbers between 0 and 1, or the model has no held-out errors.
    ParameterError
        If one is too high for the number of held-out rows.
    """
    try:
        coverages = [float(text) for text in interval.split(",") if text.strip()]
    except ValueError as error:
        raise UsageError(wrong_coverage(interval)) from error
    if interval and not (coverages and all(0 < coverage < 1 for coverage in coverages)):
        raise UsageError(wrong_coverage(interval))
    if coverages and model.conformal is None:
        raise UsageError(
            Message(
                "--interval needs errors on held-out rows, which this model lacks: train it with "
                "the presets fast, default or best, and distill it with rows."
            )
        )
    for coverage in coverages:
        assert model.conformal
        model.conformal.scores.quantile(coverage)
    return coverages


def wrong_coverage(interval: str) -> Message:
    """Return the message for an invalid value of --interval."""
    return Message(
        "--interval {text} is not a coverage between 0 and 1: write 0.9, or 0.5,0.9.",
        text=interval,
    )


def escaped(table: pa.Table) -> pa.Table:
    """Return a table with ' before each text that a spreadsheet would evaluate as a formula."""
    columns = [
        pc.replace_substring_regex(values, FORMULA, r"'\0")
        if pa.types.is_string(values.type) or pa.types.is_large_string(values.type)
        else values
        for values in table.columns
    ]
    names = pc.replace_substring_regex(pa.array(table.column_names), FORMULA, r"'\0")
    return pa.table(columns, names=names.to_pylist())


def opened_writer(place: Any, schema: pa.Schema, is_csv: bool) -> Any:
    """Return the writer of Arrow for CSV or Parquet files."""
    if is_csv:
        return pyarrow.csv.CSVWriter(place, schema)
    from pyarrow.parquet import ParquetWriter

    return ParquetWriter(place, schema)


@contextmanager
def writer(out: Path | None) -> Generator[Callable[[pa.Table], None]]:
    """Yield a function that writes pieces as CSV or Parquet."""
    opened: list[Any] = []

    def write_to(place: object, is_csv: bool) -> Callable[[pa.Table], None]:
        def write(piece: pa.Table) -> None:
            if not opened:
                opened.append(opened_writer(place, piece.schema, is_csv))
            opened[0].write_table(piece)

        return write

    if out is None:
        try:
            yield write_to(sys.stdout.buffer, True)
        finally:
            for table in opened:
                table.close()
            sys.stdout.flush()
        return
    with whole_file(out) as part, part.open("wb") as file:
        yield write_to(file, out.suffix.lower() == ".csv")
        for table in opened:
            table.close()
