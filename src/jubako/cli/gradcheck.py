"""`jubako gradcheck`: backpropagation against finite differences, layer by layer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.cells import cell_len
from rich.table import Table

from jubako.core.activations import Array
from jubako.core.layers import LAYERS, Dense, Dropout, Layer, Residual, Scale
from jubako.core.losses import LOSSES, CrossEntropy, SquaredError
from jubako.core.network import Network
from jubako.data.column_encoding import encode, fit_columns
from jubako.data.dataset import with_target
from jubako.data.errors import TableError
from jubako.data.target_column import find_task
from jubako.estimators.loading import load
from jubako.explain.gradcheck import BOUND, Part, check_gradient
from jubako.explain.messages import layer_name
from jubako.i18n.language import Language, translate
from jubako.i18n.messages import Message

from .console import heading, out, paragraph, print_notes
from .inspect import LOSSES as LOSS_NAMES
from .lesson_texts import GRADCHECK
from .localization import localization
from .table_options import TextFormat

MOST_ROWS = 50  # more would take longer and show no more


@dataclass(frozen=True, slots=True)
class Subject:
    """A network and the rows on which its gradient is checked."""

    net: Network
    theta: Array  # (P,)
    x: Array  # (M, n_in)
    y: Array  # (M, n_out), or (M, 1) for class numbers


def run(model: Path | None, data: str, text: TextFormat, seed: int, language: Language) -> bool:
    """Check the gradient, print the result, and return whether all parameters agree."""
    rng = np.random.default_rng(seed)
    if model is None:
        subject = example(data, text, rng)
    else:
        subject, data = trained(model, rng), translate(GRADCHECK, "random", language)
    heading(translate(GRADCHECK, "title", language))
    paragraph(translate(GRADCHECK, "introduction", language, rows=len(subject.x), data=data))
    out.print()
    for i, layer in enumerate(subject.net.layers, 1):
        out.print(f"    {i}. {describe(layer, language)}", soft_wrap=True)
    loss = next(name for name, cls in LOSSES.items() if isinstance(subject.net.loss, cls))
    name = localization.text(LOSS_NAMES[loss])
    paragraph(translate(GRADCHECK, "loss", language, loss=name))
    parts = check_gradient(subject.net, subject.theta, subject.x, subject.y, rng)
    show_examples(parts, language)
    show_table(subject.net, parts, language)
    return conclude(parts, language)


def example(data: str, text: TextFormat, rng: np.random.Generator) -> Subject:
    """Return a small network of several layers and activations for a table, not trained.

    The table's last column is the target.
    """
    table, _, notes = text.table(data)
    print_notes(notes)
    table = table.take(rng.permutation(table.num_rows)[:MOST_ROWS])
    target = table.column_names[-1]
    task = find_task(table[target], target, "auto")
    rows, _ = with_target(table, target, task)
    columns, _ = fit_columns(rows.table)
    if not columns:
        raise TableError(
            Message(
                "{data!r} has no usable column before its last one, {target!r}.",
                data=data,
                target=target,
            )
        )
    x = encode(columns, rows.table).astype(np.float64)
    if task == "regress":
        y = ((rows.target - rows.target.mean()) / (rows.target.std() or 1))[:, None]
        n_out, loss = 1, SquaredError()
    else:
        classes, codes = np.unique(rows.target, return_inverse=True)
        y = codes[:, None].astype(np.float64)
        n_out, loss = max(2, len(classes)), CrossEntropy()
    inside = Dense(6, 5, "silu"), Dropout(5, 0.2), Dense(5, 6)
    layers = Dense(x.shape[1], 6, "tanh"), Residual(inside), Scale(6), Dense(6, 5, "relu")
    net = Network((*layers, Dense(5, n_out)), loss)
    theta = net.init("he", rng)
    theta += rng.normal(0, 0.1, theta.shape)  # so that biases and scales are not 0 or 1
    return Subject(net, theta, x, y)


def trained(path: Path, rng: np.random.Generator) -> Subject:
    """Return the strongest network of a model, the first of several, and random rows."""
    fitted = load(path).model_.strongest
    net, theta = fitted.net, fitted.theta[0]
    target = net.loss.target
    n_out = net.layers[-1].n_out
    draw = {
        "real": lambda: rng.normal(size=(MOST_ROWS, n_out)),
        "count": lambda: rng.poisson(2, (MOST_ROWS, n_out)),
        "binary": lambda: rng.integers(2, size=(MOST_ROWS, n_out)),
        "class": lambda: rng.integers(n_out, size=(MOST_ROWS, 1)),
    }
    x = rng.normal(size=(MOST_ROWS, net.layers[0].n_in))
    return Subject(net, theta.astype(np.float64), x, draw[target]().astype(np.float64))


def describe(layer: Layer, language: Language) -> str:
    """Describe a layer."""
    name = kind(layer, language)
    if isinstance(layer, Residual):
        return f"{name} ({', '.join(describe(each, language) for each in layer.layers)})"
    activation: Any = getattr(layer, "activation", "identity")
    return f"{name} {layer.n_in} -> {layer.n_out} {activation}".removesuffix(" identity")


def kind(layer: Layer, language: Language) -> str:
    """Return the name of a kind of layer."""
    name = next(name for name, cls in LAYERS.items() if type(layer) is cls)
    return layer_name(name, language.value)


def place(name: str, index: tuple[int, ...]) -> str:
    """Return the name of a parameter: w[2,0]."""
    return f"{name}[{','.join(map(str, index))}]"


def show_examples(parts: list[Part], language: Language) -> None:
    """Print the formula with numbers for the steepest parameter of each layer's first array."""
    heading(translate(GRADCHECK, "examples", language))
    seen = set[int]()
    for part in parts:
        if part.layer in seen:
            continue
        seen.add(part.layer)
        p = part.steepest
        name = place(part.name, p.index)
        values = translate(GRADCHECK, "weight", language, name=name, value=p.value, h=p.h)
        label = translate(GRADCHECK, "backpropagation", language)
        formula = f"({p.high:.12f} - {p.low:.12f}) / {2 * p.h:.6g}"
        lines = (
            f"{part.layer + 1}. {values}",
            f"   {formula} = {p.quotient:.9f}",
            f"   {pad_left(label, len(formula))} = {p.grad:.9f}",
        )
        for line in lines:
            out.print(line, soft_wrap=True)


def pad_left(text: str, width: int) -> str:
    """Right-align a text in a field; a Japanese character takes two columns."""
    return " " * (width - cell_len(text)) + text


def show_table(net: Network, parts: list[Part], language: Language) -> None:
    """Print the differences of the two derivatives, by parameter array."""
    heading(translate(GRADCHECK, "table", language))
    table = Table()
    table.add_column(translate(GRADCHECK, "layer", language))
    table.add_column(translate(GRADCHECK, "part", language))
    for name in ("checked", "size", "difference", "error"):
        table.add_column(translate(GRADCHECK, name, language), justify="right")
    table.add_column(translate(GRADCHECK, "agrees", language))
    for i, part in enumerate(parts):
        first = not i or parts[i - 1].layer != part.layer
        table.add_row(
            f"{part.layer + 1} {kind(net.layers[part.layer], language)}" if first else "",
            part.name,
            f"{len(part.compared)}/{np.prod(part.shape)}",
            f"{part.grad_norm:.1e}",
            f"{max((probe.difference for probe in part.compared), default=0):.1e}",
            f"{max((probe.error for probe in part.compared), default=0):.1e}",
            translate(GRADCHECK, "yes" if part.agrees else "no", language),
        )
    out.print(table)


def conclude(parts: list[Part], language: Language) -> bool:
    """Print the verdict, and return it."""
    compared = [(part, probe) for part in parts for probe in part.compared]
    wrong = [(part, probe) for part, probe in compared if not probe.agrees]
    if kinks := sum(len(part.probes) for part in parts) - len(compared):
        paragraph(translate(GRADCHECK, "kinks", language, n=kinks))
    if not wrong:
        paragraph(translate(GRADCHECK, "right", language, n=len(compared), bound=BOUND))
        return True
    part, probe = max(wrong, key=lambda pair: pair[1].error)
    values = {"n": len(wrong), "all": len(compared), "layer": part.layer + 1}
    values |= {"name": place(part.name, probe.index), "grad": probe.grad}
    paragraph(translate(GRADCHECK, "wrong", language, quotient=probe.quotient, **values))
    return False
