"""The tables of all activations, losses, layers ..., read off the code."""

from dataclasses import fields

import numpy as np

from jubako.core.activations import ACTIVATIONS
from jubako.core.initializers import INITIALIZERS
from jubako.core.layers import LAYERS
from jubako.core.losses import LOSSES
from jubako.training.optimizers import OPTIMIZERS
from jubako.training.schedules import SCHEDULES


def summary(thing: object) -> str:
    """Return the first paragraph of a docstring, as it may stand in a table."""
    return " ".join((thing.__doc__ or "").split("\n\n")[0].split()).replace("|", "\\|")


def settings(cls: type) -> str:
    """Return the fields of a class with their defaults."""
    return ", ".join(
        f"`{field.name}={field.default}`"
        if isinstance(field.default, (int, float, str, bool))
        else f"`{field.name}`"
        for field in fields(cls)
    )


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a Markdown table."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def numbers(values: np.ndarray) -> list[str]:
    """Return numbers as they stand in a table."""
    return [f"{value:.3f}" for value in values]


def text() -> str:
    """Return the sections of the page, in Markdown."""
    a, t = np.array([-2.0, -0.5, 0.5, 2.0]), np.linspace(0, 1, 6)
    activations = [
        [f"`{name}`", *numbers(f.value(a)), *numbers(1.0 * f.slope(a, f.value(a)))]
        for name, f in ACTIVATIONS.items()
    ]
    head = [f"f({x:g})" for x in a] + [f"f'({x:g})" for x in a]
    parts = {
        "Activations": table(["name", *head], activations),
        "Losses": table(
            ["name", "", "target", "settings"],
            [[f"`{n}`", summary(c), c.target, settings(c)] for n, c in LOSSES.items()],
        ),
        "Layers": table(
            ["name", "", "description"],
            [[f"`{n}`", summary(c), settings(c)] for n, c in LAYERS.items()],
        ),
        "Initial weights": table(
            ["name", ""], [[f"`{n}`", summary(rule)] for n, rule in INITIALIZERS.items()]
        ),
        "Optimizers": table(
            ["name", "", "settings"],
            [[f"`{n}`", summary(c), settings(c)] for n, c in OPTIMIZERS.items()],
        ),
        "Schedules": table(
            ["name", *(f"{100 * x:.0f} %" for x in t)],
            [[f"`{name}`", *numbers(f(t))] for name, f in SCHEDULES.items()],
        ),
    }
    notes = {
        "Activations": "Values and derivatives at four points.",
        "Schedules": "Factor of the initial learning rate, by progress of the run.",
    }
    return "".join(
        f"\n## {title}\n\n{notes[title] + chr(10) * 2 if title in notes else ''}{body}\n"
        for title, body in parts.items()
    )
