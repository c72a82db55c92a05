"""The leaderboard: the candidates that were tried, their out-of-fold loss and their cost."""

from typing import Any

from rich.table import Table

from jubako.i18n.messages import Message

from .localization import localization

MOST = 12  # lines shown
SETTINGS = {
    "quantile-transformed": Message("quantile-transformed"),
    "standardized": Message("standardized"),
    "PBLD": Message("PBLD"),
    "residual": Message("residual"),
    "dropout": Message("dropout"),
    "weight decay": Message("weight decay"),
    "label smoothing": Message("label smoothing"),
    "learning rate x": Message("learning rate x"),
}
"""From a setting, as `Candidate.describe` names it, to its text."""


def leaderboard(model: Any) -> Table:
    """Draw the leaderboard of a Tabular estimator, the best candidate first.

    The losses are out-of-fold; the best epoch and the weights are chosen on the same rows, so they
    are optimistic. The scores on the test set are not.
    """
    board = sorted(model.model_.log.leaderboard, key=lambda line: line["oof_loss"])
    table = plain_table()
    table.add_column(Message("candidate"))
    table.add_column(Message("configuration"))
    losses, weights = Message("OOF\nloss"), Message("weight")
    for head in (losses, weights, Message("best\nepoch"), Message("seconds")):
        table.add_column(head, justify="right")
    for line in board[:MOST]:
        table.add_row(
            name_of(line["layers"], line["activation"]),
            configuration_text(line["configuration"]),
            f"{line['oof_loss']:.4f}",
            f"{line['weight']:.0%}" if line["weight"] else "",
            f"{line['best_epoch']}/{line['epochs']}",
            f"{line['seconds']:.1f}",
        )
    if len(board) > MOST:
        table.add_row(Message("... and {n} more", n=len(board) - MOST))
    if len(board) > 1:
        seconds = sum(line["seconds"] for line in board)
        label = Message("ensemble")
        table.add_row(label, "", f"{model.loss_:.4f}", "100%", "", f"{seconds:.1f}")
    return table


def by_depth(model: Any) -> Table:
    """Draw the lowest out-of-fold loss of each number of hidden layers, and its cost."""
    best = dict[int, dict[str, Any]]()
    for line in model.model_.log.leaderboard:
        depth = 0 if line["layers"] == "linear" else line["layers"].count("-") + 1
        if depth not in best or line["oof_loss"] < best[depth]["oof_loss"]:
            best[depth] = line
    depths = sorted(best)
    table = plain_table()
    table.add_column(Message("hidden layers"))
    for depth in depths:
        table.add_column(str(depth), justify="right")
    losses = (f"{best[depth]['oof_loss']:.4f}" for depth in depths)
    table.add_row(Message("lowest OOF loss"), *losses)
    table.add_row(Message("seconds"), *(f"{best[depth]['seconds']:.1f}" for depth in depths))
    return table


def plain_table() -> Table:
    """Return a table without lines."""
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")


def configuration_text(configuration: str) -> str:
    """Return the configuration of a candidate in the language of the command."""
    texts = list[str]()
    for setting in configuration.split(", "):
        name, space, value = setting.rpartition(" ")
        name, end = (name, space + value) if name in SETTINGS else (setting, "")
        texts.append(localization.text(SETTINGS.get(name, name)) + end)
    return ", ".join(texts)


def name_of(layers: str, activation: str) -> str:
    """Return the name of a candidate: "3 x 128 relu" for the layers "128-128-128"."""
    if layers == "linear":
        return Message("linear")
    sizes = layers.split("-")
    if len(sizes) > 1 and len(set(sizes)) == 1:
        layers = f"{len(sizes)} x {sizes[0]}"
    return f"{layers} {activation}"
