"""`jubako inspect`: what is in a model file. Nothing in it is run."""

import json
from pathlib import Path
from typing import Any

from rich.table import Table
from sklearn.base import is_classifier

from jubako.core.layers import Layer, Residual
from jubako.core.network import Network
from jubako.data.schema import input_slices
from jubako.estimators.loading import revive
from jubako.estimators.single_network import BasePlain
from jubako.estimators.table_estimator import RawTable
from jubako.estimators.tabular import BaseTabular
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
    mlp: Any = model.mlp_ if isinstance(model, BasePlain) else model
    if not isinstance(model, BaseTabular):
        facts.add_row("training", f"{mlp.n_iter_} epochs, {mlp.stopped_}, loss {mlp.loss_:.4f}")
    if is_classifier(model):
        labels: Any = model
        classes = [str(label) for label in labels.classes_]
        shown = ", ".join(classes[:10]) + (", ..." if len(classes) > 10 else "")
        facts.add_row("classes", f"{len(classes)}: {shown}")
    out.print(facts)
    if isinstance(model, RawTable):
        columns = Table(title="Columns", title_justify="left")
        columns.add_column("name")
        columns.add_column("becomes")
        columns.add_column("inputs", justify="right")
        places = dict(input_slices(model.columns_, model.codes))
        for column in model.columns_:
            n_inputs = places[column].stop - places[column].start
            columns.add_row(column.name, column.describe(), str(n_inputs))
        for column in model.dropped_:
            columns.add_row(column.name, f"left out: {column.reason}", "0")
        out.print(columns)
    if isinstance(model, BaseTabular):
        out.print(leaderboard(model))
        for one, share in zip(model.ensemble_, model.weights_, strict=True):
            out.print(f"{one.candidate.describe()}: {share:.0%} of the prediction")
            show_layers(one.net, len(one.theta))
    else:
        show_layers(mlp.network_, len(mlp.theta_))


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
