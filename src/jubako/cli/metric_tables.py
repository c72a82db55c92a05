"""Tables of metrics, as `train` and `evaluate` print them."""

from collections.abc import Container
from typing import TYPE_CHECKING

from rich.table import Table

from jubako.evaluation.metric_names import NAMES, value_text
from jubako.i18n.messages import Message

if TYPE_CHECKING:
    from jubako.evaluation.metrics import Metrics  # loads scikit-learn's

MOST_CLASSES = 20  # whose precision and recall are shown

TASKS = {"classify": Message("classification"), "regress": Message("regression")}


def metric_table(
    title: str, metrics_of: "dict[str, Metrics]", names: Container[str] = tuple(NAMES)
) -> Table:
    """Compare the metrics of several models, given by their labels."""
    first = next(iter(metrics_of.values()))
    names = [name for name, value in first.items() if name in names and not isinstance(value, dict)]
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for name in names:
        table.add_column(NAMES[name], justify="right")
    for label, metrics in metrics_of.items():
        table.add_row(label, *(value_text(name, metrics[name]) for name in names))
    return table


def detail_table(metrics: "Metrics") -> Table | None:
    """Show the metrics of each class, or quantiles of the absolute error.

    Returns
    -------
    Table or None
        None if there are more than `MOST_CLASSES` classes.
    """
    table = Table()
    if "per_class" not in metrics:
        table.add_column(Message("quantile"))
        table.add_column(Message("absolute error"), justify="right")
        for name, error in metrics["absolute_error"].items():
            table.add_row(NAMES[name], value_text(name, error))
        return table
    if len(metrics["per_class"]) > MOST_CLASSES:
        return None
    table.add_column(Message("class"))
    for name in ("precision", "recall", "f1", "support"):
        table.add_column(NAMES[name], justify="right")
    for label, values in metrics["per_class"].items():
        shown = [value_text(name, values[name]) for name in ("precision", "recall", "f1")]
        table.add_row(label, *shown, str(values["support"]))
    return table


def threshold_table(metrics: "Metrics", label: str) -> Table:
    """Show the metrics of the second of two classes by threshold."""
    table = Table(title=Message("By threshold of the probability of {label}", label=label))
    table.title_justify = "left"
    table.add_column(Message("probability"), justify="right")
    table.add_column(Message("share of rows"), justify="right")
    for name in ("precision", "recall", "f1"):
        table.add_column(NAMES[name], justify="right")
    for line in metrics["by_threshold"]:
        shown = [value_text(name, line[name]) for name in ("share", "precision", "recall", "f1")]
        table.add_row(f"{line['threshold']:g}", *shown)
    return table
