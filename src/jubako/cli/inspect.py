"""`jubako inspect`: what is in a model file. Nothing in it is run."""

import json
from pathlib import Path

from rich.table import Table

from jubako.core.layers import Layer, Residual
from jubako.core.network import Network
from jubako.estimators.loading import revive
from jubako.model.model_file import read_file
from jubako.model.schema_json import to_plain

from .console import out
from .leaderboard import leaderboard


def run(path: Path, as_json: bool) -> None:
    """Print the description."""
    words, arrays = read_file(path)
    model, note = revive(path, words, arrays)
    if as_json:
        shapes = {name: list(array.shape) for name, array in arrays.items()}
        answer = {"schema_version": 1, "file": str(path), "description": words, "arrays": shapes}
        print(json.dumps(answer, ensure_ascii=False))
        return
    facts = Table(box=None, pad_edge=False, show_header=False)
    facts.add_row("model", f"{type(model).__name__}, saved by Jubako {words['library_version']}")
    facts.add_row("file", f"{path}, {path.stat().st_size:,} bytes")
    for key, value in note.items():
        facts.add_row(str(key), str(value))
    learned = model.model_
    if not learned.log.leaderboard:
        log = learned.log
        facts.add_row("training", f"{log.epochs} epochs, {log.stopped}, loss {log.loss:.4f}")
    if learned.classes is not None:
        classes = [str(label) for label in learned.classes]
        shown = ", ".join(classes[:10]) + (", ..." if len(classes) > 10 else "")
        facts.add_row("classes", f"{len(classes)}: {shown}")
    out.print(facts)
    if learned.schema is not None:
        columns = Table(title="Columns", title_justify="left")
        columns.add_column("name")
        columns.add_column("becomes")
        columns.add_column("inputs", justify="right")
        widths = learned.schema.n_inputs_by_column
        for column, n_inputs in zip(learned.columns, widths, strict=True):
            columns.add_row(column.name, column.describe(), str(n_inputs))
        for column in learned.dropped:
            columns.add_row(column.name, f"dropped: {column.reason}", "0")
        out.print(columns)
    if learned.log.leaderboard:
        out.print(leaderboard(model))
    for fitted in learned.networks:
        if fitted.candidate is not None:
            what = fitted.candidate.describe()
            out.print(f"{what}: {fitted.weight:.0%} of the prediction")
        show_layers(fitted.net, len(fitted.theta))


def show_layers(net: Network, n_networks: int) -> None:
    """List the layers of some networks that are alike."""
    layers = Table(title="Layers", title_justify="left")
    for head in ("", "layer", "inputs", "outputs", "parameters"):
        layers.add_column(head, justify="left" if head in ("", "layer") else "right")
    for i, layer in enumerate(net.layers, start=1):
        size = sum(stop.stop - stop.start for stop, _ in net.layout[i - 1].values())
        layers.add_row(str(i), describe(layer), str(layer.n_in), str(layer.n_out), f"{size:,}")
    loss = to_plain(net.loss)["loss"].replace("_", " ")
    out.print(layers)
    out.print(f"Loss: {loss}. Parameters: {net.n_params:,} x {n_networks} network(s).")


def describe(layer: Layer) -> str:
    """Name a layer and what it does."""
    if isinstance(layer, Residual):
        return "residual: " + ", ".join(describe(inside) for inside in layer.layers)
    words = to_plain(layer)
    extra = [str(words[key]) for key in ("activation", "rate") if key in words]
    return " ".join([words["layer"], *extra])
