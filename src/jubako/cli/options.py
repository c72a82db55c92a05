"""The options that several commands share, each declared once, and those of `train`."""

import functools
import inspect as python_inspect
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from jubako.i18n.language import Language


class Task(StrEnum):
    """The task that the target defines."""

    auto = "auto"
    classify = "classify"
    regress = "regress"


class Preset(StrEnum):
    """The size of the search."""

    fast = "fast"
    default = "default"
    best = "best"


class Format(StrEnum):
    """The formats of `export`."""

    onnx = "onnx"
    python = "python"
    html = "html"
    recording = "recording"


Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="A table: CSV, TSV, Parquet, Arrow or JSON Lines, also compressed; - for standard "
        "input; or a built-in table: iris, wine, breast_cancer, digits, diabetes.",
    ),
]
Model = Annotated[
    Path, typer.Argument(metavar="MODEL", help="A model file saved by `jubako train`.")
]
Target = Annotated[str | None, typer.Option(help="The column to predict.")]
Truth = Annotated[
    str | None,
    typer.Option("--target", help="The target column, if its name is not that in training."),
]
Encoding = Annotated[
    str | None, typer.Option(help="Text encoding: utf-8, cp932, ... Detected if not given.")
]
Delimiter = Annotated[
    str | None,
    typer.Option(help="Delimiter of CSV: one character, or tab. Detected if not given."),
]
SkipRows = Annotated[
    int | None,
    typer.Option(min=0, help="Number of lines before the CSV header. Detected if not given."),
]
Types = Annotated[
    list[str] | None,
    typer.Option(
        "--as",
        metavar="COLUMN=TYPE",
        help="Declare the type of a column: numeric, categorical, boolean, date, or drop. "
        "Repeatable.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite existing files.")]
Lang = Annotated[
    Language | None,
    typer.Option(
        help="Language of the output: en or ja. That of the locale if not given.",
    ),
]
Rate = Annotated[float | None, typer.Option(help="Learning rate. That of the model if not given.")]
Splits = Annotated[int, typer.Option(min=1, help="Number of random splits per network.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the random numbers.")]

# The options of `train`
TrainTask = Annotated[
    Task,
    typer.Option(help="Classification or regression. Inferred from the target if not given."),
]
Test = Annotated[str, typer.Option(help="Test set: a fraction of the rows of DATA, or a file.")]
Val = Annotated[
    str | None,
    typer.Option(
        help="Validation set that chooses the best epoch: a fraction of the remaining rows, or "
        "a file."
    ),
]
Groups = Annotated[
    str | None,
    typer.Option(help="Column of groups, such as persons: split by group, never within one."),
]
OrderBy = Annotated[
    str | None,
    typer.Option(help="Column of dates or numbers: test on the latest rows."),
]
Weights = Annotated[
    str | None,
    typer.Option(help="Column of sample weights: how much each row counts in training."),
]
Refit = Annotated[
    bool, typer.Option("--refit", help="Refit the selected candidates on all training rows.")
]
TrainPreset = Annotated[Preset | None, typer.Option(help="Number of candidates: 2, 11 or 32.")]
Plain = Annotated[
    bool,
    typer.Option(
        "--plain",
        help="Train a single network. --hidden, --activation, --dropout and --epochs imply it.",
    ),
]
Hidden = Annotated[
    str | None,
    typer.Option(help="Units of each hidden layer. Default 64,64; '' for none."),
]
Activation = Annotated[
    str | None,
    typer.Option(
        help="Activation of the hidden layers: relu (default), tanh, ... or one for each."
    ),
]
Dropout = Annotated[
    float | None,
    typer.Option(min=0, max=0.99, help="Dropout rate of the hidden layers."),
]
Epochs = Annotated[
    int | None,
    typer.Option(min=0, help="Number of epochs. Chosen by the number of rows if not given."),
]
Time = Annotated[str | None, typer.Option(help="Time limit: 60s, 5m, 1h.")]
Out = Annotated[
    Path | None, typer.Option(help="Where to save the model. Named like DATA if not given.")
]
Resume = Annotated[
    bool, typer.Option("--resume", help="Resume training of the single network saved there.")
]
RunDir = Annotated[
    Path | None,
    typer.Option(
        "--run",
        metavar="FOLDER",
        help="Run folder: the same command again resumes a training that was killed.",
    ),
]
Jobs = Annotated[
    int | None, typer.Option(min=1, help="Number of candidates that are trained at once.")
]
Cluster = Annotated[
    str | None,
    typer.Option(metavar="ADDRESS", help="Dask scheduler, as in tcp://host:8786."),
]


def reads_tables(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of text tables to a command, which receives them as one argument `text`."""

    @functools.wraps(command)
    def with_options(
        *, encoding: str | None, delimiter: str | None, skip_rows: int | None, **others: Any
    ) -> None:
        from .table_options import TextFormat

        command(**others, text=TextFormat(encoding, delimiter, skip_rows))

    keyword = python_inspect.Parameter.KEYWORD_ONLY
    added = [
        python_inspect.Parameter(name, keyword, default=None, annotation=annotation)
        for name, annotation in (
            ("encoding", Encoding),
            ("delimiter", Delimiter),
            ("skip_rows", SkipRows),
        )
    ]
    signature = python_inspect.signature(command)
    parameters = [
        new.replace(kind=keyword)
        for old in signature.parameters.values()
        for new in (added if old.name == "text" else [old])
    ]
    with_options.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {new.name: new.annotation for new in parameters}
    return with_options
