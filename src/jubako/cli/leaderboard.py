"""The leaderboard: the candidates that were tried, their out-of-fold loss and their cost."""

from typing import Any

from rich.table import Table

from jubako.i18n.messages import Message
from jubako.model.leaderboard import best_by_depth, name_of, settings_of

from .localization import localization

MOST = 12  # lines shown


def leaderboard(model: Any) -> Table:
    """Draw the leaderboard of a Tabular estimator, the best candidate first.

    The losses are out-of-fold; the best epoch and the weights are chosen on the same rows, so they
    are optimistic. The scores on the test set are not. Of a student they are what it adds to the
    loss of its teacher.
    """
    log = model.model_.log
    board = sorted(log.leaderboard, key=lambda line: line["oof_loss"])
    table = plain_table()
    table.add_column(Message("candidate"))
    table.add_column(Message("configuration"))
    losses = Message("added\nloss") if log.distilled else Message("OOF\nloss")
    weights = Message("weight")
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
    if len(board) > 1 and not log.distilled:
        seconds = sum(line["seconds"] for line in board)
        label = Message("ensemble")
        table.add_row(label, "", f"{model.loss_:.4f}", "100%", "", f"{seconds:.1f}")
    return table


def by_depth(model: Any) -> Table:
    """Draw the lowest out-of-fold loss of each number of hidden layers, and its cost."""
    best = best_by_depth(model.model_.log.leaderboard)
    table = plain_table()
    table.add_column(Message("hidden layers"))
    for depth in best:
        table.add_column(str(depth), justify="right")
    losses = (f"{line['oof_loss']:.4f}" for line in best.values())
    table.add_row(Message("lowest OOF loss"), *losses)
    table.add_row(Message("seconds"), *(f"{line['seconds']:.1f}" for line in best.values()))
    return table


def plain_table() -> Table:
    """Return a table without lines."""
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")


def configuration_text(configuration: str) -> str:
    """Return the configuration of a candidate in the language of the command."""
    texts = [localization.text(name) + end for name, end in settings_of(configuration)]
    return ", ".join(texts)


def time_text(seconds: float) -> Message:
    """Return a duration below a second in milliseconds."""
    return Message("{ms:.3g} ms", ms=1000 * seconds)
