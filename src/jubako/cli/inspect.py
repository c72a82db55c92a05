"""`jubako inspect`: the contents of a model file. Nothing in it is run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from jubako.core.activations import Array
from jubako.core.layers import Layer, Residual
from jubako.core.network import Network
from jubako.estimators.loading import revive
from jubako.evaluation.latency import latency
from jubako.i18n.messages import Message, Series
from jubako.model.decision import threshold_of_costs
from jubako.model.model import Model
from jubako.model.model_file import read_file
from jubako.model.schema_json import to_plain

from .console import out, print_json
from .leaderboard import configuration_text, leaderboard, time_text
from .localization import localization
from .metric_tables import TASKS

MOST_CLASSES = 10  # shown
LAYERS = {
    "dense": Message("dense"),
    "dropout": Message("dropout"),
    "scale": Message("scale"),
    "embedding": Message("category embedding"),
    "periodic": Message("periodic embedding"),
}
LOSSES = {
    "squared_error": Message("squared error"),
    "absolute_error": Message("absolute error"),
    "huber": Message("Huber loss"),
    "log_cosh": Message("log-cosh loss"),
    "quantile": Message("quantile loss"),
    "poisson": Message("Poisson deviance"),
    "binary_cross_entropy": Message("binary cross-entropy"),
    "cross_entropy": Message("cross-entropy"),
}
NOTES = {
    "data": Message("table"),
    "target": Message("target"),
    "task": Message("task"),
    "target_reading": Message("target read as"),
    "rows": Message("training rows"),
    "seed": Message("seed"),
    "seconds": Message("training seconds"),
    "teacher": Message("distilled from"),
}
"""From the key of a note to its heading."""
VALUES = {
    **TASKS,
    "numeric": Message("numeric"),
    "categorical": Message("categorical"),
    "boolean": Message("boolean"),
}
"""From the value of a note to its text."""
OPTIMISTIC = Message(
    "The OOF loss is that of rows that a network was not trained on. It is optimistic, since "
    "epochs and weights were chosen on these rows; `jubako evaluate` measures the model on other "
    "rows."
)
REASONS = {
    "epochs": Message("completed"),
    "converged": Message("converged"),
    "callback": Message("stopped by a callback"),
    "interrupted": Message("interrupted"),
    "diverged": Message("diverged"),
    "time": Message("time limit reached"),
    "disk": Message("the run folder could not be written"),
}
"""From the reason why training ended to its text."""


def run(path: Path, as_json: bool) -> None:
    """Print the description."""
    words, arrays = read_file(path)
    model, note = revive(path, words, arrays)
    if as_json:
        shapes = {name: list(array.shape) for name, array in arrays.items()}
        print_json(
            {
                "file": str(path),
                "bytes": path.stat().st_size,
                "seconds": {str(n): seconds for n, seconds in latency(model.model_).items()},
                "description": words,
                "arrays": shapes,
            }
        )
        return
    out.print(facts_table(path, words["library_version"], model, note))
    learned = model.model_
    if learned.schema is not None:
        out.print(columns_table(learned))
    if learned.log.leaderboard:
        out.print(leaderboard(model))
        if not learned.log.distilled:
            out.print(OPTIMISTIC)
    for fitted in learned.networks:
        if fitted.candidate is not None:
            out.print(
                Message(
                    "{candidate}: ensemble weight {weight:.0%}",
                    candidate=configuration_text(fitted.candidate.describe()),
                    weight=float(fitted.weight),
                )
            )
        show_layers(fitted.net, len(fitted.theta))


def facts_table(path: Path, version: str, model: Any, note: Mapping[str, Any]) -> Table:
    """Show the type of the model, its note, its training and its classes."""
    facts = Table(box=None, pad_edge=False, show_header=False)
    kind = type(model).__name__
    facts.add_row(
        Message("model"), Message("{kind}, saved by Jubako {version}", kind=kind, version=version)
    )
    size = path.stat().st_size
    facts.add_row(Message("file"), Message("{path}, {size:,} bytes", path=str(path), size=size))
    one, many = map(time_text, latency(model.model_).values())
    facts.add_row(
        Message("prediction"), Message("{one} for 1 row, {many} for 1,000", one=one, many=many)
    )
    for key, value in note.items():
        shown = value.get("kind", value) if isinstance(value, dict) else value
        facts.add_row(NOTES.get(key, key), VALUES.get(str(shown), str(shown)))
    log, classes = model.model_.log, model.model_.classes
    if not log.leaderboard:
        facts.add_row(
            Message("training"),
            Message(
                "{n} epochs, {reason}, loss {loss:.4f}",
                n=log.epochs,
                reason=REASONS[log.stopped],
                loss=log.loss,
            ),
        )
    if classes is not None:
        labels = [str(label) for label in classes]
        more = ", ..." if len(labels) > MOST_CLASSES else ""
        shown = ", ".join(labels[:MOST_CLASSES]) + more
        facts.add_row(Message("classes"), f"{len(labels)}: {shown}")
        add_costs(facts, model.model_.costs, labels)
    return facts


def add_costs(facts: Table, costs: Array | None, labels: list[str]) -> None:
    """Show the threshold of two classes, or the costs of more, by which classes are chosen."""
    if costs is None:
        return
    if len(labels) > 2:
        facts.add_row(Message("cost matrix"), str(costs.tolist()))
        return
    threshold = threshold_of_costs(costs)
    value = Message(
        "{threshold:.4g}, for the probability of {label!r}", threshold=threshold, label=labels[1]
    )
    facts.add_row(Message("threshold"), value)


def columns_table(model: Model) -> Table:
    """List the columns, how they are used, and their number of inputs."""
    table = Table(title=Message("Columns"), title_justify="left")
    table.add_column(Message("column"))
    table.add_column(Message("used as"))
    table.add_column(Message("inputs"), justify="right")
    widths = model.schema.n_inputs_by_column if model.schema else []
    for column, n_inputs in zip(model.columns, widths, strict=True):
        table.add_row(column.name, column.describe(), str(n_inputs))
    for column in model.dropped:
        reason = localization.saved_text(column.reason)
        table.add_row(column.name, Message("dropped: {reason}", reason=reason), "0")
    return table


def show_layers(net: Network, n_networks: int) -> None:
    """List the layers of networks of one architecture."""
    table = Table(title=Message("Layers"), title_justify="left")
    table.add_column("")
    table.add_column(Message("layer"))
    inputs, outputs = Message("inputs"), Message("outputs")
    for head in (inputs, outputs, Message("parameters")):
        table.add_column(head, justify="right")
    for i, layer in enumerate(net.layers, start=1):
        size = sum(stop.stop - stop.start for stop, _ in net.layout[i - 1].values())
        table.add_row(str(i), describe(layer), str(layer.n_in), str(layer.n_out), f"{size:,}")
    out.print(table)
    loss = to_plain(net.loss)["loss"]
    out.print(
        Message(
            "Loss: {loss}. Parameters: {n:,} x {n_networks} network(s).",
            loss=LOSSES.get(loss, loss),
            n=net.n_params,
            n_networks=n_networks,
        )
    )


def describe(layer: Layer) -> str:
    """Return the name of a layer and its settings, in the language of the command."""
    if isinstance(layer, Residual):
        inside = Series([describe(each) for each in layer.layers])
        return localization.text(Message("residual: {layers}", layers=inside))
    words: dict[str, Any] = to_plain(layer)
    name = str(words["layer"])
    extra = [str(words[key]) for key in ("activation", "rate") if key in words]
    return " ".join([localization.text(LAYERS.get(name, name)), *extra])
