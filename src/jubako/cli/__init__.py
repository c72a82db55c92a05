"""Floor 5: the command line. Results go to stdout, progress and hints to stderr."""

import sys
from typing import Annotated

import typer

from jubako import __version__

app = typer.Typer(
    help="Jubako (重箱): neural networks for tables.",
    epilog="Try: jubako train iris",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def say_version(wanted: bool) -> None:
    """Print the version and the engine, and leave."""
    if wanted:
        from jubako.training.native import best_engine

        print(f"jubako {__version__} (engine: {best_engine().describe()})")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=say_version, is_eager=True, help="Say the version."),
    ] = False,
) -> None:
    """Jubako (重箱): neural networks for tables."""


Data = Annotated[str, typer.Argument(help="A CSV file, or a built-in table such as iris.")]
Target = Annotated[str | None, typer.Option(help="The column to predict.")]
Hidden = Annotated[str, typer.Option(help="Units of each hidden layer; '' for none.")]
Activation = Annotated[str, typer.Option(help="What hidden units do: relu, tanh, silu ...")]
Epochs = Annotated[int, typer.Option(min=0, help="Passes over the rows.")]
Seed = Annotated[int, typer.Option(min=0, help="Repeats the random numbers.")]


@app.command()
def train(
    data: Data,
    target: Target = None,
    hidden: Hidden = "64,64",
    activation: Activation = "relu",
    epochs: Epochs = 200,
    seed: Seed = 0,
) -> None:
    """Train a network on a table, and say how good it is on rows that it has not seen."""
    from .train import run

    run(data, target, hidden, activation, epochs, seed)


def main() -> None:
    """Run the command `jubako`.

    What is wrong with the user's data ends with 3, what is wrong with an option with 2: each with
    one sentence.
    """
    from jubako.table.errors import TableError

    try:
        app()
    except (TableError, ValueError) as error:
        print(f"jubako: {error}", file=sys.stderr)
        sys.exit(3 if isinstance(error, TableError) else 2)
