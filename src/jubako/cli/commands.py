"""The commands and their options; each command runs the module of its name."""

from pathlib import Path
from typing import Annotated, Any, Final

import typer

from jubako import __version__
from jubako.i18n.messages import Message

from .help import App, Group
from .localization import localization
from .options import (
    Activation,
    Cluster,
    Data,
    Dropout,
    Epochs,
    Force,
    Format,
    Groups,
    Hidden,
    Jobs,
    Json,
    Lang,
    Model,
    OrderBy,
    Out,
    Plain,
    Rate,
    Refit,
    Resume,
    RunDir,
    Seed,
    Splits,
    Target,
    Task,
    Test,
    Time,
    TrainPreset,
    TrainTask,
    Truth,
    Types,
    Val,
    Weights,
    reads_tables,
)

app: Final = App(
    cls=Group,
    help="Jubako (重箱): neural networks for tables.",
    epilog="Try: jubako train iris",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def print_version(wanted: bool) -> None:
    """Print the version and the engine, and exit."""
    if wanted:
        from jubako.training.engines.native.library import chosen, problem  # no NumPy

        library, why = chosen(), problem()
        engine = f"native, {library.build}" if library else "NumPy"
        if why:
            engine = localization.text(Message("NumPy, since the native engine {why}", why=why))
        print(f"jubako {__version__} (engine: {engine})")
        raise typer.Exit


@app.callback()
def jubako(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
    lang: Lang = None,
) -> None:
    """Jubako (重箱): neural networks for tables."""
    # `main` looks for --debug and --lang, since loading this module may fail too


# Commands


@app.command()
@reads_tables
def train(
    data: Data,
    target: Target = None,
    types: Types = None,
    task: TrainTask = Task.auto,
    test: Test = "0.25",
    val: Val = None,
    groups: Groups = None,
    order_by: OrderBy = None,
    weights: Weights = None,
    refit: Refit = False,
    preset: TrainPreset = None,
    plain: Plain = False,
    hidden: Hidden = None,
    activation: Activation = None,
    dropout: Dropout = None,
    epochs: Epochs = None,
    time: Time = None,
    seed: Seed = 0,
    out: Out = None,
    resume: Resume = False,
    run_dir: RunDir = None,
    jobs: Jobs = None,
    cluster: Cluster = None,
    text: Any = None,
    json: Json = False,
    force: Force = False,
    lang: Lang = None,
) -> None:
    """Train networks on a table, measure them on a test set, and save the model.

    Candidates are compared by cross-validation, and combined by greedy ensemble selection.
    """
    from .table_options import column_types
    from .train import run
    from .train_options import TrainOptions

    chosen = TrainOptions(
        data=data,
        target=target,
        task=task.value,
        test=test,
        val=val,
        groups=groups,
        order_by=order_by,
        weights=weights,
        refit=refit,
        preset=preset and preset.value,
        plain=plain,
        hidden=hidden,
        activation=activation,
        dropout=dropout,
        epochs=epochs,
        time=time,
        seed=seed,
        out=out,
        resume=resume,
        run=run_dir,
        jobs=jobs,
        cluster=cluster,
        text=text,
        types=column_types(types or []),
        json=json,
        force=force,
    )
    raise typer.Exit(run(chosen))


@app.command()
def runs(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="A run folder of `jubako train --run`.")
    ],
    json: Json = False,
    lang: Lang = None,
) -> None:
    """Show the progress of the training in a run folder, also while it is running."""
    from .runs import run

    run(folder, json)


@app.command()
@reads_tables
def evaluate(
    model: Model,
    data: Data,
    target: Truth = None,
    fail_under: Annotated[
        str | None,
        typer.Option(help="Exit with code 6 if the metric is lower: accuracy=0.9, or r2=0.8."),
    ] = None,
    text: Any = None,
    json: Json = False,
    lang: Lang = None,
) -> None:
    """Compute the metrics of a model on a table with its target."""
    from .evaluate import run

    raise typer.Exit(run(model, data, target, fail_under, text, json))


@app.command()
@reads_tables
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
    interval: Annotated[
        str,
        typer.Option(
            help="Add prediction intervals, or for classes prediction sets, of this coverage: 0.9, "
            "or 0.5,0.9."
        ),
    ] = "",
    keep: Annotated[
        str, typer.Option(help="Columns of DATA to copy beside the prediction: id,name.")
    ] = "",
    escape_formulas: Annotated[
        bool,
        typer.Option(
            "--escape-formulas",
            help="Put ' before texts that spreadsheets evaluate as formulas: =, +, -, @.",
        ),
    ] = False,
    text: Any = None,
    force: Force = False,
    lang: Lang = None,
) -> None:
    """Predict each row of a table, in the order of the rows."""
    from .predict import run

    run(model, data, out, proba, interval, keep, text, force, escape_formulas)


@app.command()
@reads_tables
def explain(
    model: Model,
    data: Data,
    target: Truth = None,
    curves: Annotated[
        int, typer.Option(min=0, help="Number of columns whose partial dependence is shown.")
    ] = 2,
    rows: Annotated[
        int, typer.Option(min=0, help="Number of rows, the first of DATA, with Shapley values.")
    ] = 0,
    time: Annotated[
        str, typer.Option(help="Time limit of the permutation importance: 60s, 5m, 1h.")
    ] = "30s",
    picture: Annotated[Path | None, typer.Option(help="An .svg file to draw into.")] = None,
    seed: Seed = 0,
    text: Any = None,
    json: Json = False,
    force: Force = False,
    lang: Lang = None,
) -> None:
    """Show feature importance, partial dependence, and Shapley values of single rows."""
    from .explain import run
    from .train_options import seconds

    run(model, data, target, curves, rows, seconds(time) or 0.0, picture, seed, text, json, force)


@app.command()
@reads_tables
def distill(
    model: Model,
    out: Annotated[Path, typer.Option("--out", "-o", help="The .jubako file to write.")],
    data: Annotated[
        str | None,
        typer.Argument(
            metavar="DATA",
            help="Rows like those that will be predicted, such as the training table. Labels are "
            "not needed. Rows are drawn from what the model knows of each column if not given.",
        ),
    ] = None,
    text: Any = None,
    json: Json = False,
    force: Force = False,
    lang: Lang = None,
) -> None:
    """Distill an ensemble into one small network, which predicts much faster."""
    from .distill import run

    raise typer.Exit(run(model, data, out, text, json, force))


@app.command()
def inspect(model: Model, json: Json = False, lang: Lang = None) -> None:
    """Show the contents of a model file: columns, layers, training, size, speed."""
    from .inspect import run

    run(model, json)


@app.command()
@reads_tables
def check(
    data: Data,
    target: Target = None,
    types: Types = None,
    text: Any = None,
    json: Json = False,
    lang: Lang = None,
) -> None:
    """Check a table before training: types, missing values, duplicates, classes, leaks."""
    from .check import run
    from .table_options import column_types

    run(data, target, text, column_types(types or []), json)


@app.command()
@reads_tables
def trace(
    model: Model,
    data: Data,
    rows: Annotated[int, typer.Option(min=1, help="Number of rows, the first of DATA.")] = 3,
    target: Truth = None,
    rate: Rate = None,
    part: Annotated[
        int,
        typer.Option(
            min=1, help="Part of large layers: 1 for the most active units, 2 for the next, ..."
        ),
    ] = 1,
    html: Annotated[
        Path | None, typer.Option(help="Write a page in which every number can be opened.")
    ] = None,
    json: Json = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, one number per line.")] = False,
    text: Any = None,
    force: Force = False,
    lang: Lang = None,
) -> None:
    """Show every number of one training step: forward pass, loss, backward pass, update."""
    from .trace import run

    language = localization.language
    run(model, data, rows, target, rate, part, html, json, csv, text, force, language)


@app.command()
@reads_tables
def export(
    model: Model,
    format: Annotated[
        Format,
        typer.Option(
            help="onnx: for ONNX runtimes; python: a Python file that needs NumPy only; html: a "
            "page with a form that predicts; recording: a page with recorded training steps, to "
            "which the options --data, --target, --steps and --rate belong."
        ),
    ],
    data: Annotated[
        str | None,
        typer.Option(help="The rows to train on. The built-in table of the model if not given."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The file to write. Named like MODEL if not given."),
    ] = None,
    target: Truth = None,
    steps: Annotated[
        int | None,
        typer.Option(min=1, max=10_000, help="Number of recorded steps. 100 if not given."),
    ] = None,
    rate: Rate = None,
    text: Any = None,
    force: Force = False,
    lang: Lang = None,
) -> None:
    """Write a model in a form that works without Jubako, or a page that replays its training."""
    if format is Format.recording:
        from .recording import run as record

        record(model, data, out, target, steps or 100, rate, text, force, localization.language)
    else:
        from .export import refuse_options, run

        refuse_options(format, {"data": data, "target": target, "steps": steps, "rate": rate})
        run(model, format, out, force, localization.language)


@app.command()
@reads_tables
def report(
    model: Model,
    data: Data,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="The file to write: .html for a page, .json for its facts. MODEL-report.html if "
            "not given.",
        ),
    ] = None,
    target: Truth = None,
    rows: Annotated[
        int,
        typer.Option(
            min=0, help="Number of rows with the largest errors to show, with their values."
        ),
    ] = 0,
    text: Any = None,
    force: Force = False,
    lang: Lang = None,
) -> None:
    """Write a report on a model and a table with its target: one page, which needs no network."""
    from .report import run

    run(model, data, out, target, rows, text, force, localization.language)


@app.command()
def serve(
    model: Model,
    host: Annotated[
        str, typer.Option(help="Address to listen on. Set a token if other machines can reach it.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for any.")] = 8000,
    token: Annotated[
        str | None,
        typer.Option(
            help="Token that requests must have. Better set JUBAKO_TOKEN: others can see options."
        ),
    ] = None,
    max_rows: Annotated[int, typer.Option(min=1, help="Maximum rows of a request.")] = 10_000,
    max_mb: Annotated[
        float, typer.Option("--max-mb", min=0.001, help="Maximum size of a request.")
    ] = 16,
    max_seconds: Annotated[
        float, typer.Option(min=0.1, help="Maximum time to receive and to answer a request.")
    ] = 30,
    lang: Lang = None,
) -> None:
    """Predict by HTTP: JSON, CSV or Arrow in and out, until Ctrl-C or SIGTERM."""
    from jubako.serve.limits import Limits

    from .serve import run

    run(model, host, port, token, Limits(max_rows, max_mb, max_seconds))


@app.command()
def article(splits: Splits = 100, seed: Seed = 0, lang: Lang = None, as_json: Json = False) -> None:
    """Run the experiment of an introduction to neural networks, step by step, as a lesson."""
    from .article import run

    run(splits, seed, localization.language, as_json)


@app.command()
@reads_tables
def gradcheck(
    model: Annotated[
        Path | None,
        typer.Argument(metavar="MODEL", help="A saved model. A small example if not given."),
    ] = None,
    data: Annotated[str, typer.Option(help="The table for the example.")] = "iris",
    seed: Seed = 0,
    text: Any = None,
    lang: Lang = None,
) -> None:
    """Compare backpropagation with finite differences. Exit with code 1 if they disagree.

    The example predicts the last column of the table.
    """
    from .gradcheck import run

    if not run(model, data, text, seed, localization.language):
        raise typer.Exit(1)


@app.command()
def lab(
    context: typer.Context,
    data: Annotated[
        str,
        typer.Argument(
            metavar="DATA", help="A table, or a shape such as circle. The page can open others."
        ),
    ] = "circle",
    target: Target = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port; 0 for any. 8765 or any if not given."),
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    lang: Lang = None,
) -> None:
    """Open the lab: a page on which networks are built, trained live and inspected."""
    from .lab import run

    language = localization.language
    raise typer.Exit(run(context.obj, data, target or "", port, browser, language))
