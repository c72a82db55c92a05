"""The commands and their options. What they do is in the module of the same name."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from jubako import __version__
from jubako.i18n.language import Language, language_of

app = typer.Typer(
    help="Jubako (重箱): neural networks for tables.",
    epilog="Try: jubako train iris",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


class Task(StrEnum):
    """What there is to predict."""

    auto = "auto"
    classify = "classify"
    regress = "regress"


class Preset(StrEnum):
    """How much to try."""

    fast = "fast"
    default = "default"
    best = "best"


class Format(StrEnum):
    """What a model can be written as."""

    html = "html"


def say_version(wanted: bool) -> None:
    """Print the version and the engine, and leave."""
    if wanted:
        from jubako.training.engines.native.library import chosen  # without NumPy

        library = chosen()
        engine = f"native, {library.build}" if library else "plain"
        print(f"jubako {__version__} (engine: {engine})")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=say_version, is_eager=True, help="Say the version."),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
) -> None:
    """Jubako (重箱): neural networks for tables."""
    # `main` looks for --debug, since loading this module may fail too


Data = Annotated[
    str,
    typer.Argument(
        help="A table: CSV, TSV, Parquet, Arrow or JSON lines, also compressed; - for standard "
        "input; or a built-in one: iris, wine, breast_cancer, digits, diabetes."
    ),
]
Model = Annotated[Path, typer.Argument(help="A model file that `jubako train` has saved.")]
Target = Annotated[str | None, typer.Option(help="The column to predict.")]
Encoding = Annotated[
    str | None, typer.Option(help="Of text: utf-8, cp932, ... Found out if not given.")
]
Delimiter = Annotated[
    str | None,
    typer.Option(help="Of CSV: one character, or tab. Found out if not given."),
]
SkipRows = Annotated[
    int | None,
    typer.Option(min=0, help="Lines of CSV before the header. Found out if not given."),
]
Types = Annotated[
    list[str] | None,
    typer.Option(
        "--as",
        metavar="COLUMN=TYPE",
        help="Take a column for numeric, categorical, boolean or date, or drop it. Repeatable.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of tables.")]
Force = Annotated[bool, typer.Option("--force", help="Overwrite what stands there.")]
Lang = Annotated[Language | None, typer.Option(help="en or ja; else as the locale says.")]
Rate = Annotated[float | None, typer.Option(help="Learning rate; the model's if not given.")]
Splits = Annotated[int, typer.Option(min=1, help="Random splits that each network is tried on.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Repeats the random numbers.")]


@app.command()
def train(
    data: Data,
    target: Target = None,
    types: Types = None,
    task: Annotated[
        Task, typer.Option(help="Classes or a number? Found from the target if not given.")
    ] = Task.auto,
    test: Annotated[
        str, typer.Option(help="Rows to measure on: a share of DATA, or a file.")
    ] = "0.25",
    val: Annotated[
        str | None,
        typer.Option(help="Rows by which to choose the best epoch: a share of DATA, or a file."),
    ] = None,
    groups: Annotated[
        str | None,
        typer.Option(help="A column: predictions are for others of it, such as other persons."),
    ] = None,
    order_by: Annotated[
        str | None,
        typer.Option(help="A column of dates or numbers: predictions are for later rows."),
    ] = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Train what was chosen again, from all rows but --test.")
    ] = False,
    preset: Annotated[
        Preset | None, typer.Option(help="How many kinds of networks to try: 2, 11 or 32.")
    ] = None,
    plain: Annotated[
        bool,
        typer.Option("--plain", help="Train one network only, as the next four options also ask."),
    ] = False,
    hidden: Annotated[
        str | None,
        typer.Option(help="Units of each hidden layer, default 64,64; '' for none."),
    ] = None,
    activation: Annotated[
        str | None,
        typer.Option(help="What hidden units do: relu (default), tanh, ... or one for each layer."),
    ] = None,
    dropout: Annotated[
        float | None,
        typer.Option(min=0, max=0.99, help="Share of hidden units left out of a step."),
    ] = None,
    epochs: Annotated[
        int | None, typer.Option(min=0, help="Passes over the rows. Chosen by their number.")
    ] = None,
    time: Annotated[str | None, typer.Option(help="Stop after so long: 60s, 5m, 1h.")] = None,
    seed: Seed = 0,
    out: Annotated[
        Path | None, typer.Option(help="Where to save the model. Named like DATA if not given.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the one network that stands there.")
    ] = False,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    skip_rows: SkipRows = None,
    json: Json = False,
    force: Force = False,
) -> None:
    """Train networks on a table, say how good they are on rows not seen, and save them.

    Networks of several kinds are tried, and those that predict best together are kept.
    """
    from .table_options import TextFormat, column_types
    from .train import Wish, run

    text = TextFormat(encoding, delimiter, skip_rows)
    wish = Wish(
        data, target, task.value, test, val, groups, order_by, refit, preset and preset.value,
        plain, hidden, activation, dropout, epochs, time, seed, out, resume, text,
        column_types(types or []), json, force,
    )  # fmt: skip
    raise typer.Exit(run(wish))


@app.command()
def evaluate(
    model: Model,
    data: Data,
    target: Annotated[
        str | None, typer.Option(help="The column with the truth, if it is not called as before.")
    ] = None,
    fail_under: Annotated[
        str | None, typer.Option(help="Exit with 6 if a score is lower, as in accuracy=0.9.")
    ] = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    skip_rows: SkipRows = None,
    json: Json = False,
) -> None:
    """Measure a model on a table that holds the truth."""
    from .evaluate import run
    from .table_options import TextFormat

    text = TextFormat(encoding, delimiter, skip_rows)
    raise typer.Exit(run(model, data, target, fail_under, text, json))


@app.command()
def predict(
    model: Model,
    data: Data,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A .csv or .parquet file. Standard output if not given."),
    ] = None,
    proba: Annotated[
        bool, typer.Option("--proba", help="Add the probability of each class.")
    ] = False,
    keep: Annotated[
        str, typer.Option(help="Columns of DATA to repeat beside the prediction, as in id,name.")
    ] = "",
    escape_formulas: Annotated[
        bool,
        typer.Option(
            "--escape-formulas",
            help="Begin texts with ' that a spreadsheet would take for formulas: =, +, -, @.",
        ),
    ] = False,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    skip_rows: SkipRows = None,
    force: Force = False,
) -> None:
    """Predict each row of a table, in its order."""
    from .predict import run
    from .table_options import TextFormat

    text = TextFormat(encoding, delimiter, skip_rows)
    run(model, data, out, proba, keep, text, force, escape_formulas)


@app.command()
def explain(
    model: Model,
    data: Data,
    target: Target = None,
    curves: Annotated[
        int, typer.Option(min=0, help="Columns for which to show how predictions depend on them.")
    ] = 2,
    rows: Annotated[
        int, typer.Option(min=0, help="First rows of DATA of which to say what each column adds.")
    ] = 0,
    time: Annotated[str, typer.Option(help="Stop shuffling after so long: 60s, 5m, 1h.")] = "30s",
    picture: Annotated[Path | None, typer.Option(help="An .svg file to draw into.")] = None,
    seed: Seed = 0,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    skip_rows: SkipRows = None,
    json: Json = False,
    force: Force = False,
) -> None:
    """Say which columns a model goes by, how predictions depend on them, and why in single rows."""
    from .explain import run
    from .table_options import TextFormat
    from .train import seconds

    limit, text = seconds(time) or 0.0, TextFormat(encoding, delimiter, skip_rows)
    run(model, data, target, curves, rows, limit, picture, seed, text, json, force)


@app.command()
def inspect(model: Model, json: Json = False) -> None:
    """Show what is in a model file: columns, layers, how it was trained. Nothing in it is run."""
    from .inspect import run

    run(model, json)


@app.command()
def check(
    data: Data,
    target: Target = None,
    types: Types = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    skip_rows: SkipRows = None,
    json: Json = False,
) -> None:
    """Look a table over before training: types, missing values, doubles, classes, leaks."""
    from .check import run
    from .table_options import TextFormat, column_types

    text = TextFormat(encoding, delimiter, skip_rows)
    run(data, target, text, column_types(types or []), json)


@app.command()
def trace(
    model: Model,
    data: Data,
    rows: Annotated[int, typer.Option(min=1, help="So many rows, the first of DATA.")] = 3,
    target: Annotated[
        str | None, typer.Option(help="The column with the truth, if it is not called as before.")
    ] = None,
    rate: Rate = None,
    part: Annotated[
        int, typer.Option(min=1, help="Of large layers: 1 for the most active units, 2 for more.")
    ] = 1,
    html: Annotated[
        Path | None, typer.Option(help="Write a page in which every number can be opened.")
    ] = None,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print one number in a line, as CSV.")] = False,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    skip_rows: SkipRows = None,
    force: Force = False,
    lang: Lang = None,
) -> None:
    """Show every number of one step of training: forward, loss, backward, update."""
    from .table_options import TextFormat
    from .trace import run

    run(
        model, data, rows, target, rate, part, html, json, csv,
        TextFormat(encoding, delimiter, skip_rows), force, lang or language_of(os.environ),
    )  # fmt: skip


@app.command()
def export(
    model: Model,
    format: Annotated[Format, typer.Option(help="html: a page with a recorded training.")],
    data: Annotated[
        str | None,
        typer.Option(help="The rows to train on, if not those of the built-in table it knows."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="Where. Named like MODEL if not given.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="The column with the truth, if it is not called as before.")
    ] = None,
    steps: Annotated[int, typer.Option(min=1, max=10_000, help="Steps to record.")] = 100,
    rate: Rate = None,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    skip_rows: SkipRows = None,
    force: Force = False,
    lang: Lang = None,
) -> None:
    """Write a page that steps through a training of this network, for those without Python."""
    from .export import run
    from .table_options import TextFormat

    text = TextFormat(encoding, delimiter, skip_rows)
    run(model, data, out, target, steps, rate, text, force, lang or language_of(os.environ))


@app.command()
def article(splits: Splits = 100, seed: Seed = 0, lang: Lang = None, as_json: Json = False) -> None:
    """Run the experiment of an introduction to neural networks, step by step, as a lesson."""
    from .article import run

    run(splits, seed, lang or language_of(os.environ), as_json)


@app.command()
def gradcheck(
    model: Annotated[
        Path | None, typer.Argument(help="A saved model. A small example if not given.")
    ] = None,
    data: Annotated[str, typer.Option(help="The table for the example.")] = "iris",
    seed: Seed = 0,
    encoding: Encoding = None,
    delimiter: Delimiter = None,
    skip_rows: SkipRows = None,
    lang: Lang = None,
) -> None:
    """Compare backpropagation with finite differences, layer by layer. Ends with 1 if they differ.

    The example predicts the last column of the table.
    """
    from .gradcheck import run
    from .table_options import TextFormat

    text = TextFormat(encoding, delimiter, skip_rows)
    if not run(model, data, text, seed, lang or language_of(os.environ)):
        raise typer.Exit(1)


@app.command()
def lab(
    context: typer.Context,
    data: Annotated[
        str, typer.Argument(help="A table, or a shape such as circle. The page can open others.")
    ] = "circle",
    target: Target = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="0 is any. 8765 or any if not given.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    lang: Lang = None,
) -> None:
    """Open the lab: a page on which a network is built, trained live, and opened box by box."""
    from .lab import run

    language = lang or language_of(os.environ)
    raise typer.Exit(run(context.obj, data, target or "", port, browser, language))
